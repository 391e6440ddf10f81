"""Groups of values of a field, and moving chances within one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.sampling.request.params import Floats

MOST_GAIN = 6.0  # nats that what is left of a group may gain where there is next to nothing in it


def within(
    scores: Floats, group: Any, factors: Floats, biases: Floats, most: float = MOST_GAIN
) -> None:
    """Multiply the chances of the values `group` by `factors` `[batch, n]` (`biases` are their logarithms), in place.

    The group as a whole stays as likely as it was, but that no value gains more than `most` nats.
    """
    values = scores[:, group]
    weights = values - np.maximum.reduce(
        values, axis=1, keepdims=True, initial=-1e30
    )  # of which 0 is the largest, where any is legal
    np.exp(weights, out=weights)
    whole = np.add.reduce(weights, axis=1, keepdims=True, initial=1e-30)
    weights *= factors
    gain = np.log(whole / np.add.reduce(weights, axis=1, keepdims=True, initial=1e-30))
    values += biases
    values += np.minimum(gain, most)
    if not isinstance(group, slice):
        scores[:, group] = values


def span(mask: npt.NDArray[np.bool_]) -> slice | npt.NDArray[np.int64]:
    """Return where `mask` is true, as a slice where that is one stretch: a slice is a view, an index a copy."""
    where = np.flatnonzero(mask)
    if len(where) and where[-1] - where[0] + 1 == len(where):
        return slice(int(where[0]), int(where[-1]) + 1)
    return where
