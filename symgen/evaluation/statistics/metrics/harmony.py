"""Harmony: how closely a piece keeps to a scale, and how dissonant simultaneous notes are."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Floats, Metric
from symgen.evaluation.statistics.metrics.view import View

STEPS = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))  # major, natural minor
SCALES = np.array(
    [np.roll(np.isin(np.arange(12), steps), root) for steps in STEPS for root in range(12)],
    np.int64,
)
# Consonance of the interval classes 1 (semitone) to 6 (tritone), from Huron's table 2.
CONSONANCE = (-1.428, -0.582, 0.594, 0.386, 1.240, -0.453)


class ScaleConsistency(Metric):
    """The largest share of the notes that lies in one major or natural minor scale.

    Unit: share of the notes. Source: Mogren, C-RNN-GAN, 2016; as in MusPy. The control key
    compares sounding time with one chosen scale.
    """

    name, theme, unit = "scale_consistency", "harmony", "share of the notes"

    def value(self, view: View) -> float:
        """Return the share in the scale that fits best."""
        return float((SCALES @ view.classes).max() / len(view))


def _table() -> Floats:
    """Return `[4096]`: the dissonance of each set of pitch classes, as bits; NaN below two."""
    bits = np.arange(4096)[:, None] >> np.arange(12) & 1
    pairs = np.stack(
        [
            (bits * np.roll(bits, -k, axis=1)).sum(axis=1) / (2 if k == 6 else 1)
            for k in range(1, 7)
        ],
        axis=1,
    )
    total = pairs.sum(axis=1)
    consonance = pairs @ np.array(CONSONANCE)
    known = np.where(total, total, np.nan)
    return np.asarray(-consonance / known, np.float64)


TABLE = _table()


class Dissonance(Metric):
    """Minus the mean consonance of the pairs of different pitch classes that sound together.

    Averaged over the seconds in which two or more classes sound. A fifth has -1.24, a semitone
    1.43. Unit: Huron's index, negated. Source: Huron, Interval-class content in equally
    tempered pitch-class sets, Music Perception 11, 1994, table 2 (an average of three listening
    studies).
    """

    name, theme, unit = "dissonance", "harmony", "Huron's index, negated"

    def value(self, view: View) -> float:
        """Return the mean dissonance; NaN where two classes never sound together."""
        times, sounding = view.sounding
        lasts = np.diff(times)
        index = TABLE[sounding[:-1]]
        together = ~np.isnan(index) & (lasts > 0)
        if not together.any():
            return np.nan
        return float((lasts[together] * index[together]).sum() / lasts[together].sum())
