"""How many beats are silent."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View, unions


class EmptyBeatRate(Metric):
    """The share of the quarter notes, from 0 to the last note's end, that no note, drums included, touches, be it by its end.

    Without a tempo, a quarter note is half a second. Unit: share of the beats. Source: empty_beat_rate of MusPy and Pypianoroll
    (Dong et al., ISMIR 2018 and 2020).
    """

    name, unit = "empty_beat_rate", "share of the beats"

    def value(self, view: View) -> float:
        """Measure it; NaN where the piece has no length."""
        start, end = view.ticks.start // view.ticks.quarter, view.ticks.end // view.ticks.quarter
        _, begin, finish = unions(np.zeros(len(start), np.int64), start, end + 1)
        return (
            float(1 - (finish - begin).sum() / (end.max() + 1)) if view.ticks.end.max() else np.nan
        )
