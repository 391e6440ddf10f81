"""How much time passes between chords, on a scale of half octaves."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Floats, Metric
from symgen.evaluation.statistics.metrics.lengths import BINS, histogram
from symgen.evaluation.statistics.metrics.view import View


class InterOnsetHistogram(Metric):
    """The share of the times from a chord's beginning to the next one's, in the bins of `note_length_histogram`.

    Unit: share of the times. Source: inter-onset intervals of Yang and Lerch, 2020, as a histogram of the chords' beginnings.
    """

    name, unit, kind, bins = "inter_onset_histogram", "share of the times", "histogram", BINS

    def value(self, view: View) -> Floats:
        """Measure it; NaN where there is one chord."""
        return histogram(view.gaps)
