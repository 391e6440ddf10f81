"""Weights as whole numbers from -127 to 127: a quarter of the size, and products several times as fast.

What a recurrent layer or a head multiplies is the output of a layer, from -1 to 1: it becomes round(127 x) + 128, in a byte.
As that is the same for every value whatever stands beside it, a stream does not depend on its neighbours, as it would
if the scale followed the largest value of the batch. A column of weights has a scale of its own. It is such that the
positive weights of any two neighbouring rows add up to 128 at most, and so do the negative ones: processors without
instructions for such products add them in pairs in 16 bits, where 255 x 128 still fits. So the sums are exact, and the
same, everywhere.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

STEPS = 127  # x becomes round(STEPS x) + ZERO
ZERO = 128
MOST = 127  # a weight
PAIR = 128  # two neighbouring weights of one sign


def columns(
    kernel: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return whole numbers `[n, m]` for `kernel` `[n, m]`, and by what each column of a product with them is to be multiplied."""
    rows = np.concatenate([kernel, np.zeros((len(kernel) % 2, kernel.shape[1]), np.float32)])
    pairs = [
        np.maximum(sign * rows, 0).reshape(-1, 2, rows.shape[1]).sum(axis=1).max(axis=0)
        for sign in (1, -1)
    ]
    scale = np.maximum(
        np.maximum(*pairs) / (PAIR - 1), np.abs(kernel).max(axis=0) / MOST
    )  # rounding may add one to a pair
    scale = np.maximum(scale, np.finfo(np.float32).tiny * STEPS).astype(np.float32)
    return np.round(kernel / scale).astype(np.int8), scale / np.float32(STEPS)
