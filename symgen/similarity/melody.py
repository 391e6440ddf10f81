"""A piece as the string of its melody's intervals, which stays the same in any key and at any
speed.

Notes that begin together form a chord, represented by its top note. So a melody gives much the same
string with and without its accompaniment. A token is the interval from one top note to the next.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.types import Floats, Ints

TOGETHER = 0.03  # seconds from one onset to the next within a chord


class Line(NamedTuple):
    """The chords of a piece: onsets (seconds, float64 `[chords]`) and top pitches (int64
    `[chords]`).
    """

    times: Floats
    tops: Ints


def line(sequence: NoteSequence) -> Line:
    """Return the chords of the pitched notes of all instruments, sorted by time."""
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
