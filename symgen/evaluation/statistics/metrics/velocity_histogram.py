"""Which loudnesses a piece uses."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Floats, Metric, shares
from symgen.evaluation.statistics.metrics.view import View


class VelocityHistogram(Metric):
    """The share of the notes in each of 32 steps of velocity, named by where they begin: 1 to 4, 5 to 8, ...

    Unit: share of the notes. Source: the velocity steps of Performance RNN (Oore et al., This time with feeling, 2018).
    """

    name, unit, kind, bins = (
        "velocity_histogram",
        "share of the notes",
        "histogram",
        tuple(str(v) for v in range(1, 128, 4)),
    )

    def value(self, view: View) -> Floats:
        """Measure it."""
        return shares(view.velocities)
