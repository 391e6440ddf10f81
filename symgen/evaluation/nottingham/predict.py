"""The contract of a model that is scored: the distributions of every step, given all before it.

A step has two fields, in the order in which they are drawn. The second may depend on the first. So
its distribution is requested for weights over the values of the first: a single value (the second
given the first), or the model's own distribution of the first (the second of a drawn step).
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from symgen.types import Array, Floats, Ints

Later = Callable[[Floats], Floats]

# Values of the first field below this probability are left out of sums; the others are rescaled.
LEAST = 1e-7


class Chunk(NamedTuple):
    """The distributions of some steps.

    `later` takes weights `[n, j, size of the first field]` that sum to one.
    """

    rows: Ints  # [n] which steps, counted through all tunes
    first: Floats  # [n, size] of the first field
    later: Later  # -> [n, j, size] of the second field, for j kinds of weights over the first


class Predictor(abc.ABC):
    """A model that can be scored."""

    @abc.abstractmethod
    def chunks(self) -> Iterator[Chunk]:
        """Yield the distributions of every step of the tunes once, in any order."""


def blend(weights: Floats, answer: Callable[[Ints, Ints], Floats]) -> Floats:
    """Return `[n, j, size]`: the distributions of the second field, summed with `weights`.

    `weights` is `[n, j, values of the first field]`. `answer(rows, values)` is `[pairs, size]`: the
    distribution of the second field in each row given that value. It is called only for values
    with a weight of at least LEAST.
    """
    rows, values = np.nonzero(weights.max(axis=1) >= LEAST)
    used = weights[rows, :, values]  # [pairs, j]
    starts = np.searchsorted(rows, np.arange(len(weights)))
    total = np.add.reduceat(used, starts, axis=0)  # [n, j]
    given = answer(rows, values)
    summed = [
        np.add.reduceat(used[:, k, None] * given, starts, axis=0) / total[:, k, None]
        for k in range(weights.shape[1])
    ]
    return np.stack(summed, axis=1)


def softmax(logits: Array) -> Floats:
    """Return the distributions of logits `[..., size]`, in double precision."""
    made: Floats = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    made /= made.sum(axis=-1, keepdims=True)
    return made
