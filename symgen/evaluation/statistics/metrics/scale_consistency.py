"""How nearly a piece keeps to one scale."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View

STEPS = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))  # major, natural minor
SCALES = np.array(
    [np.roll(np.isin(np.arange(12), steps), root) for steps in STEPS for root in range(12)],
    np.int64,
)


class ScaleConsistency(Metric):
    """The largest share of the notes that lies in one major or natural minor scale.

    Unit: share of the notes. Source: Mogren, C-RNN-GAN, 2016; as MusPy has it.
    """

    name, unit = "scale_consistency", "share of the notes"

    def value(self, view: View) -> float:
        """Measure it."""
        return float((SCALES @ view.classes).max() / len(view))
