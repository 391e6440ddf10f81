"""How many pitches sound at once."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class Polyphony(Metric):
    """The mean number of different pitches that sound at once, over the time (in quarter notes) in which any sounds.

    Unit: pitches. Source: polyphony of MusPy (Dong et al., ISMIR 2020).
    """

    name, unit = "polyphony", "pitches"

    def value(self, view: View) -> float:
        """Measure it; NaN where no note lasts."""
        lasts, pitches = view.pitches_at_once
        sounds = lasts[pitches > 0].sum()
        return float((lasts * pitches).sum() / sounds) if sounds else np.nan
