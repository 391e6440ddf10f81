"""Crop, shift and transpose a piece. Times are seconds."""

from __future__ import annotations

import numpy as np

from symgen.errors import DataError
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import chords, meter
from symgen.types import Array

NEAR = 1e-6  # seconds
PARAMETERS = (6, 38, 96, 97, 98, 99, 100, 101)  # controllers that select and set a parameter
STATES = (
    "tempos",
    "time_signatures",
    "key_signatures",
    "chords",
)  # each row is in force until the next


def crop(sequence: NoteSequence, start: float, end: float) -> NoteSequence:
    """Return the notes that begin in [start, end), with times from `start`, cut off at `end`.

    The tempo, meter, key, chord, bend and controller values in force at `start` are in force at the
    new beginning. The first bar line is the first one that remains. Raises DataError if `end` is
    before `start`.
    """
    if not end >= start:
        raise DataError(f"crop from {start:g} to {end:g} s: the end must not come before the start")
    notes = sequence.notes[_inside(sequence.notes["start_time"], start, end)].copy()
    notes["end_time"] = np.minimum(notes["end_time"], end) - start
    notes["start_time"] -= start
    tables = {
        name: _moved(_holding(getattr(sequence, name), start, end), -start) for name in STATES
    }
    controls = _moved(_controls(sequence.control_changes, start, end), -start)
    bends = _moved(_controls(sequence.pitch_bends, start, end), -start)
    return sequence.replace(
        notes=notes,
        control_changes=controls,
        pitch_bends=bends,
        total_time=max(0.0, min(end, sequence.total_time) - start),
        first_bar_time=max(0.0, _first_bar(sequence, start) - start),
        **tables,
    )


def shift(sequence: NoteSequence, seconds: float) -> NoteSequence:
    """Return the piece `seconds` later; tempo, meter and key in force at 0 stay there.

    Raises DataError if a note would begin before 0.
    """
    first = float(sequence.notes["start_time"].min(initial=np.inf))
    if first + seconds < 0:
        raise DataError(
            f"shift by {seconds:g} s: the first note is at {first:g} s "
            "and must not begin before 0; crop instead"
        )
    notes = sequence.notes.copy()
    notes["start_time"] += seconds
    notes["end_time"] += seconds
    tables = {
        name: _moved(getattr(sequence, name), seconds, stay=name != "chords") for name in STATES
    }
    return sequence.replace(
        notes=notes,
        control_changes=_moved(sequence.control_changes, seconds),
        pitch_bends=_moved(sequence.pitch_bends, seconds),
        total_time=max(0.0, sequence.total_time + seconds),
        first_bar_time=max(0.0, sequence.first_bar_time + seconds),
        **tables,
    )


def transpose(sequence: NoteSequence, semitones: int) -> NoteSequence:
    """Return the piece `semitones` higher: notes (except drums), keys and chords.

    Raises DataError if a pitch would leave 0..127.
    """
    notes = sequence.notes.copy()
    symbols = sequence.chords.copy()
    keys = sequence.key_signatures.copy()
    pitched = ~notes["is_drum"]
    notes["pitch"][pitched] += semitones
    wrong = notes["pitch"][pitched & ((notes["pitch"] < 0) | (notes["pitch"] > 127))]
    if len(wrong):
        raise DataError(
            f"transposed by {semitones}, a pitch becomes {wrong[0]}, but pitches are 0 to 127"
        )
    keys["key"] = (keys["key"] + semitones) % 12
    if semitones % 12:
        symbols["symbol"] = [_chord(symbol, semitones) for symbol in symbols["symbol"].tolist()]
    return sequence.replace(notes=notes, key_signatures=keys, chords=symbols)


def _first_bar(sequence: NoteSequence, start: float) -> float:
    """Return the first bar line at or after `start`."""
    lines = meter.bar_lines(sequence)
    after = lines[lines >= start - NEAR]
    return float(after[0]) if len(after) else sequence.first_bar_time


def _inside(times: Array, start: float, end: float) -> Array:
    return (times >= start) & (times < end)


def _holding(table: Array, start: float, end: float) -> Array:
    """Return the row in force at `start`, and the rows up to `end`."""
    before = np.flatnonzero(table["time"] <= start)
    rows = np.flatnonzero((table["time"] > start) & (table["time"] < end))
    return table[np.append(before[-1:], rows)]


def _controls(table: Array, start: float, end: float) -> Array:
    """Return the last row of each controller before `start`, and the rows up to `end`.

    The table is that of control changes or of bends. Rows that set a parameter (RPN, NRPN) count
    only together, so all of them stay.
    """
    before = np.flatnonzero(table["time"] < start)
    number = np.zeros(len(table), np.int64)
    if "control_number" in (table.dtype.names or ()):
        number = table["control_number"].astype(np.int64)
    place = table["instrument"].astype(np.int64) << 7 | number
    _, last = np.unique(place[before][::-1], return_index=True)
    parameters = before[np.isin(number[before], PARAMETERS)]
    rows = np.union1d(before[len(before) - 1 - last], parameters)
    inside = np.flatnonzero(_inside(table["time"], start, end))
    return np.asarray(table[np.append(rows, inside)])


def _moved(table: Array, seconds: float, stay: bool = False) -> Array:
    out = table.copy()
    out["time"] = np.where(
        stay & (table["time"] <= 0), 0.0, np.maximum(table["time"] + seconds, 0.0)
    )
    return out


def _chord(symbol: str, semitones: int) -> str:
    """Return the symbol of the chord `semitones` higher; other text stays as it is."""
    chord = chords.parse(symbol)
    return symbol if chord is None else chords.symbol(chords.transpose(chord, semitones))
