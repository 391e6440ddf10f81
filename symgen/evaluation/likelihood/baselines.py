"""The nats of what a network is to beat: the frequencies of values, a back-off n-gram, the last event again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.dataset.dataset import Split
from symgen.models.ngram.kneser_ney import NGram
from symgen.runtime.ngram import scores
from symgen.runtime.passages import Scores

Floats = npt.NDArray[np.float64]


def unigram(train: Split, half: Split) -> Scores:
    """Score the frequencies of values in `train`, one added to each."""
    out = Scores.empty(*half.values.shape)
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


def repeat(train: Split, half: Split) -> Scores:
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


def counted(train: Split, half: Split, order: int) -> tuple[Scores, list[float]]:
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
    return scores(model, half.values, half.lengths), ladder
