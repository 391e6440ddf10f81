"""The state that a model carries from one step to the next: its names, shapes and types.

A model declares each array of its state as a `StateSpec`. A step graph takes the array `n` as its
input `state.n` and returns the new one as its output `next.n`. The first axis of both is the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

BEFORE, AFTER = "state.", "next."  # prefixes of the inputs and outputs of a step graph


class StateSpec(NamedTuple):
    """One array of a model's state. Every stream begins with zeros."""

    name: str
    shape: tuple[int | None, ...]  # of one stream; None is an axis that is empty at first and grows
    dtype: str = "float32"

    @property
    def before(self) -> str:
        """The name of the input that takes it."""
        return BEFORE + self.name

    @property
    def after(self) -> str:
        """The name of the output that returns it after the step."""
        return AFTER + self.name

    @property
    def grows(self) -> bool:
        """Whether it gets larger with each step, as a cache of keys and values does."""
        return None in self.shape

    def zeros(self, batch: int) -> npt.NDArray[Any]:
        """Return the array that `batch` streams begin with."""
        return np.zeros((batch, *(size or 0 for size in self.shape)), self.dtype)


def numbered(units: Sequence[int]) -> tuple[StateSpec, ...]:
    """Return a spec `(units,)` for each of `units`, named 0, 1, ... in order."""
    return tuple(StateSpec(str(i), (size,)) for i, size in enumerate(units))


def zeros(specs: Sequence[StateSpec], batch: int) -> list[npt.NDArray[Any]]:
    """Return the state that `batch` streams begin with, in the order of `specs`."""
    return [spec.zeros(batch) for spec in specs]
