"""Which step of the top voice follows which."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Floats, Metric, shares
from symgen.evaluation.statistics.metrics.interval_histogram import BINS, clipped
from symgen.evaluation.statistics.metrics.view import View


class IntervalTransitions(Metric):
    """The share of each pair of successive intervals (row, then column) between the top notes of chords.

    An octave stands for all that is wider. Unit: share of the pairs. Source: the transition matrix of Yang and Lerch, 2020, of
    intervals in place of pitch classes, so that it does not depend on the key.
    """

    name, unit, kind, bins = "interval_transitions", "share of the pairs", "matrix", BINS

    def value(self, view: View) -> Floats:
        """Measure it; NaN where there are fewer than three chords."""
        steps = clipped(view)
        return shares(
            np.bincount(steps[:-1] * len(BINS) + steps[1:], minlength=len(BINS) ** 2).reshape(
                self.shape
            )
        )
