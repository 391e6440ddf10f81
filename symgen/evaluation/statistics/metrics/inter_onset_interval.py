"""How much time passes from one chord to the next."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class InterOnsetInterval(Metric):
    """The mean time between the beginnings of chords, a chord being notes that begin each within 30 ms of the one before.

    Unit: seconds. Source: average inter-onset interval of Yang and Lerch, 2020, where each note of a chord counts apart.
    """

    name, unit = "inter_onset_interval", "seconds"

    def value(self, view: View) -> float:
        """Measure it; NaN where there is one chord."""
        return float(view.gaps.mean()) if len(view.gaps) else np.nan
