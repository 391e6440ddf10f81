"""How many pitch classes a piece uses."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class PitchClassCount(Metric):
    """The number of different pitch classes, 1 to 12.

    Unit: pitch classes. Source: n_pitch_classes_used of MusPy (Dong et al., ISMIR 2020).
    """

    name, unit = "pitch_class_count", "pitch classes"

    def value(self, view: View) -> float:
        """Count them."""
        return float((view.classes > 0).sum())
