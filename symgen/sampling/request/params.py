"""How a value is chosen from scores: temperature, top-k and top-p.

Scores are float32 `[batch, size]`, natural logarithms up to a constant a row, -inf where a value is barred. Every
operation is along a row, so that what one stream draws does not depend on the streams beside it.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from symgen.checks import number, whole
from symgen.errors import BadOption

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class SamplingParams:
    """How boldly to choose: temperature (0 takes the likeliest), the top_k likeliest (0 for all), the top_p share of them."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        number("temperature", self.temperature, 0, 100)
        whole("top-k", self.top_k, 0, 1_000_000)
        if number("top-p", self.top_p, 0, 1) == 0:
            raise BadOption("top-p 0: expected a number above 0, to 1; 1 leaves nothing out")

    def temper(self, logits: Floats, out: Floats) -> None:
        """Write the scores of a model's logits to `out`: divided by the temperature, left as they are where it is 0."""
        np.multiply(logits, 1 / self.temperature if self.temperature >= 1e-6 else 1, out=out)

    def pick(
        self,
        scores: Floats,
        uniforms: npt.NDArray[np.float64],
        top: Floats | None = None,
        rising: npt.NDArray[np.float64] | None = None,
    ) -> Ints:
        """Return int64 `[batch]`, one value a row for uniforms in [0, 1); `scores` are used up. No row may be all -inf.

        `top` `[batch]` is the largest of each row, where it is known, and `rising` `[batch, size]` room to work in.
        """
        if self.temperature < 1e-6:
            return np.asarray(scores.argmax(axis=1), np.int64)
        if 0 < self.top_k < scores.shape[1]:
            least = -np.partition(-scores, self.top_k - 1, axis=1)[:, self.top_k - 1]
            scores[scores < least[:, None]] = -np.inf
        scores -= (np.maximum.reduce(scores, axis=1) if top is None else top)[:, None]
        weights = np.exp(scores, out=scores)
        if self.top_p < 1:
            keep_share(weights, self.top_p)
        rising = np.add.accumulate(weights, axis=1, dtype=np.float64, out=rising)
        picked: Ints = (rising > (rising[:, -1] * uniforms)[:, None]).argmax(axis=1)
        return picked


def keep_share(weights: Floats, share: float) -> None:
    """Set to 0 all but the fewest largest weights of each row that hold `share` of its sum; the largest always stays."""
    rows, size = weights.shape
    order = (-weights).argsort(axis=1, kind="stable")
    if rows > 1:
        order += np.arange(0, rows * size, size)[:, None]  # places of all rows one after another
    falling = weights.take(order).astype(np.float64)
    before = np.add.accumulate(falling, axis=1)
    before -= falling
    out = before >= share * np.add.reduce(falling, axis=1, keepdims=True)
    weights.put(order[out], 0)
