"""The sustain pedal, applied: notes ring on until the pedal is lifted or their pitch is struck again.

The result is that of note_seq's `apply_sustain_control_changes`, without its walk through the events. For each note, with
the pedal counted as down at values of 64 and more, per instrument, and an up winning over a down at the same time:

- the first later strike of its pitch while the pedal is down, if it comes no later than the release, ends the note (and
  removes it, where both begin together);
- else, with the pedal up at its release, it ends there;
- else at the pedal's next up or the pitch's next strike, whichever is first, or with the last event of the piece.

Drums are left alone. Departure: `total_time` is never less than the last note's end, as in every NoteSequence.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence

Array = npt.NDArray[Any]

SUSTAIN = 64  # the controller
DOWN = 64  # its least value that counts as down


STUCK = 30.0  # seconds for which a press that is never lifted may be meant


class Moves(NamedTuple):
    """The pedal's control changes, by time."""

    time: Array
    down: Array
    instrument: Array


def sustain(sequence: NoteSequence) -> NoteSequence:
    """Return `sequence` with its notes held by the pedal; the control changes stay as they are."""
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
    start, end = notes["start_time"][pitched], notes["end_time"][pitched]
    down_at_start, down_at_end, lifted = _pedal(pedal, group >> 7, start, end)
    struck, by = np.empty(len(start)), _by_pitch(group, start)
    struck[by] = _next_strike(group[by], start[by], down_at_start[by])
    last = max(float(start.max()), float(end.max()), float(pedal.time.max()))
    held = down_at_end & (struck > end)
    ring = np.minimum(lifted, struck)
    new_end = np.where(
        struck <= end, struck, np.where(held, np.where(np.isinf(ring), last, ring), end)
    )
    out = notes.view(np.uint8).copy().view(notes.dtype)  # as bytes, not field by field
    out["end_time"][pitched] = new_end
    gone = pitched[struck <= start]
    if len(gone):
        out = np.delete(out, gone)
    total = last if (held & np.isinf(ring)).any() else sequence.total_time
    return sequence.replace(notes=out, total_time=total)


def _by_pitch(group: Array, start: Array) -> Array:
    """Return the order by group and start; notes that begin together stay in their order."""
    if (start[1:] < start[:-1]).any():
        return np.lexsort((start, group))
    small = group.min() >= 0 and group.max() < 1 << 16  # sorted by counting
    return np.argsort(group.astype(np.uint16) if small else group, kind="stable")


def _pedal(pedal: Moves, instrument: Array, start: Array, end: Array) -> tuple[Array, Array, Array]:
    """Return for each note whether the pedal is down at its start, at its end, and when that is lifted, where it is down."""
    down_at_start, down_at_end = np.zeros(len(start), bool), np.zeros(len(start), bool)
    lifted = np.full(len(start), np.inf)
    for number in set(
        pedal.instrument[np.append(True, pedal.instrument[1:] != pedal.instrument[:-1])].tolist()
    ):
        mine, moves = (
            np.flatnonzero(instrument == number),
            np.flatnonzero(pedal.instrument == number),
        )
        times, down = pedal.time[moves], pedal.down[moves]
        if (times[1:] <= times[:-1]).any():
            order = np.lexsort((~down, times))
            times, down = times[order], down[order]
        turns = np.flatnonzero(
            np.append(True, down[1:] != down[:-1])
        )  # what only says again how it stands changes nothing
        times, down = times[turns], down[turns]
        state, following = np.append(False, down), np.append(times, np.inf)
        after = np.searchsorted(times, end[mine], "right")
        down_at_start[mine] = state[np.searchsorted(times, start[mine], "right")]
        down_at_end[mine], lifted[mine] = state[after], following[after]
    return down_at_start, down_at_end, lifted


def _next_strike(group: Array, start: Array, counts: Array) -> Array:
    """Return when the next note of each note's group begins among those that count, or infinity."""
    size = len(start)
    ahead = np.append(np.flatnonzero(counts), size)[np.cumsum(counts)]
    inside = (ahead < size) & (np.append(group, -1)[ahead] == group)
    return np.where(inside, np.append(start, np.inf)[ahead], np.inf)


def without_stuck(sequence: NoteSequence) -> tuple[NoteSequence, int]:
    """Return `sequence` without presses that are never lifted, and how many there were.

    In some files the last values sent are all 64 and more (58 of 819 files of POP909; in 13 of them
    every value is), so that every note rings to the end: 34 at once. A press counts as stuck where
    it holds for more than STUCK seconds to the end of its instrument's last note.
    """
    notes, changes = sequence.notes, sequence.control_changes
    stuck = np.zeros(len(changes), bool)
    presses = 0
    for instrument in np.unique(changes["instrument"][changes["control_number"] == SUSTAIN]):
        rows = np.flatnonzero(
            (changes["control_number"] == SUSTAIN) & (changes["instrument"] == instrument)
        )
        rows = rows[np.argsort(changes["time"][rows], kind="stable")]
        up = np.flatnonzero(changes["control_value"][rows] < DOWN)
        held = rows[up[-1] + 1 if len(up) else 0 :]
        ends = notes["end_time"][notes["instrument"] == instrument]
        if len(held) and float(ends.max(initial=0)) - float(changes["time"][held[0]]) > STUCK:
            stuck[held] = True
            presses += 1
    return (
        (sequence.replace(control_changes=changes[~stuck]), presses) if presses else (sequence, 0)
    )
