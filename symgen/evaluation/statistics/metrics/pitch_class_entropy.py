"""How evenly pitch classes are used: low in one clear key, 3.58 bits where all twelve are alike."""

from __future__ import annotations

from symgen.evaluation.statistics.metrics.base import Metric, entropy
from symgen.evaluation.statistics.metrics.view import View


class PitchClassEntropy(Metric):
    """The entropy of the pitch classes of the notes, each note counting once.

    Unit: bits. Source: Wu and Yang, The Jazz Transformer on the front line, ISMIR 2020; as MusPy has it, over the whole piece.
    """

    name, unit = "pitch_class_entropy", "bits"

    def value(self, view: View) -> float:
        """Measure it."""
        return entropy(view.classes)
