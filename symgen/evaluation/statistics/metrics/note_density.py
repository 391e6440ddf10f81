"""How many notes there are a second."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class NoteDensity(Metric):
    """Notes a second, from the first note's beginning to the last note's end.

    Unit: notes per second. Source: the usual one; a note count of Yang and Lerch, On the evaluation of generative models in music,
    2020, over the time it takes.
    """

    name, unit = "note_density", "notes per second"

    def value(self, view: View) -> float:
        """Measure it; NaN where no time passes."""
        lasts = view.end.max() - view.start[0]
        return float(len(view) / lasts) if lasts > 0 else np.nan
