"""How a value is chosen from logits by a number from [0, 1)."""

from __future__ import annotations

import numpy as np

from symgen.runtime.base import Floats
from symgen.types import Array


class Choice:
    """The value at which the cumulated probabilities pass the number; at temperature 0 the best."""

    def __init__(self, temperature: float = 1.0) -> None:
        self.temperature = temperature

    def __call__(self, logits: Floats, chances: Array) -> Array:
        """Return int `[batch]` for logits `[batch, size]` and chances `[batch]`."""
        if self.temperature == 0:
            return np.asarray(logits.argmax(axis=1))
        scores = np.exp((logits - logits.max(axis=1, keepdims=True)) / self.temperature)
        upto = np.cumsum(scores, axis=1, dtype=np.float64)
        below = upto <= (chances * upto[:, -1])[:, None]
        return np.asarray(np.minimum(below.sum(axis=1), logits.shape[1] - 1))
