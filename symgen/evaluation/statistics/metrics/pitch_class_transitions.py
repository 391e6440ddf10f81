"""Which pitch class goes to which."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Floats, Metric, shares
from symgen.evaluation.statistics.metrics.view import View
from symgen.notes.theory.keys import NAMES


class PitchClassTransitions(Metric):
    """From each chord to the next, all ways from a pitch class struck in the one (row) to one of the other (column).

    Each pair of chords weighs the same, shared among its ways. Unit: share of the moves. Source: pitch class transition matrix of
    Yang and Lerch, 2020, which pairs notes that end and begin within 50 ms of each other and so depends on the pedal.
    """

    name, unit, kind, bins = "pitch_class_transitions", "share of the moves", "matrix", NAMES[0]

    def value(self, view: View) -> Floats:
        """Measure it; NaN where there is one chord."""
        struck = (view.struck[:, None] >> np.arange(12) & 1).astype(np.float64)
        struck /= struck.sum(axis=1, keepdims=True)
        return shares(struck[:-1].T @ struck[1:])
