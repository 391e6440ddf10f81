"""A piece as a string in which each note is one letter that neither transposing nor another speed changes.

What is struck within 30 ms is a chord, whose notes stand from the lowest up; a pitch that is struck twice in it counts once. The
letter of a note holds the interval from the note before it, whether it begins a chord, and, where it is the last of its
chord, how the gap to the next chord compares with the gap from the one before. So the rhythm of the notes a .. b is told by
the letters a + 1 .. b, of the last of which the ratio looks beyond them.

A letter is uint16: `CLASSES` times a number for the interval and the beginning, plus the class of the ratio. 0 begins a piece.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence
from symgen.similarity.melody import TOGETHER

Letters = npt.NDArray[np.uint16]
Array = npt.NDArray[Any]

BEGIN = 0
EDGES = (
    -1.3,
    -0.5,
    0.5,
    1.3,
)  # octaves of the ratio of two gaps: no simple ratio of note lengths lies near one
SAME, CLASSES = (
    2,
    5,
)  # the class of an unchanged gap, and how many there are: much shorter ... much longer
CHORD = 128 * CLASSES  # letters from here on begin a chord
BITS = 11  # of a letter


class Spelled(NamedTuple):
    """The notes of a piece: their letters (uint16), when each begins (seconds, float32) and its pitch (uint8), all `[notes]`."""

    letters: Letters
    starts: npt.NDArray[np.float32]
    pitches: npt.NDArray[np.uint8]


def spell(sequence: NoteSequence) -> Spelled:
    """Return the pitched notes of all instruments."""
    notes = sequence.notes[
        ~sequence.notes["is_drum"]
        & (sequence.notes["pitch"] >= 0)
        & (sequence.notes["pitch"] < 128)
    ]
    if not len(notes):
        return Spelled(np.zeros(0, np.uint16), np.zeros(0, np.float32), np.zeros(0, np.uint8))
    starts = notes["start_time"]
    fresh = _begins(starts)
    times = starts[fresh]
    struck, first = np.unique(
        (np.cumsum(fresh) - 1) * 128 + notes["pitch"].astype(np.int64), return_index=True
    )
    chord, pitch = np.divmod(struck, 128)
    return Spelled(
        _letters(chord, pitch, _ratios(times)),
        starts[first].astype(np.float32),
        pitch.astype(np.uint8),
    )


def _begins(starts: Array) -> npt.NDArray[np.bool_]:
    """Return which of sorted onsets begin a chord: those that lie more than `TOGETHER` after the beginning of the one before."""
    after = np.searchsorted(
        starts, starts + (TOGETHER + 1e-6), "right"
    )  # a hair more, for onsets on a grid of 10 ms
    fresh = np.append(True, np.diff(starts) > TOGETHER + 1e-6)
    here = np.flatnonzero(fresh)
    while len(here):
        here = after[here]
        here = here[here < len(starts)]
        here = here[~fresh[here]]
        fresh[here] = True
    return fresh


def _letters(chord: Array, pitch: Array, ratios: Array) -> Letters:
    """Return the letters of notes whose chords are numbered, from the class of the ratio at each chord."""
    begins, interval = np.diff(chord) > 0, np.diff(pitch)
    kind = np.where(begins, CHORD // CLASSES + 127 + interval, interval)
    letters = np.zeros(len(pitch), np.uint16)
    letters[1:] = kind * CLASSES + np.where(np.append(begins[1:], True), ratios[chord[1:]], SAME)
    return letters


def _ratios(times: Array) -> Array:
    """Return int64 `[chords]`: how the gap after each chord compares with the gap before it, one of `CLASSES`."""
    gaps = np.diff(times)
    out = np.full(len(times), SAME, np.int64)
    out[1:-1] = np.digitize(np.log2(gaps[1:] / gaps[:-1]), EDGES)
    return out
