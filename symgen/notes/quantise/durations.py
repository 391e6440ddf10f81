"""Lengths as a player's notes would be written: up to the next note, or to the end of a beat.

A player lets go of a key before the next note, or holds it beyond, as touch and pedal have it.
Notation says when the next note of the hand comes instead. Notes are given to hands and these to
two voices, and in each voice a note lasts to the next one, or to the end of the beat in which it
was let go if the next one is far. This is the way of E. Cambouropoulos (From MIDI to traditional
musical notation, AAAI Workshop 2000) and of the import of notation programs, which take the
lengths with the fewest notes and rests.

Times are quarter notes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from symgen.notes.voices import hands, voices
from symgen.types import Array, Floats, Ints

UNIT = 5040  # parts of a quarter note
HELD = 0.75  # quarter notes by which a note lasts into the next one, if it is a long note
LEGATO = 0.55  # share of the time to the next note that a note sounds, if it is to last so long
SHORT = 0.5  # quarter notes: a shorter rest is not written
EARLY = 0.15  # quarter notes by which a note that is let go late lasts into the next beat


def readable(notes: Array, begins: Floats, ends: Floats, beat: float, first: float) -> Floats:
    """Return the ends of `notes`, which begin at `begins` and were let go at `ends`.

    A beat has `beat` quarter notes, and one begins at `first`. Drums last to the end of the beat.
    """
    out = np.array(ends, np.float64)
    for instrument in np.unique(notes["instrument"]).tolist():
        rows = np.flatnonzero((notes["instrument"] == instrument) & ~notes["is_drum"])
        rows = rows[np.lexsort([notes["pitch"][rows], begins[rows]])]
        for mine in _hands(notes, rows, begins, ends):
            for voice in _voices(notes, mine, begins, ends, beat, first):
                out[voice] = _ends(begins[voice], ends[voice], beat, first)
    key = notes["instrument"].astype(np.int64) * 128 + notes["pitch"]
    return np.minimum(out, following(begins, key))


def following(begins: Floats, group: Ints) -> Floats:
    """Return for each note the next later onset in its group; infinity for the last ones."""
    out = np.full(len(begins), np.inf)
    for one in np.unique(group).tolist():
        rows = np.flatnonzero(group == one)
        times = np.unique(begins[rows])
        at = np.searchsorted(times, begins[rows], "right")
        out[rows] = np.append(times, np.inf)[at]
    return out


def _hands(notes: Array, rows: Ints, begins: Floats, ends: Floats) -> Iterator[Ints]:
    """Yield the notes of each hand, of one that plays alone too."""
    table = _table(notes, rows, begins, ends)
    if not len(rows) or not hands.needed(table):
        yield rows
        return
    right = np.array(hands.upper(table, UNIT), bool)
    yield rows[right]
    yield rows[~right]


def _voices(
    notes: Array, rows: Ints, begins: Floats, ends: Floats, beat: float, first: float
) -> Iterator[Ints]:
    """Yield the notes of the voices of a hand: long notes are apart from those that they hold."""
    if not len(rows):
        return
    times = np.unique(begins[rows])
    after = np.append(times, np.inf)[np.searchsorted(times, begins[rows], "right")]
    long = ends[rows] - after > np.maximum(HELD, after - begins[rows])
    held = np.maximum(_beats(ends[rows], beat, first), after)
    until = np.where(long, held, np.minimum(after, _beats(ends[rows], beat, first)))
    until = np.maximum(until, begins[rows] + 1 / 24)
    alone = np.empty(len(begins))
    alone[rows] = until
    upper = np.array(voices.upper(_table(notes, rows, begins, alone)), bool)
    yield rows[upper]
    if not upper.all():
        yield rows[~upper]


def _ends(begins: Floats, ends: Floats, beat: float, first: float) -> Floats:
    """Return the ends of the chords of one voice, in order; a chord ends together."""
    times, chord = np.unique(begins, return_inverse=True)
    last = np.zeros(len(times))
    np.maximum.at(last, chord, ends)
    after = np.append(times[1:], np.inf)
    filled = (last - times >= LEGATO * (after - times)) | (after - last <= SHORT)
    out = np.where(filled, after, np.minimum(after, _beats(last, beat, first)))
    return np.asarray(np.maximum(out, times + 1 / 24)[chord], np.float64)


def _beats(ends: Floats, beat: float, first: float) -> Floats:
    """Return the end of the beat in which each note is let go."""
    return np.asarray(np.ceil((ends - EARLY - first) / beat) * beat + first, np.float64)


def _table(notes: Array, rows: Ints, begins: Floats, ends: Floats) -> list[tuple[int, int, int]]:
    """Return the notes as whole numbers: (begin, end, pitch)."""
    columns = [np.rint(times[rows] * UNIT).astype(np.int64).tolist() for times in (begins, ends)]
    return list(zip(*columns, notes["pitch"][rows].tolist(), strict=True))
