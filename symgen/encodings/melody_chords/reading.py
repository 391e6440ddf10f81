"""What the melody_chords encoding takes from a piece: one line of notes and its chord symbols.

Both are placed on a grid of beats. Chord symbols are used if the piece has any. Otherwise an
instrument that mostly plays three or more notes at once is the chords, and each of its onsets is
named. The melody is the first voice of a piece from ABC, elsewhere the highest instrument (by mean
pitch) that is not the chords. Where notes of the melody sound together it is the upper line.
"""

from __future__ import annotations

import heapq
from collections import Counter
from typing import NamedTuple

import numpy as np

from symgen.arrays import heads
from symgen.errors import DataError
from symgen.notes.pedal import rows_by
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import chords, meter
from symgen.types import Array, Bools, Floats, Ints

NEAR = 1e-3  # steps; what is closer than this to the grid is on it
LONGEST = 1 << 20  # steps of a piece
CHORDAL = 3  # notes that begin together and make a chord

DRUM = "drum note, for which there is no place beside melody and chords"
WRONG = "note whose pitch is not in 0..127, or that lies before 0 s"
MOVED = "note off the grid, moved to its nearest step"
COLLIDED = "note that fell on the step of another"
LOWER = "lower note of a double stop, or one under a longer"
CUT = "note cut where the next of the melody begins"
VOICE = "note of another voice"
CHORDS = "note of the chords, of which only the symbols are kept"


class Line(NamedTuple):
    """A melody: pitches, and the steps where they begin and end, in order and without overlap."""

    pitch: Ints
    start: Ints
    end: Ints


class Symbols(NamedTuple):
    """Chord symbols and the steps from which they hold, in order.

    `track` is the instrument that they were named from, or -1.
    """

    start: Ints
    symbols: list[str]
    track: int


def pitched(sequence: NoteSequence, drops: Counter[str]) -> NoteSequence:
    """Return the piece without drums and without invalid notes."""
    notes = sequence.notes
    fits = (
        (notes["pitch"] >= 0)
        & (notes["pitch"] < 128)
        & (notes["start_time"] >= 0)
        & np.isfinite(notes["end_time"])
    )
    for reason, out in ((DRUM, notes["is_drum"]), (WRONG, ~fits & ~notes["is_drum"])):
        if out.any():
            drops[reason] += int(out.sum())
    kept = fits & ~notes["is_drum"]
    return sequence if kept.all() else sequence.replace(notes=notes[kept])


def count_steps(sequence: NoteSequence, grid: int) -> int:
    """Return the number of steps of the piece; DataError if there are more than LONGEST."""
    last = sequence.notes["start_time"].max(initial=0.0)
    end, begin = meter.quarters(sequence, np.array([sequence.total_time, last])) * grid
    if not max(end, begin) < LONGEST:
        raise DataError(
            f"{max(end, begin):.0f} steps of a {4 * grid}th, but a piece has at most {LONGEST}; "
            "cut it"
        )
    return int(max(nearest(end), nearest(begin) + 1 if len(sequence.notes) else 0))


def nearest(places: Floats) -> Ints:
    """Return the step nearest to each place; a half, or just less, is rounded up."""
    return np.asarray(np.floor(places + 0.5 + NEAR), np.int64)


def symbols(sequence: NoteSequence, grid: int) -> Symbols | None:
    """Return the chord symbols of a piece; None if it has neither symbols nor chords."""
    if len(sequence.chords):
        start = nearest(meter.quarters(sequence, sequence.chords["time"]) * grid)
        return Symbols(np.maximum(start, 0), sequence.chords["symbol"].tolist(), -1)
    track = _chord_track(sequence.notes)
    if track < 0:
        return None
    notes = sequence.notes[sequence.notes["instrument"] == track]
    start = nearest(meter.quarters(sequence, notes["start_time"]) * grid)
    order = np.argsort(start, kind="stable")
    steps, first = np.unique(start[order], return_index=True)
    together = np.split(notes["pitch"][order], first[1:])
    return Symbols(steps, [_named(tuple(pitches.tolist())) for pitches in together], track)


def _named(pitches: tuple[int, ...]) -> str:
    chord = chords.name(pitches)
    return "?" if chord is None else chords.symbol(chord)


def _chord_track(notes: Array) -> int:
    """Return the instrument that mostly plays three notes or more at once; -1 if none does."""
    best, share = -1, 0.5
    for instrument, rows in sorted(rows_by(notes["instrument"]).items()):
        begins = notes["start_time"][rows]
        counts = np.unique(begins, return_counts=True)[1]
        if (counts >= CHORDAL).mean() > share:
            best = instrument
            share = float((counts >= CHORDAL).mean())
    return best


def melody(sequence: NoteSequence, grid: int, track: int, drops: Counter[str]) -> Line:
    """Return the melody on the grid; instrument `track` is the chords (-1 for none)."""
    notes = _voice(sequence, track, drops)
    begin, end = (
        meter.quarters(sequence, notes[name]) * grid for name in ("start_time", "end_time")
    )
    start = nearest(begin)
    line = Line(notes["pitch"].astype(np.int64), start, np.maximum(nearest(end), start + 1))
    off = np.abs(begin - start)
    count(drops, MOVED, (off > NEAR) | (np.abs(end - np.rint(end)) > NEAR))
    line = _upper(_one_a_step(line, begin, drops), drops)
    after = np.append(line.start[1:], line.end[-1:])
    count(drops, CUT, line.end > after)
    return line._replace(end=np.minimum(line.end, after))


def count(drops: Counter[str], reason: str, lost: Bools) -> None:
    """Add what is `lost` to `drops`."""
    if number := int(np.count_nonzero(lost)):
        drops[reason] += number


def _voice(sequence: NoteSequence, track: int, drops: Counter[str]) -> Array:
    """Return the notes of the melody's instrument."""
    notes = sequence.notes
    voices = [int(v) for v in np.unique(notes["instrument"]) if v != track]
    if len(voices) > 1 and sequence.source.format != "abc":
        chordal = _chord_track(notes)
        voices = [v for v in voices if v != chordal]
        rows = rows_by(notes["instrument"])
        voices.sort(key=lambda v: (-notes["pitch"][rows[v]].mean(), v))
    if not voices:
        return notes
    own = notes["instrument"] == voices[0]
    count(drops, VOICE, ~own & (notes["instrument"] != track))
    count(drops, CHORDS, notes["instrument"] == track)
    mine: Array = notes[own]
    return mine


def _one_a_step(line: Line, begin: Floats, drops: Counter[str]) -> Line:
    """Keep one note per step: the nearest to it, and of notes that begin together the highest."""
    off = np.rint(np.abs(begin - line.start) / NEAR)
    order = np.lexsort((-line.pitch, begin, off, line.start))
    first = heads(line.start[order])
    kept = order[first]
    rank = np.cumsum(first) - 1
    together = np.abs(begin[order] - begin[kept][rank]) <= NEAR if len(order) else first
    count(drops, LOWER, ~first & together)
    count(drops, COLLIDED, ~first & ~together)
    return Line(*(column[kept] for column in line))


def _upper(line: Line, drops: Counter[str]) -> Line:
    """Leave out notes that begin and end under a higher one."""
    if not (line.end[:-1] > line.start[1:]).any():
        return line
    over = np.array(_highest(line), np.int64)
    under = (line.pitch[over] > line.pitch) & (line.end[over] >= line.end)
    count(drops, LOWER, under)
    return Line(*(column[~under] for column in line))


def _highest(line: Line) -> list[int]:
    """Return the highest note that sounds where each note begins; of equal ones the last."""
    pitch, end = line.pitch.tolist(), line.end.tolist()
    sounding: list[tuple[int, int]] = []
    out = []
    for i, start in enumerate(line.start.tolist()):
        heapq.heappush(sounding, (-pitch[i], -i))
        while end[-sounding[0][1]] <= start:
            heapq.heappop(sounding)
        out.append(-sounding[0][1])
    return out
