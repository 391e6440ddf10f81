"""How a value is chosen from scores: temperature, top-k and top-p.

Scores are float32 `[batch, size]`: natural logarithms up to a constant for each row, and -inf for a
value that is barred. Every operation works along a row, so that what one stream draws does not
depend on the streams beside it.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from symgen.checks import number, whole
from symgen.errors import BadOption
from symgen.types import Floats, Floats32, Ints

LEAST = np.float32(-3e38)  # a finite number below all scores


@dataclasses.dataclass(frozen=True)
class SamplingParams:
    """How boldly to choose: temperature, and among the likeliest `top_k` or `top_p` of values.

    Temperature 0 takes the likeliest value, and so does top-k 1. `top_k` 0 and `top_p` 1 leave
    nothing out.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        number("temperature", self.temperature, 0, 100)
        whole("top-k", self.top_k, 0, 1_000_000)
        if number("top-p", self.top_p, 0, 1) == 0:
            raise BadOption("top-p 0: expected a number above 0, up to 1, which leaves nothing out")

    @property
    def greedy(self) -> bool:
        """Whether the likeliest value is taken, with nothing drawn."""
        return self.temperature < 1e-6 or self.top_k == 1

    def temper(self, logits: Floats32, out: Floats32) -> None:
        """Write `logits`, divided by the temperature unless `greedy`, to `out`."""
        np.multiply(logits, 1 if self.greedy else 1 / self.temperature, out=out)

    def truncate(self, scores: Floats32) -> None:
        """Set to -inf all but the likeliest `top_k`, and of these but those that hold `top_p`."""
        if 0 < self.top_k < scores.shape[1]:
            least = -np.partition(-scores, self.top_k - 1, axis=1)[:, self.top_k - 1]
            scores[scores < least[:, None]] = -np.inf
        if self.top_p < 1:
            top = np.maximum.reduce(scores, axis=1, keepdims=True)
            weights = scores - np.maximum(top, LEAST)
            scores.put(beyond_share(np.exp(weights, out=weights), self.top_p), -np.inf)

    def pick(
        self,
        scores: Floats32,
        uniforms: Floats,
        top: Floats32 | None = None,
        rising: Floats | None = None,
    ) -> Ints:
        """Return int64 `[batch]`, one value per row for `uniforms` `[batch]` in [0, 1).

        `scores` are overwritten; no row may be all -inf. `top` `[batch]` is the largest of each
        row, where it is known, and `rising` `[batch, size]` is scratch space.
        """
        if self.greedy:
            return np.asarray(scores.argmax(axis=1), np.int64)
        scores -= (np.maximum.reduce(scores, axis=1) if top is None else top)[:, None]
        weights = np.exp(scores, out=scores)
        rising = np.add.accumulate(weights, axis=1, dtype=np.float64, out=rising)
        picked: Ints = (rising > (rising[:, -1] * uniforms)[:, None]).argmax(axis=1)
        return picked


def beyond_share(weights: Floats32, share: float) -> Ints:
    """Return the places, as of one flat array, of weights that `share` of each row leaves out.

    These are all but the fewest largest weights that hold `share` of the sum of their row. The
    largest always stays.
    """
    rows, size = weights.shape
    order = (-weights).argsort(axis=1, kind="stable")
    if rows > 1:
        order += np.arange(0, rows * size, size)[:, None]  # places in the flat array
    falling = weights.take(order).astype(np.float64)
    before = np.add.accumulate(falling, axis=1)
    before -= falling
    out = before >= share * np.add.reduce(falling, axis=1, keepdims=True)
    return np.asarray(order[out], np.int64)
