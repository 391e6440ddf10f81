"""How far the lowest and the highest note are apart."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class PitchRange(Metric):
    """The highest pitch less the lowest.

    Unit: semitones. Source: pitch_range of MusPy (Dong et al., ISMIR 2020).
    """

    name, unit = "pitch_range", "semitones"

    def value(self, view: View) -> float:
        """Measure it."""
        return float(view.pitch.max() - view.pitch.min())
