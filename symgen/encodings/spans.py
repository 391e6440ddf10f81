"""The notes of a stream of events, each with the row that begins it.

Controls and measures count them. An encoding has its own (`Encoding.spans`). Two helpers serve the
usual families: `released`, for a field with note-ons and note-offs by pitch, and `voice`, for a
field with one note at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.arrays import heads
from symgen.types import Array, Bools, Ints


class Spans(NamedTuple):
    """N notes in the order of their rows. Times are in steps of the encoding's grid.

    `row` [N] is the event that begins the note. A pitch sounds once: a note ends at the next
    note-on or note-off of its pitch. `velocity` is 0 if the events hold none.
    """

    row: Ints
    start: Ints
    end: Ints
    pitch: npt.NDArray[np.int16]
    velocity: npt.NDArray[np.int16]


def before(advance: Ints) -> Ints:
    """Return int64 `[steps + 1]`: the time before each event, and that after the last."""
    time = np.zeros(len(advance) + 1, np.int64)
    np.cumsum(advance, out=time[1:])
    return time


def released(table: Array, column: Array) -> Spans:
    """Return the notes of a field with note-ons and note-offs; a note-off ends its pitch."""
    time = before(table["advance"].astype(np.int64)[column])
    on = _is(table, "note_on")[column]
    off = _is(table, "note_off")[column]
    rows = np.flatnonzero(on | off)
    rows = rows[np.argsort(table["pitch"][column[rows]], kind="stable")]
    pitch = table["pitch"][column[rows]]
    end = np.full(len(rows), time[-1])
    again = np.flatnonzero(~heads(pitch)[1:])
    end[again] = time[rows[again + 1]]
    notes = on[rows]
    order = np.argsort(rows[notes], kind="stable")
    row = rows[notes][order]
    velocity = _spoken(table["velocity"][column], row)
    return Spans(row, time[row], end[notes][order], pitch[notes][order], velocity)


def voice(table: Array, column: Array) -> Spans:
    """Return the notes of a field that holds one note at a time.

    A value `sounding` begins a note where the value before differs; else it holds it.
    """
    time = before(table["advance"].astype(np.int64)[column])
    changed = heads(column)
    sounding = _is(table, "sounding")[column]
    on = _is(table, "note_on")[column] | (sounding & changed)
    ends = ~((table["kind"] == "hold")[column] | (sounding & ~changed))
    row = np.flatnonzero(on)
    breaks = np.flatnonzero(ends)
    end = np.append(time[breaks], time[-1])[np.searchsorted(breaks, row, "right")]
    return Spans(
        row, time[row], end, table["pitch"][column[row]], _spoken(table["velocity"][column], row)
    )


def _is(table: Array, kind: str) -> Bools:
    """Return which values of a field are of `kind` and have a pitch."""
    return np.asarray((table["kind"] == kind) & (table["pitch"] >= 0), bool)


def _spoken(velocity: npt.NDArray[np.int16], row: Ints) -> npt.NDArray[np.int16]:
    """Return the last velocity given before each row, 0 if there is none."""
    changes = np.flatnonzero(velocity)
    values = np.append(velocity[changes], np.int16(0))
    return values[np.searchsorted(changes, row) - 1]  # -1 is the last: 0, before the first
