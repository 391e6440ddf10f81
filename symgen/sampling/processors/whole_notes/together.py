"""Two notes begin together, or apart: a choice of its own, at any temperature and top-p.

In the field that completes a shift one value, 0, means "together with the last note", and a
hundred others share the chance of "apart". Below temperature 1 the one value would win over the
many, and with top-p it would gain what is left out of the many. Music would then come in ever
thicker chords.
"""

from __future__ import annotations

import numpy as np

from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Processor, Setup
from symgen.sampling.request.params import SamplingParams, beyond_share
from symgen.types import Floats32


class TogetherProcessor(Processor):
    """Applies the temperature to "together" and "apart" before it does so among the others."""

    def __init__(self, view: View, params: SamplingParams) -> None:
        super().__init__(view)
        self._params = params

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one where events are whole notes and the temperature changes scores."""
        params = setup.request.params
        changed = params.temperature != 1 or params.greedy
        return cls(setup.view, params) if setup.view.whole_notes and changed else None

    def acts(self, field: int) -> bool:
        """Return whether `field` completes the shift."""
        return field == self.view.onset_field

    def apply(self, field: int, scores: Floats32) -> None:
        """Change the score of "together" in `scores`, which are divided by the temperature."""
        rows = slice(None) if self.view.all_live else self.view.live
        apart = np.logaddexp.reduce(self.view.logits[:, 1:], axis=1)
        rest = scores[rows, 1:]
        if self._params.greedy:  # the likeliest value is taken
            scores[rows, 0] += rest.max(axis=1) - apart
        else:
            more = np.logaddexp.reduce(rest, axis=1) - apart / self._params.temperature
            scores[rows, 0] += more


def narrow_apart(scores: Floats32, share: float) -> None:
    """Leave the likeliest values other than 0 that hold `share` of those, in `scores`, in place.

    They gain what the others lose, so that the value 0 keeps its chance.
    """
    rest = scores[:, 1:]
    top = np.maximum.reduce(rest, axis=1, keepdims=True)
    known = top > -np.inf
    weights = np.exp(rest - np.where(known, top, 0))
    mass = weights.sum(axis=1, keepdims=True)
    weights.put(beyond_share(weights, share), 0)
    left = weights.sum(axis=1, keepdims=True)
    ratio = np.where(known, mass, 1) / np.where(known, left, 1)
    gain = np.log(ratio).astype(np.float32)
    scores[:, 1:] = np.where(weights > 0, rest + gain, -np.inf)
