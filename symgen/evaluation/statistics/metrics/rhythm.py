"""Rhythm: density, lengths, the times between chords, beats and bars."""

from __future__ import annotations

import numpy as np

from symgen.evaluation.statistics.metrics.base import Array, Floats, Metric, shares
from symgen.evaluation.statistics.metrics.view import Ints, View, unions
from symgen.notes.theory import meter

WINDOW = 2.0  # seconds
EDGES = 2.0 ** np.arange(-5, 3.25, 0.5)  # 1/32 to 8 s, in half octaves
BINS = tuple(f"{edge:.3g} s" for edge in EDGES[:-1].tolist())  # named by their lower edges
GRID = 16  # positions per quarter note, 64 in a bar of 4/4


def _histogram(seconds: Floats) -> Floats:
    """Return the share of each bin, `[16]`; values outside count in the outermost bins."""
    inside = np.clip(np.searchsorted(EDGES, seconds, "right") - 1, 0, len(BINS) - 1)
    return shares(np.bincount(inside, minlength=len(BINS)))


class NoteDensity(Metric):
    """Notes per second, from the beginning of the first note to the end of the last.

    Unit: notes per second. Source: the usual one; the note count of Yang and Lerch, On the
    evaluation of generative models in music, 2020, divided by its duration. The control density
    also counts drums, and the silence before the first note and after the last.
    """

    name, theme, unit = "note_density", "rhythm", "notes per second"

    def value(self, view: View) -> float:
        """Return the density; NaN where no time passes."""
        lasts = view.end.max() - view.start[0]
        return float(len(view) / lasts) if lasts > 0 else np.nan


class NoteDensityVariation(Metric):
    """The standard deviation divided by the mean of the note counts of windows of 2 s.

    Windows begin at the first note; an incomplete window at the end is left out. Unit: none, a
    ratio. Source: the coefficient of variation of windowed note counts, defined here.
    """

    name, theme, unit = "note_density_variation", "rhythm", "none, a ratio"

    def value(self, view: View) -> float:
        """Return the ratio; NaN where two windows do not fit before the last note."""
        at = view.start - view.start[0]
        windows = int(at[-1] // WINDOW)
        if windows < 2:
            return np.nan
        inside = at[at < windows * WINDOW] // WINDOW
        counts = np.unique(inside, return_counts=True)[1].astype(np.float64)
        mean = counts.sum() / windows
        return float(np.sqrt(max((counts**2).sum() / windows - mean**2, 0.0)) / mean)


class NoteLength(Metric):
    """The mean time from the beginning of a note to its end.

    Unit: seconds. Source: the usual one; note length of Yang and Lerch, 2020, in seconds.
    """

    name, theme, unit = "note_length", "rhythm", "seconds"

    def value(self, view: View) -> float:
        """Return the mean length."""
        return float((view.end - view.start).mean())


class NoteLengthHistogram(Metric):
    """The share of the notes of each length, in bins from 1/32 to 8 s.

    The upper edge of each bin is 1.41 times its lower edge. Shorter and longer notes count in the
    outermost bins. Unit: share of the notes. Source: note length histogram of Yang and Lerch,
    2020, in seconds, because performances have no note values.
    """

    name, theme, unit = "note_length_histogram", "rhythm", "share of the notes"
    kind, bins = "histogram", BINS

    def value(self, view: View) -> Floats:
        """Return the shares `[16]`."""
        return _histogram(view.end - view.start)


class InterOnsetInterval(Metric):
    """The mean time between the beginnings of successive chords.

    A chord is a group of notes that each begin within 30 ms of the one before. Unit: seconds.
    Source: average inter-onset interval of Yang and Lerch, 2020, where each note of a chord counts
    separately.
    """

    name, theme, unit = "inter_onset_interval", "rhythm", "seconds"

    def value(self, view: View) -> float:
        """Return the mean time; NaN with a single chord."""
        return float(view.gaps.mean()) if len(view.gaps) else np.nan


class InterOnsetHistogram(Metric):
    """The share of each time between successive chords, in the bins of note_length_histogram.

    Unit: share of the times. Source: inter-onset intervals of Yang and Lerch, 2020, as a histogram
    of the times between chords.
    """

    name, theme, unit = "inter_onset_histogram", "rhythm", "share of the times"
    kind, bins = "histogram", BINS

    def value(self, view: View) -> Floats:
        """Return the shares `[16]`; NaN with a single chord."""
        return _histogram(view.gaps)


class EmptyBeatRate(Metric):
    """The share of the quarter notes, from 0 to the end of the last note, without any note.

    Drums count, and so does a note that only ends in the beat. Without a tempo, a quarter note is
    half a second. Unit: share of the beats. Source: empty_beat_rate of MusPy and Pypianoroll (Dong
    et al., ISMIR 2018 and 2020).
    """

    name, theme, unit = "empty_beat_rate", "rhythm", "share of the beats"

    def value(self, view: View) -> float:
        """Return the share; NaN where the piece has no length."""
        ticks = view.ticks
        if not ticks.end.max():
            return np.nan
        start = ticks.start // ticks.quarter
        end = ticks.end // ticks.quarter
        _, begin, finish = unions(np.zeros(len(start), np.int64), start, end + 1)
        return float(1 - (finish - begin).sum() / (end.max() + 1))


class GrooveConsistency(Metric):
    """How similar the rhythms of neighbouring bars are.

    1 minus the share of the positions in a bar, 16 per quarter note, where only one of two
    neighbouring bars has the beginning of a note; averaged over the pairs of neighbouring bars of
    equal length. Drums count, a pickup does not. Undefined without a written meter. It means
    little for recordings whose file says 4/4 regardless of the music, as many do. Unit: share of
    positions. Source: grooving pattern similarity of Wu and Yang, The Jazz Transformer on the
    front line, ISMIR 2020, on its grid; as in MusPy, which requires a single meter. Bars extend to
    the one in which the last note ends.
    """

    name, theme, unit = "groove_consistency", "rhythm", "share of positions"

    def value(self, view: View) -> float:
        """Return the similarity; NaN without a meter or without two successive equal bars."""
        start, end = (self._grid(view, times) for times in (view.ticks.start, view.ticks.end))
        begin, length = self._meters(view, int(end.max()))
        start = np.unique(start[start >= begin[0]]) if len(begin) else start[:0]
        if not len(start):
            return np.nan
        last_bars = (end.max() - begin[-1]) // length[-1] + 1
        bars = np.append(-(-np.diff(begin) // length[:-1]), last_bars)  # per meter, rounded up
        row = np.searchsorted(begin, start, "right") - 1
        at = start - begin[row]
        later = start + length[row]
        first = at < length[row]
        last = at // length[row] == bars[row] - 1
        following = start[np.minimum(np.searchsorted(start, later), len(start) - 1)]
        same = following == later  # the next bar has an onset at the same position
        same &= later < np.append(begin[1:], np.iinfo(np.int64).max)[row]
        apart = (2 - first - last - 2 * same) / length[row]
        pairs = (bars - 1).sum()
        return float(1 - apart.sum() / pairs) if pairs else np.nan

    @staticmethod
    def _grid(view: View, ticks: Array) -> Ints:
        return np.rint(ticks * (GRID / view.ticks.quarter)).astype(np.int64)

    @staticmethod
    def _meters(view: View, end: int) -> tuple[Ints, Ints]:
        """Return where each meter begins and the length of its bars, in positions; to `end`."""
        quarters, upper, lower = meter.meters(view.sequence)
        begin = np.rint(quarters * GRID).astype(np.int64)
        length = np.maximum(4 * GRID * upper // np.maximum(lower, 1), 1)
        length = length[: (begin <= end).sum()]
        begin = begin[begin <= end]
        changes = np.append(True, np.diff(length) != 0)[: len(length)]  # drop repeated meters
        return begin[changes], length[changes]
