"""The nats of what a network is to beat: the frequencies of values, a back-off n-gram, the last event again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import Bundle
from symgen.dataset.pieces import Split
from symgen.evaluation.likelihood.likelihood import Scored
from symgen.models.ngram.kneser_ney import NGram

MOST_TOPS = 300_000  # events of which an n-gram tells its first choice, spread over the half

Floats = npt.NDArray[np.float64]


def unigram(train: Split, half: Split) -> Scored:
    """Score the frequencies of values in `train`, one added to each."""
    out = Scored.empty(half)
    for k, shares in enumerate(frequencies(train)):
        values = half.values[:, k]
        out.nats[:, k] = -np.log(shares)[values]
        out.top[:, k] = shares.max()
        out.hits[:, k] = values == shares.argmax()
    return out


def frequencies(train: Split) -> list[Floats]:
    """Return for each field the share of each value in `train`, one added to each count."""
    counts = [
        np.bincount(train.values[:, k], minlength=f.size) + 1.0
        for k, f in enumerate(train.encoding.fields)
    ]
    return [c / c.sum() for c in counts]


def repeat(train: Split, half: Split) -> Scored:
    """Score the last event again: its value gets the share of repeats in `train`, all others the rest, by their frequencies.

    The first event of a piece, which nothing is before, is the unigram's.
    """
    out = unigram(train, half)
    for k, shares in enumerate(frequencies(train)):
        again, known = _again(train, k)
        share = (again[known].sum() + 1) / (known.sum() + 2)
        again, known = _again(half, k)
        values = half.values[:, k].astype(np.int64)
        last = np.roll(values, 1)
        order = np.argsort(-shares, kind="stable")
        other = np.where(
            last == order[0], order[min(1, len(order) - 1)], order[0]
        )  # the likeliest but the last
        left = (1 - share) / np.maximum(1 - shares[last], 1e-300)
        out.nats[known, k] = -np.log(np.where(again, share, left * shares[values]))[known]
        best = np.where(other == last, 0, left * shares[other])
        out.top[known, k] = np.maximum(share, best)[known]
        out.hits[known, k] = np.where(share >= best, again, values == other)[known]
    return out


def _again(half: Split, field: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return bool `[events]` twice: whether a value is the one before it, and whether there is one."""
    values = half.values[:, field]
    known = np.ones(len(values), bool)
    known[(half.ends - half.lengths)[half.lengths > 0]] = False
    return (values == np.roll(values, 1)) & known, known


def counted(train: Split, half: Split, order: int) -> tuple[Scored, list[float]]:
    """Count an n-gram in `train` and score it; return the nats per event of each order up to it too."""
    model = NGram.fit(
        train.values,
        train.lengths,
        tuple(f.size for f in train.encoding.fields),
        order,
        singles=False,
    )
    ladder = (
        [-float(np.log(p).sum(axis=1).mean()) for p in model.ladder(half.values, half.lengths)]
        if half.total
        else []
    )
    return scored(model, half), ladder


def ngram(bundle: Bundle, half: Split) -> Scored:
    """Score the n-gram that `bundle` holds."""
    return scored(bundle.tables(), half)


def scored(model: NGram, half: Split) -> Scored:
    """Score an n-gram; of many events the first choice is found for some alone."""
    out = Scored.empty(half)
    out.nats[:] = -np.log(model.probabilities(half.values, half.lengths))
    rows = np.unique(np.linspace(0, half.total - 1, min(half.total, MOST_TOPS)).astype(np.int64))
    for k, (best, given) in enumerate(model.first_choices(half.values, half.lengths, rows)):
        out.top[rows, k], out.hits[rows, k] = given, best == half.values[rows, k]
    return out
