"""How much of the time is polyphonic."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View

MORE_THAN = 2


class PolyphonyRate(Metric):
    """The share of the time (in quarter notes, from 0 to the last note's end) in which more than two different pitches sound.

    Unit: share of the time. Source: polyphonicity of Dong et al., MuseGAN, AAAI 2018; as MusPy has it (its threshold of 2 must
    be passed, not reached; its MIDI reader, not its definition, also counts the time up to the last controller event).
    """

    name, unit = "polyphony_rate", "share of the time"

    def value(self, view: View) -> float:
        """Measure it; NaN where no note lasts."""
        lasts, pitches = view.pitches_at_once
        total = int(view.ticks.end.max())
        return float(lasts[pitches > MORE_THAN].sum() / total) if total else np.nan
