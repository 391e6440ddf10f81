"""Texture: how many pitches sound at once, and how much notes overlap."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Metric
from symgen.evaluation.statistics.metrics.view import View

MORE_THAN = 2  # pitches


class Polyphony(Metric):
    """The mean number of different pitches that sound at once, while any sounds.

    Time is counted in quarter notes. Unit: pitches. Source: polyphony of MusPy (Dong et al., ISMIR
    2020). The control polyphony counts time in seconds, and also silence and drums.
    """

    name, theme, unit = "polyphony", "texture", "pitches"

    def value(self, view: View) -> float:
        """Return the mean; NaN where all notes have length 0."""
        lasts, pitches = view.pitches_at_once
        sounds = lasts[pitches > 0].sum()
        return float((lasts * pitches).sum() / sounds) if sounds else np.nan


class PolyphonyRate(Metric):
    """The share of the time in which more than two different pitches sound.

    Time is counted in quarter notes, from 0 to the end of the last note. Unit: share of the time.
    Source: polyphonicity of Dong et al., MuseGAN, AAAI 2018; as in MusPy (the number must exceed
    its threshold of 2; MusPy's MIDI reader, not its definition, also counts the time up to the
    last controller event).
    """

    name, theme, unit = "polyphony_rate", "texture", "share of the time"

    def value(self, view: View) -> float:
        """Return the share; NaN where all notes have length 0."""
        lasts, pitches = view.pitches_at_once
        total = int(view.ticks.end.max())
        return float(lasts[pitches > MORE_THAN].sum() / total) if total else np.nan


class PedalOverlap(Metric):
    """The share of the total length of all notes that lies after the beginning of the next chord.

    0 where each chord is released before the next, near 1 where the pedal blurs everything. Unit:
    share of the notes' time. Source: defined here.
    """

    name, theme, unit = "pedal_overlap", "texture", "share of the notes' time"

    def value(self, view: View) -> float:
        """Return the share; NaN where all notes have length 0."""
        following = np.append(view.onsets[1:], np.inf)[view.chord]
        total = (view.end - view.start).sum()
        return float(np.maximum(view.end - following, 0).sum() / total) if total > 0 else np.nan
