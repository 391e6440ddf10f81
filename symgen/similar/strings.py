"""A piece as a string of tokens that neither transposing nor another speed changes.

What is struck together is a chord, and its top note stands for it: a melody with or without its accompaniment gives
much the same string. A token is the step from one top note to the next, with or without the ratio of the times between.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence

Ints = npt.NDArray[np.int64]
Times = npt.NDArray[np.float64]

TOGETHER = 0.03                   # seconds from one onset to the next within a chord
EDGES = (-1.3, -0.5, 0.5, 1.3)    # octaves of the ratio of two gaps: no simple ratio of note lengths lies near one
SAME, CLASSES = 2, 5              # the class of an unchanged gap, and how many there are: much shorter ... much longer


class Line(NamedTuple):
    """The chords of a piece: when each begins (seconds, float64 `[chords]`) and its top pitch (int64 `[chords]`)."""

    times: Times
    tops: Ints


def line(sequence: NoteSequence) -> Line:
    """Return the chords of the pitched notes of all instruments, in time."""
    notes = sequence.notes[~sequence.notes["is_drum"]]
    starts = notes["start_time"]
    if not len(notes):
        return Line(np.zeros(0), np.zeros(0, np.int64))
    first = np.flatnonzero(np.append(True, np.diff(starts) > TOGETHER))
    return Line(starts[first], np.maximum.reduceat(notes["pitch"].astype(np.int64), first))


def intervals(line: Line) -> Ints:
    """Return int64 `[chords - 1]`: the semitones from each top note to the next."""
    return np.diff(line.tops)


def ratios(line: Line) -> Ints:
    """Return int64 `[chords - 1]`: how each gap between chords compares with the one before it, one of `CLASSES`."""
    gaps = np.diff(line.times)
    out = np.full(len(gaps), SAME, np.int64)
    out[1:] = np.digitize(np.log2(gaps[1:] / gaps[:-1]), EDGES)
    return out


def rhythmic(line: Line) -> Ints:
    """Return int64 `[chords - 1]`: tokens that tell both the interval and the ratio class."""
    return intervals(line) * CLASSES + ratios(line)
