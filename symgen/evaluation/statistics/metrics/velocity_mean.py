"""How loud a piece is."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class VelocityMean(Metric):
    """The mean velocity of the notes.

    Unit: MIDI velocity, 1 to 127. Source: the usual one.
    """

    name, unit = "velocity_mean", "MIDI velocity, 1 to 127"

    def value(self, view: View) -> float:
        """Measure it."""
        return float(view.velocity.mean())
