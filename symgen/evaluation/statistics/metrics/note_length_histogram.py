"""How long notes are, on a scale of half octaves."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Floats, Metric
from symgen.evaluation.statistics.metrics.lengths import BINS, histogram
from symgen.evaluation.statistics.metrics.view import View


class NoteLengthHistogram(Metric):
    """The share of the notes of each length, in bins that each reach to 1.41 times their beginning, from 1/32 to 8 s.

    What is shorter or longer is in the outermost bins. Unit: share of the notes. Source: note length histogram of Yang and Lerch,
    2020, in seconds, for performances have no note values.
    """

    name, unit, kind, bins = "note_length_histogram", "share of the notes", "histogram", BINS

    def value(self, view: View) -> Floats:
        """Measure it."""
        return histogram(view.end - view.start)
