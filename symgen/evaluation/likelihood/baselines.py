"""The baselines of a network: value frequencies, a back-off n-gram, repeating the last event."""

from __future__ import annotations

import numpy as np

from symgen.dataset.pieces import Split
from symgen.models.ngram.kneser_ney import NGram
from symgen.runtime.ngram import scores
from symgen.runtime.passages import Scores
from symgen.types import Bools, Floats


def unigram(train: Split, split: Split) -> Scores:
    """Score the frequencies of values in `train`, with one added to each count."""
    out = Scores.empty(*split.values.shape)
    for k, shares in enumerate(frequencies(train)):
        values = split.values[:, k]
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


def repeat(train: Split, split: Split) -> Scores:
    """Score repeating the last event.

    The value of the last event has the share of repeats in `train` as its probability. All other
    values divide the rest by their frequencies. The first event of a piece is scored as by
    `unigram`.
    """
    out = unigram(train, split)
    for k, shares in enumerate(frequencies(train)):
        again, known = _again(train, k)
        share = (again[known].sum() + 1) / (known.sum() + 2)
        again, known = _again(split, k)
        values = split.values[:, k].astype(np.int64)
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


def _again(split: Split, field: int) -> tuple[Bools, Bools]:
    """Return bool `[events]` twice: whether a value repeats the one before, and whether one is."""
    values = split.values[:, field]
    known = np.ones(len(values), bool)
    known[(split.ends - split.lengths)[split.lengths > 0]] = False
    return (values == np.roll(values, 1)) & known, known


def counted(train: Split, split: Split, order: int) -> tuple[Scores, list[float]]:
    """Count an n-gram in `train` and score it; also return the nats per event of each order."""
    model = NGram.fit(
        train.values,
        train.lengths,
        tuple(f.size for f in train.encoding.fields),
        order,
        singles=False,
    )
    if not split.total:
        return scores(model, split.values, split.lengths), []
    orders = model.ladder(split.values, split.lengths)
    return scores(model, split.values, split.lengths), [
        -float(np.log(p).sum(axis=1).mean()) for p in orders
    ]
