"""How evenly pitches are used."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric, entropy
from symgen.evaluation.statistics.metrics.view import View


class PitchEntropy(Metric):
    """The entropy of the pitches of the notes, each note counting once.

    Unit: bits. Source: pitch_entropy of MusPy (Dong et al., ISMIR 2020).
    """

    name, unit = "pitch_entropy", "bits"

    def value(self, view: View) -> float:
        """Measure it."""
        return entropy(view.pitches)
