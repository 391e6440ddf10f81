"""How far the harmony moves from one chord to the next."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import SIZES, View


class VoiceLeading(Metric):
    """The least mean way from the pitch classes that sound with one chord to those that sound with the next, averaged.

    Each set is spread evenly over its pitch classes, and the ways are those round the circle of twelve. Unit: semitones a voice.
    Source: voice leadings between chords of any size (Tymoczko, The geometry of musical chords, Science 313, 2006) as transport
    on the circle (Rabin, Delon and Gousseau, Journal of Mathematical Imaging and Vision 41, 2011).
    """

    name, unit = "voice_leading", "semitones a voice"

    def value(self, view: View) -> float:
        """Measure it; NaN where there is one chord."""
        if not len(view.gaps):
            return np.nan
        times, sounding = view.sounding
        last = np.append(view.first[1:], len(view)) - 1  # the last note of each chord
        chords = sounding[np.searchsorted(times, view.start[last], "right") - 1] | view.struck
        spread = (chords[:, None] >> np.arange(12) & 1) / SIZES[chords][:, None]
        flow = np.cumsum(np.diff(spread, axis=0), axis=1)
        return float(np.abs(flow - np.sort(flow, axis=1)[:, 6:7]).sum(axis=1).mean())
