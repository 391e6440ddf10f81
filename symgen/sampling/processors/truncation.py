"""Top-k and top-p: only the likeliest values of a field may be drawn. The last processor."""

from __future__ import annotations

import dataclasses

from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Processor, Setup
from symgen.sampling.processors.whole_notes.together import narrow_apart
from symgen.sampling.request.params import SamplingParams
from symgen.types import Floats32


class TruncationProcessor(Processor):
    """Bars all but the `top_k` likeliest values, and then all but those that hold `top_p`."""

    def __init__(self, view: View, params: SamplingParams) -> None:
        super().__init__(view)
        self._params, self._apart = params, dataclasses.replace(params, top_p=1.0)

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one where values are left out, and the likeliest is not taken anyway."""
        params = setup.request.params
        cut = params.top_k > 0 or params.top_p < 1
        return cls(setup.view, params) if cut and not params.greedy else None

    def apply(self, field: int, scores: Floats32) -> None:
        """Bar the unlikely values in `scores` `[batch, size]`."""
        if field == self.view.onset_field and self._params.top_p < 1:
            narrow_apart(scores, self._params.top_p)
            self._apart.truncate(scores)
        else:
            self._params.truncate(scores)
