"""What is asked of a model that is scored: the distributions of every step of given tunes, told all that came before.

A step has two fields here, in the order in which they are drawn. The second may depend on the first, so it is asked for
under weights over the values of the first: one value alone (the second given the first), or the model's own distribution of
the first (the second as a step that is drawn will have it).
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Array = npt.NDArray[Any]
Later = Callable[[Floats], Floats]

LEAST = 1e-7  # a value of the first field less likely than this is left out of a sum over them, and the others made up for it


class Chunk(NamedTuple):
    """The distributions of some steps: `later` takes weights `[n, j, size of the first field]` that sum to one."""

    rows: Ints  # [n] which steps, counted through all tunes
    first: Floats  # [n, size] of the first field
    later: Later  # -> [n, j, size] of the second field, under j kinds of weights over the first


class Predictor(abc.ABC):
    """A model that can be scored."""

    @abc.abstractmethod
    def chunks(self) -> Iterator[Chunk]:
        """Yield the distributions of every step of the tunes once, in any order."""


def blend(weights: Floats, answer: Callable[[Ints, Ints], Floats]) -> Floats:
    """Return `[n, j, size]`: the sum over values of the first field of `weights` `[n, j, values]` times what is answered for them.

    `answer(rows, values)` gives `[pairs, size]`, the distribution of the second field in each row given that value; it is
    asked for those values alone that weigh at least LEAST.
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
