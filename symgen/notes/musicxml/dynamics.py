"""Velocities: the dynamic in force, wedges between two dynamics, strokes and accents."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symgen.notes.musicxml.directions import FORTE
from symgen.notes.musicxml.events import Kind
from symgen.notes.musicxml.measures import Part
from symgen.notes.musicxml.score import Score, Timed
from symgen.types import Array, Floats, Ints

MOST_OPEN = 16  # wedges at once, as in the standard


class Marks(NamedTuple):
    """The marks of dynamics that hold for some notes, by time."""

    levels: list[Timed]
    wedges: list[Timed]
    strokes: list[Timed]


def velocities(
    score: Score, part: Part, begin: Ints, said: Ints, accent: Ints, staff: Ints
) -> Ints:
    """Return the velocity of notes that begin at written times; `said` is their own, or 0.

    A dynamic holds for its part until the next. If two staves have different dynamics at one time,
    those of a staff hold for that staff alone. A wedge leads to the dynamic at its end, or up to
    a quarter note later; one without, or whose dynamic goes the other way, changes nothing. Before
    the first dynamic the velocity is FORTE.
    """
    out = np.zeros(len(begin))
    if not _apart(score, part):
        out[:] = _levels(_marks(score, part), begin, score.units)
    else:
        for one in np.unique(staff).tolist():
            mine = staff == one
            out[mine] = _levels(_marks(score, part, one), begin[mine], score.units)
    out += accent
    return np.clip(np.where(said > 0, said, np.rint(out)), 1, 127).astype(np.int64)


def _apart(score: Score, part: Part) -> bool:
    """Return whether two staves have different dynamics at one time."""
    events = [event for event in part.events if event.kind is Kind.DYNAMIC and event.staff]
    found: dict[int, dict[int, int]] = {}
    for event in events:
        found.setdefault(score.time(event), {})[event.staff] = event.value
    return any(len(set(values.values())) > 1 for values in found.values())


def _marks(score: Score, part: Part, staff: int | None = None) -> Marks:
    """Return the marks of a staff, or of all."""
    out = Marks([], [], [])
    lists = dict(zip((Kind.DYNAMIC, Kind.WEDGE, Kind.STROKE), out, strict=True))
    for event in part.events:
        if event.kind in lists and (staff is None or event.staff in (0, staff)):
            lists[event.kind].append((score.time(event), event.value))
    return Marks(*(sorted(rows, key=lambda row: row[0]) for rows in out))


def _levels(marks: Marks, begin: Ints, units: int) -> Floats:
    """Return the velocities of notes by the marks that hold for them."""
    levels = [(-1, FORTE), *marks.levels]
    times = np.array([time for time, _ in levels], np.int64)
    values = np.array([value for _, value in levels], np.float64)
    out: Floats = values[np.searchsorted(times, begin, "right") - 1]
    wedges = _wedges(marks.wedges)
    if wedges or marks.strokes:
        order = np.argsort(begin, kind="stable")
        placed, level = begin[order], out[order]
        for wedge in wedges:
            _bend(level, placed, times, values, wedge, units)
        for time, value in marks.strokes:
            level[np.searchsorted(placed, time) : np.searchsorted(placed, time, "right")] = value
        out[order] = level
    return out


def _wedges(events: list[Timed]) -> list[tuple[int, int, bool]]:
    """Return (begin, end, growing) of the wedges that are closed."""
    out, opened = [], dict[str, tuple[int, bool]]()
    for time, (kind, number) in events:
        if kind in ("crescendo", "diminuendo"):
            if len(opened) >= MOST_OPEN and number not in opened:
                continue
            opened[number] = time, kind == "crescendo"
        elif kind == "stop" and number in opened:
            first, growing = opened.pop(number)
            if first < time:
                out.append((first, time, growing))
    return out


def _bend(
    out: Floats,
    begin: Ints,
    times: Array,
    values: Array,
    wedge: tuple[int, int, bool],
    most: int,
) -> None:
    """Lead the velocities inside a wedge to the dynamic after it; notes are in order of `begin`."""
    first, last, growing = wedge
    after = int(np.searchsorted(times, last, "left"))
    if after == len(times) or times[after] > last + most:
        return
    source = float(values[np.searchsorted(times, first, "right") - 1])
    target = float(values[after])
    if (target > source) != growing or target == source:
        return
    inside = slice(*np.searchsorted(begin, [first, last]).tolist())
    out[inside] = source + (target - source) * (begin[inside] - first) / (last - first)
