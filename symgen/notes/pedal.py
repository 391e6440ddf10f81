"""Apply the sustain pedal: notes sound until the pedal goes up or their pitch is played again.

The result is that of note_seq's `apply_sustain_control_changes`, in vectorised form. The pedal is
down at values of 64 and more, per instrument; of an up and a down at the same time, the up counts.
Each note ends at the first of these that applies:

- at the next onset of its pitch while the pedal is down, if that is not after its note-off (two
  notes that begin together become one);
- at its note-off, if the pedal is up there;
- at the next time the pedal goes up or the pitch begins again, else at the last event of the piece.

Drums are unchanged. Departures: `total_time` is never less than the end of the last note, as in
every NoteSequence; all-sound-off (controller 120) ends notes that the pedal holds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symgen.arrays import heads
from symgen.notes.sequence import NoteSequence
from symgen.types import Array

SUSTAIN, SOSTENUTO, SOFT, SOUND_OFF = 64, 66, 67, 120  # controllers
DOWN = 64  # lowest value of a pedal that is down


STUCK = 30.0  # seconds for which the last press of a piece may last


class Moves(NamedTuple):
    """The control changes of the pedal, sorted by time."""

    time: Array
    down: Array
    instrument: Array


def rows_by(values: Array) -> dict[int, Array]:
    """Return the rows of each value, in order."""
    if not len(values):
        return {}
    if (values == values[0]).all():
        return {int(values[0]): np.arange(len(values))}
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    heads = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    parts = np.split(order, heads[1:])
    return dict(zip(ordered[heads].tolist(), parts, strict=True))


def sustain(sequence: NoteSequence) -> NoteSequence:
    """Return `sequence` with its notes extended by the pedal; control changes are unchanged."""
    notes, changes = sequence.notes, sequence.control_changes
    moves = np.flatnonzero(changes["control_number"] == SUSTAIN)
    pitched = np.flatnonzero(~notes["is_drum"])
    if not len(moves) or not len(pitched):
        return sequence
    pedal = Moves(
        changes["time"][moves],
        changes["control_value"][moves] >= DOWN,
        changes["instrument"][moves],
    )
    group = (notes["instrument"].astype(np.int64) << 7 | notes["pitch"])[pitched]
    start = notes["start_time"][pitched]
    end = notes["end_time"][pitched]
    down_at_start, down_at_end, lifted = _pedal(pedal, group >> 7, start, end)
    again = np.empty(len(start))
    by = _by_pitch(group, start)
    again[by] = _next_onset(group[by], start[by], down_at_start[by])
    last = max(float(start.max()), float(end.max()), float(pedal.time.max()))
    held = down_at_end & (again > end)
    ring = np.minimum(lifted, again)
    off = np.flatnonzero(changes["control_number"] == SOUND_OFF)
    if len(off):
        ring = np.minimum(ring, _next_off(changes[off], group >> 7, end))
    sustained = np.where(held, np.where(np.isinf(ring), last, ring), end)
    new_end = np.where(again <= end, again, sustained)
    out = notes.view(np.uint8).copy().view(notes.dtype)  # copying bytes is faster than fields
    out["end_time"][pitched] = new_end
    gone = pitched[again <= start]
    if len(gone):
        out = np.delete(out, gone)
    total = last if (held & np.isinf(ring)).any() else sequence.total_time
    return sequence.replace(notes=out, total_time=total)


def _by_pitch(group: Array, start: Array) -> Array:
    """Return the order by group and start (stable)."""
    if (start[1:] < start[:-1]).any():
        return np.lexsort((start, group))
    small = group.min() >= 0 and group.max() < 1 << 16  # 16 bits are sorted faster
    return np.argsort(group.astype(np.uint16) if small else group, kind="stable")


def _pedal(pedal: Moves, instrument: Array, start: Array, end: Array) -> tuple[Array, Array, Array]:
    """Return whether the pedal is down at start and end of each note, and when it goes up next."""
    down_at_start = np.zeros(len(start), bool)
    down_at_end = np.zeros(len(start), bool)
    lifted = np.full(len(start), np.inf)
    notes_of = rows_by(instrument)
    for number, moves in rows_by(pedal.instrument).items():
        if number not in notes_of:
            continue
        mine = notes_of[number]
        times = pedal.time[moves]
        down = pedal.down[moves]
        if (times[1:] <= times[:-1]).any():
            order = np.lexsort((~down, times))
            times = times[order]
            down = down[order]
        turns = np.flatnonzero(heads(down))  # without repetitions
        times = times[turns]
        down = down[turns]
        state = np.append(False, down)
        following = np.append(times, np.inf)
        after = np.searchsorted(times, end[mine], "right")
        down_at_start[mine] = state[np.searchsorted(times, start[mine], "right")]
        down_at_end[mine], lifted[mine] = state[after], following[after]
    return down_at_start, down_at_end, lifted


def _next_off(changes: Array, instrument: Array, end: Array) -> Array:
    """Return the next all-sound-off at or after the end of each note; infinity if none."""
    out = np.full(len(end), np.inf)
    notes_of = rows_by(instrument)
    for number, rows in rows_by(changes["instrument"]).items():
        mine = notes_of.get(number, rows[:0])
        times = np.append(np.sort(changes["time"][rows]), np.inf)
        out[mine] = times[np.searchsorted(times[:-1], end[mine], "left")]
    return out


def sostenuto(sequence: NoteSequence) -> NoteSequence:
    """Return `sequence` with the notes that its sostenuto pedal holds.

    They are those whose key is down when the pedal goes down, and last until it goes up, at most to
    the end of the piece. note_seq and the encodings know no sostenuto.
    """
    changes = sequence.control_changes[sequence.control_changes["control_number"] == SOSTENUTO]
    if not len(changes):
        return sequence
    notes = sequence.notes.copy()
    pitched = np.flatnonzero(~notes["is_drum"])
    notes_of = rows_by(notes["instrument"][pitched])
    for number, rows in rows_by(changes["instrument"]).items():
        own = changes[rows]
        down = own["control_value"] >= DOWN
        turns = np.flatnonzero(down != np.append(False, down[:-1]))
        times = np.append(own["time"][turns], sequence.total_time)
        begins, lifts = times[0:-1:2], times[1::2]
        if number not in notes_of or not len(begins):
            continue
        mine = pitched[notes_of[number]]
        start, end = sequence.notes["start_time"][mine], sequence.notes["end_time"][mine]
        last = np.searchsorted(begins, end, "left") - 1  # the last press before the key goes up
        held = (last >= 0) & (begins[last] >= start)
        notes["end_time"][mine[held]] = np.maximum(end[held], lifts[last[held]])
    return sequence.replace(notes=notes)


def _next_onset(group: Array, start: Array, counts: Array) -> Array:
    """Return the next onset in the group of each note, of those in `counts`; infinity if none."""
    size = len(start)
    ahead = np.append(np.flatnonzero(counts), size)[np.cumsum(counts)]
    inside = (ahead < size) & (np.append(group, -1)[ahead] == group)
    return np.where(inside, np.append(start, np.inf)[ahead], np.inf)


def without_stuck(sequence: NoteSequence) -> tuple[NoteSequence, int]:
    """Return `sequence` without pedal presses that never end, and how many there were.

    In some files the last pedal values are all 64 or more (58 of 819 files of POP909; in 13 of them
    all values are), so that every note sounds to the end: 34 at once. A press is stuck if it lasts
    more than STUCK seconds, to the end of the last note of its instrument.
    """
    notes, changes = sequence.notes, sequence.control_changes
    stuck = np.zeros(len(changes), bool)
    presses = 0
    moves = np.flatnonzero(changes["control_number"] == SUSTAIN)
    notes_of = rows_by(notes["instrument"]) if len(moves) else {}
    for instrument, mine in rows_by(changes["instrument"][moves]).items():
        rows = moves[mine]
        rows = rows[np.argsort(changes["time"][rows], kind="stable")]
        up = np.flatnonzero(changes["control_value"][rows] < DOWN)
        held = rows[up[-1] + 1 if len(up) else 0 :]
        ends = notes["end_time"][notes_of.get(instrument, mine[:0])]
        if len(held) and float(ends.max(initial=0)) - float(changes["time"][held[0]]) > STUCK:
            stuck[held] = True
            presses += 1
    if not presses:
        return sequence, 0
    return sequence.replace(control_changes=changes[~stuck]), presses
