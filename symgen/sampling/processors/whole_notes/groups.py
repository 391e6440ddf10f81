"""Groups of values of a field, and moving the weight within one."""

from __future__ import annotations

from typing import Any

import numpy as np

from symgen.types import Bools, Floats32, Ints

MOST_GAIN = 6.0  # nats that the rest of a group may gain where it has almost no weight


def within(
    scores: Floats32, group: Any, factors: Floats32, biases: Floats32, most: float = MOST_GAIN
) -> None:
    """Multiply the weights of the values `group` by `factors` `[batch, n]`, in place.

    `biases` are the logarithms of the factors. The group as a whole stays as likely as it was,
    except that no value gains more than `most` nats.
    """
    values = scores[:, group]
    # the largest weight is 1, where any value is legal
    weights = values - np.maximum.reduce(values, axis=1, keepdims=True, initial=-1e30)
    np.exp(weights, out=weights)
    whole = np.add.reduce(weights, axis=1, keepdims=True, initial=1e-30)
    weights *= factors
    gain = np.log(whole / np.add.reduce(weights, axis=1, keepdims=True, initial=1e-30))
    values += biases
    values += np.minimum(gain, most)
    if not isinstance(group, slice):
        scores[:, group] = values


def span(mask: Bools) -> slice | Ints:
    """Return where `mask` is true, as a slice where that is one stretch.

    A slice of an array is a view, an index makes a copy.
    """
    where = np.flatnonzero(mask)
    if len(where) and where[-1] - where[0] + 1 == len(where):
        return slice(int(where[0]), int(where[-1]) + 1)
    return where
