"""How much loudness varies."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View


class VelocityDeviation(Metric):
    """The standard deviation (of the population) of the velocities of the notes.

    Unit: MIDI velocity. Source: the usual one.
    """

    name, unit = "velocity_deviation", "MIDI velocity"

    def value(self, view: View) -> float:
        """Measure it."""
        return float(view.velocity.std())
