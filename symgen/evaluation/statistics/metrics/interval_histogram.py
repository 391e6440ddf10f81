"""Which steps the top voice takes."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Floats, Metric, shares
from symgen.evaluation.statistics.metrics.view import Ints, View

FARTHEST = 12
BINS = tuple(f"{step:+d}" for step in range(-FARTHEST, FARTHEST + 1))


class IntervalHistogram(Metric):
    """The share of each interval from the top note of a chord to that of the next; an octave stands for all that is wider.

    Unit: share of the intervals. Source: the intervals of Yang and Lerch, 2020, between the notes of the skyline (Uitdenbogerd and
    Zobel, Manipulation of music for melody matching, ACM Multimedia 1998).
    """

    name, unit, kind, bins = "interval_histogram", "share of the intervals", "histogram", BINS

    def value(self, view: View) -> Floats:
        """Measure it; NaN where there is one chord."""
        return shares(np.bincount(clipped(view), minlength=len(BINS)))


def clipped(view: View) -> Ints:
    """Return the bin of each interval, `[chords - 1]`."""
    return np.clip(view.steps, -FARTHEST, FARTHEST) + FARTHEST
