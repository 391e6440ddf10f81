"""What counting alone gives for sound: the nats of three baselines on held-out tracks.

The unigram uses only frequencies. The n-gram of order 2 predicts a sample from the one before, and
the fine byte of linear16 from the coarse one; a rare context leans on the unigram. Repeating the
last sample gives it the share that it has in training, and the rest to the unigram.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.dataset.dataset import Dataset
from symgen.dataset.rows import Array, Rows

COUNTED = 40_000_000  # samples of the training split, about 1 s
SCORED = 2_000_000  # samples of the eval split
CHUNK = 1 << 22
LEAN = 8.0  # uses of a context that the unigram stands for
LITTLE = 0.01  # of the nats: a model that gains less is only as good
ORDER = 2


def baselines(dataset: Dataset) -> dict[str, Any]:
    """Return the nats per sample of the n-gram and of repeating, summed over the fields."""
    begin = time.monotonic()
    train = dataset.rows("train").share(COUNTED)
    held = dataset.rows("eval").share(SCORED)
    fields = dataset.codec.fields
    pairs = [_pairs(train, k, field.size) for k, field in enumerate(fields)]
    found = [_pairs(held, k, field.size) for k, field in enumerate(fields)]
    return {
        "ngram": float(f"{sum(map(_ngram, pairs, found)):.7g}"),
        "order": ORDER,
        "repeat": float(f"{sum(map(_repeat, pairs, found)):.7g}"),
        "events": train.total,
        "seconds": round(time.monotonic() - begin, 1),
    }


def _pairs(rows: Rows, field: int, size: int) -> npt.NDArray[np.float64]:
    """Return how often each value of a field follows its context, `[context, value]`.

    The context of the first field is its value in the sample before, that of a later field the
    value of the field before it.
    """
    total = np.zeros(size * size, np.int64)
    for before, after in _contexts(rows, field):
        total += np.bincount(before.astype(np.int64) * size + after, minlength=size * size)
    return total.reshape(size, size).astype(np.float64)


def _contexts(rows: Rows, field: int) -> Iterator[tuple[Array, Array]]:
    for i in range(len(rows)):
        part = rows.part(i)
        for start in range(0, len(part), CHUNK):
            block = part[max(start - 1, 0) : start + CHUNK]
            yield (
                (block[:-1, 0], block[1:, 0])
                if not field
                else (block[1:, field - 1], block[1:, field])
            )


def _ngram(train: Array, held: Array) -> float:
    unigram = (train.sum(0) + 1) / (train.sum() + len(train))
    rows = (train + LEAN * unigram) / (train.sum(1, keepdims=True) + LEAN)
    return float(-(held * np.log(rows)).sum() / held.sum())


def _repeat(train: Array, held: Array) -> float:
    """Return the nats of giving the context itself its share, and the rest to the unigram."""
    unigram = (train.sum(0) + 1) / (train.sum() + len(train))
    share = (np.trace(train) + 1) / (train.sum() + 2)
    rows = (1 - share) * np.tile(unigram, (len(train), 1)) + share * np.eye(len(train))
    return float(-(held * np.log(rows)).sum() / held.sum())


def verdict(nats: float, baselines: Mapping[str, Any]) -> str:
    """Return a line with the bits of the model and of the baselines, and which is better."""
    named = {
        "the frequencies of values alone": baselines["unigram"],
        "an n-gram of order 2": baselines["ngram"],
        "repeating the last sample": baselines["repeat"],
    }
    each = ", ".join(f"{name} {bits(value):.3f}" for name, value in named.items())
    line = f"{bits(nats):.3f} bits per sample; {each}"
    if nats > (1 - LITTLE) * min(named.values()):
        return f"{line}: the model is no better than counting yet; train longer"
    return line


def bits(nats: float) -> float:
    """Return nats as bits."""
    return nats / math.log(2)
