"""Pitch: which pitches and pitch classes a piece uses, and how evenly."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Floats, Metric, entropy, shares
from symgen.evaluation.statistics.metrics.view import View
from symgen.notes.theory.keys import NAMES

CLASSES = NAMES[0]  # C, C#, ... B


class PitchCount(Metric):
    """The number of different pitches.

    Unit: pitches. Source: n_pitches_used of MusPy (Dong et al., MusPy: a toolkit for symbolic
    music generation, ISMIR 2020).
    """

    name, theme, unit = "pitch_count", "pitch", "pitches"

    def value(self, view: View) -> float:
        """Count the pitches."""
        return float((view.pitches > 0).sum())


class PitchClassCount(Metric):
    """The number of different pitch classes, 1 to 12.

    Unit: pitch classes. Source: n_pitch_classes_used of MusPy (Dong et al., ISMIR 2020).
    """

    name, theme, unit = "pitch_class_count", "pitch", "pitch classes"

    def value(self, view: View) -> float:
        """Count the pitch classes."""
        return float((view.classes > 0).sum())


class PitchRange(Metric):
    """The highest pitch minus the lowest.

    Unit: semitones. Source: pitch_range of MusPy (Dong et al., ISMIR 2020).
    """

    name, theme, unit = "pitch_range", "pitch", "semitones"

    def value(self, view: View) -> float:
        """Return the range."""
        return float(view.pitch.max() - view.pitch.min())


class PitchEntropy(Metric):
    """The entropy of the pitches of the notes. Each note counts once.

    Unit: bits. Source: pitch_entropy of MusPy (Dong et al., ISMIR 2020).
    """

    name, theme, unit = "pitch_entropy", "pitch", "bits"

    def value(self, view: View) -> float:
        """Return the entropy."""
        return entropy(view.pitches)


class PitchClassEntropy(Metric):
    """The entropy of the pitch classes of the notes. Each note counts once.

    Low in one clear key, 3.58 bits where all twelve classes are equally common. Unit: bits.
    Source: Wu and Yang, The Jazz Transformer on the front line, ISMIR 2020; over the whole piece,
    as in MusPy.
    """

    name, theme, unit = "pitch_class_entropy", "pitch", "bits"

    def value(self, view: View) -> float:
        """Return the entropy."""
        return entropy(view.classes)


class PitchClassHistogram(Metric):
    """The share of the notes in each pitch class, from C. Each note counts once.

    Unit: share of the notes. Source: pitch class histogram of Yang and Lerch, 2020, which weights
    notes by length and velocity. The control pitch_histogram weights them by length and counts
    drums.
    """

    name, theme, unit = "pitch_class_histogram", "pitch", "share of the notes"
    kind, bins = "histogram", CLASSES

    def value(self, view: View) -> Floats:
        """Return the shares `[12]`."""
        return shares(view.classes)


class PitchClassTransitions(Metric):
    """How often a pitch class (row) moves to another (column) from one chord to the next.

    A move goes from any class of one chord to any class of the next. Each pair of chords has the
    same total weight, divided equally among its moves. Unit: share of the moves. Source: pitch
    class transition matrix of Yang and Lerch, 2020, which pairs notes that end and begin within
    50 ms of each other and therefore depends on the pedal.
    """

    name, theme, unit = "pitch_class_transitions", "pitch", "share of the moves"
    kind, bins = "matrix", CLASSES

    def value(self, view: View) -> Floats:
        """Return the shares `[12, 12]`; NaN with a single chord."""
        weights = (view.chord_classes[:, None] >> np.arange(12) & 1).astype(np.float64)
        weights /= weights.sum(axis=1, keepdims=True)
        return shares(weights[:-1].T @ weights[1:])
