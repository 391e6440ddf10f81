"""The baselines of a network: value frequencies, a back-off n-gram, repeating the last event."""

from __future__ import annotations

import numpy as np

from symgen.bundle.bundle import Bundle
from symgen.dataset.pieces import Split
from symgen.evaluation.likelihood.likelihood import Scored
from symgen.models.ngram.kneser_ney import NGram
from symgen.types import Bools, Floats

MAX_TOPS = 300_000  # events whose first choice is found, spread evenly over the split


def unigram(train: Split, half: Split) -> Scored:
    """Score the frequencies of values in `train`, with one added to each count."""
    out = Scored.empty(half)
    for k, shares in enumerate(frequencies(train)):
        values = half.values[:, k]
        out.nats[:, k] = -np.log(shares)[values]
        out.top[:, k] = shares.max()
        out.hits[:, k] = values == shares.argmax()
    return out


def frequencies(train: Split) -> list[Floats]:
    """Return the share of each value of each field in `train`, with one added to each count."""
    counts = [
        np.bincount(train.values[:, k], minlength=f.size) + 1.0
        for k, f in enumerate(train.encoding.fields)
    ]
    return [c / c.sum() for c in counts]


def repeat(train: Split, half: Split) -> Scored:
    """Score repeating the last event.

    The value of the last event has the share of repeats in `train` as its probability. All other
    values divide the rest by their frequencies. The first event of a piece is scored as by
    `unigram`.
    """
    out = unigram(train, half)
    for k, shares in enumerate(frequencies(train)):
        again, known = _again(train, k)
        share = (again[known].sum() + 1) / (known.sum() + 2)
        again, known = _again(half, k)
        values = half.values[:, k].astype(np.int64)
        last = np.roll(values, 1)
        order = np.argsort(-shares, kind="stable")
        second = order[min(1, len(order) - 1)]
        other = np.where(last == order[0], second, order[0])  # the most likely except the last
        left = (1 - share) / np.maximum(1 - shares[last], 1e-300)
        out.nats[known, k] = -np.log(np.where(again, share, left * shares[values]))[known]
        best = np.where(other == last, 0, left * shares[other])
        out.top[known, k] = np.maximum(share, best)[known]
        out.hits[known, k] = np.where(share >= best, again, values == other)[known]
    return out


def _again(half: Split, field: int) -> tuple[Bools, Bools]:
    """Return bool `[events]` twice: whether a value repeats the one before, and whether one is."""
    values = half.values[:, field]
    known = np.ones(len(values), bool)
    known[(half.ends - half.lengths)[half.lengths > 0]] = False
    return (values == np.roll(values, 1)) & known, known


def counted(train: Split, half: Split, order: int) -> tuple[Scored, list[float]]:
    """Count an n-gram in `train` and score it; also return the nats per event of each order."""
    model = NGram.fit(
        train.values,
        train.lengths,
        tuple(f.size for f in train.encoding.fields),
        order,
        singles=False,
    )
    if not half.total:
        return scored(model, half), []
    orders = model.ladder(half.values, half.lengths)
    return scored(model, half), [-float(np.log(p).sum(axis=1).mean()) for p in orders]


def ngram(bundle: Bundle, half: Split) -> Scored:
    """Score the n-gram of `bundle`."""
    return scored(bundle.tables(), half)


def scored(model: NGram, half: Split) -> Scored:
    """Score an n-gram; if there are many events, first choices are found only for some."""
    out = Scored.empty(half)
    out.nats[:] = -np.log(model.probabilities(half.values, half.lengths))
    rows = np.unique(np.linspace(0, half.total - 1, min(half.total, MAX_TOPS)).astype(np.int64))
    for k, (best, given) in enumerate(model.first_choices(half.values, half.lengths, rows)):
        out.top[rows, k], out.hits[rows, k] = given, best == half.values[rows, k]
    return out
