"""Checks of values that a caller gives: a number, a whole number, each within limits."""

from __future__ import annotations

import math

import numpy as np

from symgen.errors import BadOption


def number(name: str, value: object, low: float, high: float) -> float:
    """Return `value` where it is a number from `low` to `high`; BadOption says what it is and what it may be."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | np.number)
        or not math.isfinite(value)
        or not low <= value <= high
    ):
        raise BadOption(f"{name} {value!r}: expected a number from {low:g} to {high:g}")
    return float(value)


def whole(name: str, value: object, low: int, high: int) -> int:
    """Return `value` where it is a whole number from `low` to `high`; BadOption says what it is and what it may be."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | np.integer)
        or not low <= value <= high
    ):
        raise BadOption(f"{name} {value!r}: expected a whole number from {low} to {high}")
    return int(value)
