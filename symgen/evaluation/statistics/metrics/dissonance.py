"""How dissonant what sounds together is."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Floats, Metric
from symgen.evaluation.statistics.metrics.view import View

CONSONANCE = (
    -1.428,
    -0.582,
    0.594,
    0.386,
    1.240,
    -0.453,
)  # of the interval classes 1 (semitone) to 6 (tritone)


def _table() -> Floats:
    """Return `[4096]`: the dissonance of each set of pitch classes, as bits; NaN for sets of one or none."""
    bits = np.arange(4096)[:, None] >> np.arange(12) & 1
    pairs = np.stack(
        [
            (bits * np.roll(bits, -k, axis=1)).sum(axis=1) / (2 if k == 6 else 1)
            for k in range(1, 7)
        ],
        axis=1,
    )
    total = pairs.sum(axis=1)
    return np.asarray(-(pairs @ np.array(CONSONANCE)) / np.where(total, total, np.nan), np.float64)


TABLE = _table()


class Dissonance(Metric):
    """Minus the mean consonance of the pairs of different pitch classes that sound, over the seconds in which two or more do.

    A fifth has -1.24, a semitone 1.43. Unit: Huron's index, turned round. Source: Huron, Interval-class content in equally
    tempered pitch-class sets, Music Perception 11, 1994, table 2 (an average of three listening studies).
    """

    name, unit = "dissonance", "Huron's index, turned round"

    def value(self, view: View) -> float:
        """Measure it; NaN where two never sound together."""
        times, sounding = view.sounding
        lasts, index = np.diff(times), TABLE[sounding[:-1]]
        together = ~np.isnan(index) & (lasts > 0)
        return (
            float((lasts[together] * index[together]).sum() / lasts[together].sum())
            if together.any()
            else np.nan
        )
