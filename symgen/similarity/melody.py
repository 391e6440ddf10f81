"""A piece as the string of its melody's steps, which neither transposing nor another speed changes.

What is struck together is a chord, and its top note stands for it: a melody with or without its accompaniment gives
much the same string. A token is the step from one top note to the next.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence

Ints = npt.NDArray[np.int64]
Times = npt.NDArray[np.float64]

TOGETHER = 0.03  # seconds from one onset to the next within a chord


class Line(NamedTuple):
    """The chords of a piece: when each begins (seconds, float64 `[chords]`) and its top pitch (int64 `[chords]`)."""

    times: Times
    tops: Ints


def line(sequence: NoteSequence) -> Line:
    """Return the chords of the pitched notes of all instruments, in time."""
    notes = sequence.notes
    notes = notes[~notes["is_drum"]] if notes["is_drum"].any() else notes
    starts = notes["start_time"]
    if not len(notes):
        return Line(np.zeros(0), np.zeros(0, np.int64))
    first = np.flatnonzero(np.append(True, np.diff(starts) > TOGETHER))
    return Line(starts[first], np.maximum.reduceat(notes["pitch"].astype(np.int64), first))


def intervals(line: Line) -> Ints:
    """Return int64 `[chords - 1]`: the semitones from each top note to the next."""
    return np.diff(line.tops)
