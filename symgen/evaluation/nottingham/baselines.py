"""The baselines of a model: repeating the last step, value frequencies, a back-off n-gram."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from symgen.evaluation.nottingham.forms import Tunes
from symgen.evaluation.nottingham.predict import Chunk, Later, Predictor, blend
from symgen.evaluation.nottingham.score import Scores
from symgen.models.ngram.kneser_ney import NGram
from symgen.types import Floats, Ints

STEPS = 2048  # per chunk
# The orders that are tried; with order 2 n + 1, n whole steps are before a melody value.
ORDERS = (1, 3, 5, 7, 9, 13, 17, 21, 25, 33, 41)
HELD_OUT = 10  # a tenth of the groups of the training split


@dataclasses.dataclass(frozen=True)
class NgramPredictor(Predictor):
    """An n-gram over the stream melody, chord, melody, chord, ... of `tunes`."""

    model: NGram
    tunes: Tunes

    def chunks(self) -> Iterator[Chunk]:
        """Yield the distributions of every step in order."""
        melody, chord = (
            self.model.histories(self.tunes.values, self.tunes.lengths, field) for field in (0, 1)
        )
        for start in range(0, len(melody), STEPS):
            rows = np.arange(start, min(start + STEPS, len(melody)))
            yield Chunk(rows, self.model.distributions(0, melody[rows]), self._later(chord[rows]))

    def _later(self, histories: Ints) -> Later:
        def answer(rows: Ints, values: Ints) -> Floats:
            history = histories[rows]
            # The melody of the same step is the most recent token; order 1 has none.
            history[:, :1] = self.model.token(0) + values[:, None]
            return self.model.distributions(1, history)

        return lambda weights: blend(weights, answer)


def choose_order(train: Tunes, seed: int = 0) -> tuple[int, dict[int, float]]:
    """Return the best order, and the nats per step of all orders.

    They are counted on nine tenths of the training tunes and scored on the rest. Tunes of one
    group, such as variants, stay together.
    """
    groups, member = np.unique(train.groups, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(groups))
    held = np.isin(member, shuffled[: max(len(groups) // HELD_OUT, 1)])
    rest = train.part(np.flatnonzero(~held))
    scored = train.part(np.flatnonzero(held))
    longest = NGram.fit(rest.values, rest.lengths, rest.sizes, ORDERS[-1])
    nats = {}
    for order in ORDERS:
        each = longest.shorter(order).probabilities(scored.values, scored.lengths)
        nats[order] = float(-np.log(each).sum(1).mean())
    return min(nats, key=lambda n: nats[n]), nats


def repeat(train: Tunes, truth: Tunes) -> Scores:
    """Score repeating the last step, with silence and no chord (value 0) before the first.

    In the form "onsets", a repeated note is held. This baseline is either right or wrong, so its
    nats are undefined. The nats here are of a smoothed version: the repeated value gets the share
    of steps in which it is right in training, and all others divide the rest equally.
    """
    right = _repeated(train) == train.values
    hits = _repeated(truth) == truth.values
    share = (right.sum(0) + 1) / (len(right) + 2)
    others = np.maximum(np.array(truth.sizes) - 1, 1)
    nats = -np.log(np.where(hits, share, (1 - share) / others))
    columns = [0, 1, 1]
    return Scores(truth, hits[:, columns] * 1.0, hits[:, columns] * 1.0, nats[:, columns])


def _repeated(tunes: Tunes) -> Ints:
    """Return `[steps, 2]`: the repeated value of each step."""
    out = np.roll(tunes.values, 1, axis=0)
    out[tunes.starts[tunes.lengths > 0]] = 0
    if tunes.holds.any():
        out[tunes.begins[out[:, 0]], 0] = np.flatnonzero(tunes.holds)[0]
    return out


def counted(train: Tunes, truth: Tunes, order: int) -> NgramPredictor:
    """Return the n-gram of `order`, counted on `train`, for scoring `truth`; order 1: unigram."""
    return NgramPredictor(NGram.fit(train.values, train.lengths, train.sizes, order), truth)
