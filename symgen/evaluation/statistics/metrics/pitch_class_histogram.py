"""Which pitch classes a piece uses."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Floats, Metric, shares
from symgen.evaluation.statistics.metrics.view import View
from symgen.notes.theory.keys import NAMES


class PitchClassHistogram(Metric):
    """The share of the notes in each pitch class, from C.

    Unit: share of the notes. Source: pitch class histogram of Yang and Lerch, 2020, which weighs notes by length and velocity.
    """

    name, unit, kind, bins = "pitch_class_histogram", "share of the notes", "histogram", NAMES[0]

    def value(self, view: View) -> Floats:
        """Measure it."""
        return shares(view.classes)
