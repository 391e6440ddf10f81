"""How many pitches a piece uses."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class PitchCount(Metric):
    """The number of different pitches.

    Unit: pitches. Source: n_pitches_used of MusPy (Dong et al., MusPy: a toolkit for symbolic music generation, ISMIR 2020).
    """

    name, unit = "pitch_count", "pitches"

    def value(self, view: View) -> float:
        """Count them."""
        return float((view.pitches > 0).sum())
