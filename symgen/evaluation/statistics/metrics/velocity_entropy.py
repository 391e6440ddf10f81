"""How many different loudnesses are used, and how evenly."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric, entropy
from symgen.evaluation.statistics.metrics.view import View


class VelocityEntropy(Metric):
    """The entropy of the velocities of the notes in 32 steps of 4 (1 to 4, 5 to 8, ...): 5 bits at most.

    Unit: bits. Source: the velocity steps of Performance RNN (Oore et al., This time with feeling, 2018), so that music that went
    through them can be compared with music that did not.
    """

    name, unit = "velocity_entropy", "bits"

    def value(self, view: View) -> float:
        """Measure it."""
        return entropy(view.velocities)
