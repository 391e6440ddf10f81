"""Small functions on NumPy arrays that several rooms need."""

from __future__ import annotations

import numpy as np

from symgen.types import Array, Bools


def heads(values: Array) -> Bools:
    """Return bool `[n]`: whether each value differs from the one before; the first does."""
    out = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=out[1:])
    return out


def distinct(values: Array) -> Array:
    """Return the values of `[n]` in ascending order, each once.

    It is np.unique, which imports numpy.ma at its first call: 13 ms of a command's start.
    """
    ordered = np.sort(values)
    return ordered[heads(ordered)]
