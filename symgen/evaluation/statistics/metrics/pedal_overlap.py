"""How much notes ring into what follows, as they do with the pedal down."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class PedalOverlap(Metric):
    """The share of the time that all notes last which lies after the beginning of the chord that follows theirs.

    0 where each chord is let go before the next, near 1 in a wash of pedal. Unit: share of the notes' time. Source: defined here.
    """

    name, unit = "pedal_overlap", "share of the notes' time"

    def value(self, view: View) -> float:
        """Measure it; NaN where no note lasts."""
        following = np.append(view.onsets[1:], np.inf)[view.chord]
        total = (view.end - view.start).sum()
        return float(np.maximum(view.end - following, 0).sum() / total) if total > 0 else np.nan
