"""Velocity: how loud a piece is, and how much its loudness varies."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Floats, Metric, entropy, shares
from symgen.evaluation.statistics.metrics.view import View


class VelocityMean(Metric):
    """The mean velocity of the notes.

    Unit: MIDI velocity, 1 to 127. Source: the usual one. The control loudness also counts drums.
    """

    name, theme, unit = "velocity_mean", "velocity", "MIDI velocity, 1 to 127"

    def value(self, view: View) -> float:
        """Return the mean."""
        return float(view.velocity.mean())


class VelocityDeviation(Metric):
    """The standard deviation (of the population) of the velocities of the notes.

    Unit: MIDI velocity. Source: the usual one.
    """

    name, theme, unit = "velocity_deviation", "velocity", "MIDI velocity"

    def value(self, view: View) -> float:
        """Return the standard deviation."""
        return float(view.velocity.std())


class VelocityEntropy(Metric):
    """The entropy of the velocities of the notes, in 32 steps of 4 (1 to 4, 5 to 8, ...).

    5 bits at most. Unit: bits. Source: the velocity steps of Performance RNN (Oore et al., This
    time with feeling, 2018), so that music that was encoded in them can be compared with music
    that was not.
    """

    name, theme, unit = "velocity_entropy", "velocity", "bits"

    def value(self, view: View) -> float:
        """Return the entropy."""
        return entropy(view.velocities)


class VelocityHistogram(Metric):
    """The share of the notes in each of 32 steps of velocity, named by their lower edges.

    The steps are 1 to 4, 5 to 8, ... Unit: share of the notes. Source: the velocity steps of
    Performance RNN (Oore et al., This time with feeling, 2018).
    """

    name, theme, unit = "velocity_histogram", "velocity", "share of the notes"
    kind = "histogram"
    bins = tuple(str(v) for v in range(1, 128, 4))

    def value(self, view: View) -> Floats:
        """Return the shares `[32]`."""
        return shares(view.velocities)
