"""A fixed gain with a soft limit, for sound that cannot be normalised because it has no end.

The built-in player's piano music peaks between -20 and -5 dBFS, at -11 dBFS mostly; GAIN brings
that to -5 dBFS. Frames up to KNEE keep their shape; what exceeds it is bent so that it stays below
full scale. Each frame is changed for itself, so blocks fit together.
"""

from __future__ import annotations

import numpy as np

from symgen.rendering.base import Block

GAIN = 2.0
KNEE = 0.7


def soft(block: Block, gain: float = GAIN) -> Block:
    """Return `block` times `gain`, with every value between -1 and 1."""
    out = block * np.float32(gain)
    size = np.abs(out)
    loud = size > KNEE
    if loud.any():
        over = (size[loud] - np.float32(KNEE)) / np.float32(1 - KNEE)
        limited = np.float32(KNEE) + np.float32(1 - KNEE) * np.tanh(over)
        out[loud] = np.copysign(limited, out[loud])
    return out
