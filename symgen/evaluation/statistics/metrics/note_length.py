"""How long notes are."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class NoteLength(Metric):
    """The mean time from a note's beginning to its end.

    Unit: seconds. Source: the usual one; note length of Yang and Lerch, 2020, in seconds.
    """

    name, unit = "note_length", "seconds"

    def value(self, view: View) -> float:
        """Measure it."""
        return float((view.end - view.start).mean())
