"""Intervals: the steps of the top voice, and how far the harmony moves between chords."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Floats, Metric, shares
from symgen.evaluation.statistics.metrics.view import SIZES, Ints, View

FARTHEST = 12  # semitones
BINS = tuple(f"{step:+d}" for step in range(-FARTHEST, FARTHEST + 1))


def _binned(view: View) -> Ints:
    """Return the bin of each interval of the top voice, `[chords - 1]`."""
    return np.clip(view.steps, -FARTHEST, FARTHEST) + FARTHEST


class IntervalHistogram(Metric):
    """The share of each interval from the top note of a chord to the top note of the next.

    Wider intervals count as an octave. Unit: share of the intervals. Source: the intervals of Yang
    and Lerch, 2020, between the notes of the skyline (Uitdenbogerd and Zobel, Manipulation of
    music for melody matching, ACM Multimedia 1998).
    """

    name, theme, unit = "interval_histogram", "intervals", "share of the intervals"
    kind, bins = "histogram", BINS

    def value(self, view: View) -> Floats:
        """Return the shares `[25]`; NaN with a single chord."""
        return shares(np.bincount(_binned(view), minlength=len(BINS)))


class IntervalTransitions(Metric):
    """The share of each pair of successive intervals (row, then column) between top notes.

    Wider intervals count as an octave. Unit: share of the pairs. Source: the transition matrix of
    Yang and Lerch, 2020, of intervals instead of pitch classes, so that it does not depend on the
    key.
    """

    name, theme, unit = "interval_transitions", "intervals", "share of the pairs"
    kind, bins = "matrix", BINS

    def value(self, view: View) -> Floats:
        """Return the shares `[25, 25]`; NaN with fewer than three chords."""
        steps = _binned(view)
        pairs = steps[:-1] * len(BINS) + steps[1:]
        return shares(np.bincount(pairs, minlength=len(BINS) ** 2).reshape(self.shape))


class VoiceLeading(Metric):
    """The mean distance that voices move from one chord to the next, by the shortest route.

    Each chord is the set of pitch classes that sound with it, each with the same weight. The
    distance is the least mean movement round the circle of twelve that turns one set into the
    other. Unit: semitones per voice. Source: voice leadings between chords of any size (Tymoczko,
    The geometry of musical chords, Science 313, 2006) as transport on the circle (Rabin, Delon and
    Gousseau, Journal of Mathematical Imaging and Vision 41, 2011).
    """

    name, theme, unit = "voice_leading", "intervals", "semitones per voice"

    def value(self, view: View) -> float:
        """Return the mean distance; NaN with a single chord."""
        if not len(view.gaps):
            return np.nan
        times, sounding = view.sounding
        last = np.append(view.first[1:], len(view)) - 1  # the last note of each chord
        chords = (
            sounding[np.searchsorted(times, view.start[last], "right") - 1] | view.chord_classes
        )
        spread = (chords[:, None] >> np.arange(12) & 1) / SIZES[chords][:, None]
        flow = np.cumsum(np.diff(spread, axis=0), axis=1)
        middle = np.sort(flow, axis=1)[:, 6:7]
        return float(np.abs(flow - middle).sum(axis=1).mean())
