"""A piece as a string with one letter per note, which stays the same in any key and at any speed.

Notes that begin within 30 ms form a chord, sorted from the lowest up; equal pitches in a chord
count once. The letter of a note holds the interval from the previous note and whether it begins a
chord. For the last note of a chord it also holds the ratio of the gap to the next chord to the gap
from the previous one. So letters a + 1 .. b give the rhythm of notes a .. b; the ratio in the last
letter depends on what follows.

A letter is uint16: `CLASSES` times a number for the interval and the chord start, plus the class of
the ratio. Letter 0 begins a piece.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence
from symgen.similarity.melody import TOGETHER
from symgen.types import Array, Bools

Letters = npt.NDArray[np.uint16]

BEGIN = 0
EDGES = (-1.3, -0.5, 0.5, 1.3)  # log2 of the ratio of two gaps; simple ratios are not near these
CLASSES = 5  # of the ratio, from much shorter to much longer
SAME = 2  # the class of an unchanged gap
CHORD = 128 * CLASSES  # letters from here on begin a chord
BITS = 11  # in a letter


class Spelled(NamedTuple):
    """The notes of a piece: letters, onsets in seconds, pitches; all `[notes]`."""

    letters: Letters
    starts: npt.NDArray[np.float32]
    pitches: npt.NDArray[np.uint8]


def spell(sequence: NoteSequence) -> Spelled:
    """Return the letters of the pitched notes of all instruments."""
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
    distinct, first = np.unique(
        (np.cumsum(fresh) - 1) * 128 + notes["pitch"].astype(np.int64), return_index=True
    )
    chord, pitch = np.divmod(distinct, 128)
    return Spelled(
        _letters(chord, pitch, _ratios(times)),
        starts[first].astype(np.float32),
        pitch.astype(np.uint8),
    )


def _begins(starts: Array) -> Bools:
    """Return which of the sorted onsets begin a chord.

    A chord begins more than `TOGETHER` after the beginning of the one before.
    """
    # the margin is for onsets on a grid of 10 ms
    after = np.searchsorted(starts, starts + (TOGETHER + 1e-6), "right")
    fresh = np.append(True, np.diff(starts) > TOGETHER + 1e-6)
    here = np.flatnonzero(fresh)
    while len(here):
        here = after[here]
        here = here[here < len(starts)]
        here = here[~fresh[here]]
        fresh[here] = True
    return fresh


def _letters(chord: Array, pitch: Array, ratios: Array) -> Letters:
    """Return the letters of notes; `chord` numbers their chords, `ratios` has the class of each."""
    begins = np.diff(chord) > 0
    interval = np.diff(pitch)
    kind = np.where(begins, CHORD // CLASSES + 127 + interval, interval)
    letters = np.zeros(len(pitch), np.uint16)
    last_of_chord = np.append(begins[1:], True)
    letters[1:] = kind * CLASSES + np.where(last_of_chord, ratios[chord[1:]], SAME)
    return letters


def _ratios(times: Array) -> Array:
    """Return int64 `[chords]`: the class of the gap after each chord over the gap before."""
    gaps = np.diff(times)
    out = np.full(len(times), SAME, np.int64)
    octaves = np.log2(gaps[1:] / gaps[:-1])
    out[1:-1] = np.digitize(octaves, EDGES)
    return out
