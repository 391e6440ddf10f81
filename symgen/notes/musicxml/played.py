"""The score as played: notes and states carried from written time to the time of playing."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from symgen import limits
from symgen.notes.musicxml.dynamics import velocities
from symgen.notes.musicxml.events import Kind
from symgen.notes.musicxml.instruments import STAFF_DRUMS, USUAL, Instrument, changed, is_drum
from symgen.notes.musicxml.measures import Part
from symgen.notes.musicxml.repeats import Span
from symgen.notes.musicxml.score import Score, Timed
from symgen.notes.musicxml.ties import joined
from symgen.notes.pedal import rows_by
from symgen.types import Array, Ints

TIE_SLACK = 8  # parts of a quarter note
DOWN = 64  # lowest value of a pedal that is down
DELAY = 16  # parts of a quarter note for which a pedal that changes is up

COLUMNS = ("begin", "end", "pitch", "velocity", "program", "drum")


class Way(NamedTuple):
    """How written time is played: spans and the shift of each to the time of playing."""

    spans: list[Span]
    shifts: list[int]
    end: int


def way(spans: list[Span]) -> Way:
    """Return the spans with their shifts."""
    shifts, now = [], 0
    for begin, end, _ in spans:
        shifts.append(now - begin)
        now += end - begin
    return Way(spans, shifts, now)


def states(timed: list[Timed], along: Way) -> list[Timed]:
    """Return values that hold until the next one, as played: what holds at a seam is restated.

    Equal values in a row count once.
    """
    times = np.array([time for time, _ in timed], np.int64)
    out: list[Timed] = []
    for (begin, end, _), shift in zip(along.spans, along.shifts, strict=True):
        low = int(np.searchsorted(times, begin, "right"))
        high = int(np.searchsorted(times, end, "left"))
        if low:
            out.append((begin + shift, timed[low - 1][1]))
        out += [(time + shift, value) for time, value in timed[low : max(low, high)]]
    return [row for i, row in enumerate(out) if not i or row[1] != out[i - 1][1]]


def moments(timed: list[Timed], along: Way) -> list[Timed]:
    """Return values that belong to one time, as played."""
    times = np.array([time for time, _ in timed], np.int64)
    out: list[Timed] = []
    for (begin, end, _), shift in zip(along.spans, along.shifts, strict=True):
        low, high = np.searchsorted(times, [begin, end], "left").tolist()
        out += [(time + shift, value) for time, value in timed[low:high]]
    return out


def check_items(score: Score, along: Way) -> None:
    """Raise OverflowError where what is played holds more than the limit of events."""
    times = [score.time(event) for part in score.parts for event in part.events]
    known = np.sort(np.append(score.starts, np.array(times, np.int64)))
    bounds = np.array([span[:2] for span in along.spans], np.int64).reshape(-1, 2)
    low, high = np.searchsorted(known, bounds[:, 0], "left"), np.searchsorted(known, bounds[:, 1])
    most = limits.current()
    if (items := int((high - low).sum()) + len(along.spans)) > most.events:
        raise OverflowError(most.beyond("events", items))


def notes(score: Score, part: Part, along: Way) -> Ints:
    """Return the notes of a part as played: int64 rows of COLUMNS.

    OverflowError if there are more than the limit.
    """
    written = np.array(part.notes, np.int64).reshape(-1, 10)
    starts = score.starts[written[:, 0]]
    written[:, 1] += starts
    written[:, 2] += starts
    sounding = _sounding(score, part, written)
    order = np.argsort(written[:, 1], kind="stable")
    silent = int((sounding[:, 2] < 0).sum())
    if silent:
        score.tally.add("unnamed drum| left out", silent)
        order = order[sounding[order, 2] >= 0]
    at = written[order, 1]
    picked, moved = [order[:0]], [np.zeros(0, np.int64)]
    total, most = 0, limits.current()
    for (begin, end, number), shift in zip(along.spans, along.shifts, strict=True):
        low, high = np.searchsorted(at, [begin, end], "left").tolist()
        rows = order[low:high]
        if part.passes:
            rows = np.array([r for r in rows.tolist() if _heard(part, r, number)], np.int64)
        picked.append(rows)
        moved.append(np.full(len(rows), shift, np.int64))
        total += len(rows)
        if total > most.notes:
            raise OverflowError(most.beyond("notes"))
    rows, shift_ = np.concatenate(picked), np.concatenate(moved)
    out = sounding[rows]
    out[:, 0] += shift_
    out[:, 1] += shift_
    ties, voice = written[rows, 4], written[rows, 5]
    out[:, 1] = joined(out[:, 0], out[:, 1], out[:, 2], ties, voice, score.units // TIE_SLACK)
    return np.asarray(out[out[:, 1] >= 0])


def _heard(part: Part, row: int, number: int) -> bool:
    times = part.passes.get(row)
    return not times or number in times


def _sounding(score: Score, part: Part, written: Ints) -> Ints:
    """Return rows of COLUMNS in written time; the pitch of what has no sound is -1."""
    out = np.zeros((len(written), len(COLUMNS)), np.int64)
    out[:, :3] = written[:, 1:4]
    out[:, 3] = velocities(score, part, written[:, 1], *written[:, 7:].T)
    changes = score.timed(part, Kind.PROGRAM)
    players = np.array([0, *(time for time, _ in changes)], np.int64)
    turn = np.searchsorted(players, written[:, 1], "right") - 1
    now = list(part.instruments)
    rows = rows_by(turn * len(now) + written[:, 6])
    number = 0
    for key in sorted(rows):
        for _, (which, midi) in changes[number : key // len(now)]:
            now[which] = changed(now[which], midi)
        number = key // len(now)
        _play(out, part, now[key % len(now)], rows[key])
    return out


def _play(out: Ints, part: Part, instrument: Instrument, rows: Array) -> None:
    """Set program, drum and the pitch of unpitched notes for the rows of one instrument."""
    if not len(rows):
        return
    pitch = out[rows, 2]
    unpitched = pitch < 0
    pitched_drum, drum = is_drum(instrument, False), is_drum(instrument, True)
    out[rows, 4] = instrument.program or 0
    out[rows, 5] = np.where(unpitched, drum, pitched_drum)
    if instrument.drum is not None:
        named = pitched_drum and len(part.instruments) > 1  # its notes' pitch is only a place
        out[rows[unpitched | named], 2] = instrument.drum
        return
    drums = np.array([STAFF_DRUMS.get(place, -1) for place in part.places], np.int64)
    if instrument.named_drum is not None:
        drums[:] = instrument.named_drum
    out[rows[unpitched], 2] = drums[-1 - pitch[unpitched]]


def controls(timed: list[Timed], along: Way, units: int) -> list[tuple[int, int, int]]:
    """Return (time, controller, value) by time; values are (controller, value) pairs.

    A pedal that goes up and down at one time goes down a little later, as a foot does. Every pedal
    is up at the end.
    """
    out: list[tuple[int, int, int]] = []
    for controller in sorted({controller for _, (controller, _) in timed}):
        own = [(time, value) for time, (number, value) in timed if number == controller]
        moves = states([(-1, 0), *own], along)
        moves = moves if moves and moves[0][1] else moves[1:]  # up at first anyway
        if moves and moves[-1][1]:
            moves.append((along.end, 0))
        out += [(time, controller, value) for time, value in _changed(moves, along.end, units)]
    return sorted(out)


def mixed(score: Score, part: Part, which: int, along: Way) -> list[tuple[int, int, int]]:
    """Return (time, controller, value) of the volume, pan and bank of an instrument of a part."""
    now = part.instruments[which]
    said: dict[int, list[Timed]] = {}
    mine = [midi for midi in score.timed(part, Kind.PROGRAM) if midi[1][0] == which]
    for time, midi in [(0, None), *((time, midi) for time, (_, midi) in mine)]:
        now = now if midi is None else changed(now, midi)
        for controller, value in now.controls:
            said.setdefault(controller, [(-1, USUAL[controller])]).append((time, value))
    out: list[tuple[int, int, int]] = []
    for controller, own in said.items():
        moves = states(own, along)
        usual = bool(moves) and moves[0][1] == USUAL[controller]
        out += [(time, controller, value) for time, value in moves[usual:]]
    return sorted(out)


def _changed(moves: list[Timed], end: int, units: int) -> list[Timed]:
    """Tell apart an up and a down at one time."""
    out: list[Timed] = []
    down = False
    by_time: dict[int, list[int]] = {}
    for time, value in moves:
        by_time.setdefault(time, []).append(value)
    times = sorted(by_time)
    for time, later in itertools.zip_longest(times, times[1:], fillvalue=end):
        values = by_time[time]
        pressed = [value for value in values if value >= DOWN]
        lifted = [value for value in values if value < DOWN]
        if not (pressed and lifted):
            out += [(time, value) for value in values]
        elif down:
            out += [
                (time, lifted[-1]),
                (time + min(units // DELAY, (later - time) // 2), pressed[-1]),
            ]
        else:
            out.append((time, values[-1]))
        down = out[-1][1] >= DOWN
    return out
