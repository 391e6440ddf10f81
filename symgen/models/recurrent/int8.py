"""int8 weights, from -127 to 127: a quarter of the size, and products several times as fast.

A recurrent layer or a head multiplies the output of a layer, from -1 to 1. That becomes
round(127 x) + 128, in a byte. The scale is fixed, so a stream does not depend on its neighbours, as
it would if the scale followed the largest value of the batch.

Each column of weights has its own scale. It is chosen so that the positive weights of any two
neighbouring rows add up to at most 128, and so do the negative ones. Processors without
instructions for such products add them in pairs in 16 bits, where 255 x 128 still fits. So the sums
are exact, and the same on every processor.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

STEPS = 127  # x becomes round(STEPS x) + ZERO
ZERO = 128
MAX_WEIGHT = 127
MAX_PAIR = 128  # the sum of two neighbouring weights of one sign


def columns(
    kernel: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return integers `[n, m]` for `kernel` `[n, m]`, and the scale of each column of a product."""
    padding = np.zeros((len(kernel) % 2, kernel.shape[1]), np.float32)
    rows = np.concatenate([kernel, padding])
    pairs = [
        np.maximum(sign * rows, 0).reshape(-1, 2, rows.shape[1]).sum(axis=1).max(axis=0)
        for sign in (1, -1)
    ]
    scale = np.maximum(
        np.maximum(*pairs) / (MAX_PAIR - 1), np.abs(kernel).max(axis=0) / MAX_WEIGHT
    )  # rounding may add one to a pair
    scale = np.maximum(scale, np.finfo(np.float32).tiny * STEPS).astype(np.float32)
    return np.round(kernel / scale).astype(np.int8), scale / np.float32(STEPS)
