"""How much the density of notes varies within a piece."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View

WINDOW = 2.0  # seconds


class NoteDensityVariation(Metric):
    """The standard deviation over the mean of the notes in each 2 s from the first note on; what is left at the end is left out.

    Unit: none, a ratio. Source: the coefficient of variation of windowed note counts, defined here.
    """

    name, unit = "note_density_variation", "none, a ratio"

    def value(self, view: View) -> float:
        """Measure it; NaN where two windows do not fit before the last note."""
        at = view.start - view.start[0]
        windows = int(at[-1] // WINDOW)
        counts = np.unique((at[at < windows * WINDOW] // WINDOW), return_counts=True)[1].astype(
            np.float64
        )
        if windows < 2:
            return np.nan
        mean = counts.sum() / windows
        return float(np.sqrt(max((counts**2).sum() / windows - mean**2, 0.0)) / mean)
