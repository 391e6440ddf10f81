"""Velocities: the dynamic in force, wedges between two dynamics, strokes and accents."""

from __future__ import annotations

import numpy as np

from symgen.notes.musicxml.directions import FORTE
from symgen.notes.musicxml.events import Kind
from symgen.notes.musicxml.measures import Part
from symgen.notes.musicxml.score import Score, Timed
from symgen.types import Array, Floats, Ints

MOST_OPEN = 16  # wedges at once, as in the standard


def velocities(score: Score, part: Part, begin: Ints, said: Ints, accent: Ints) -> Ints:
    """Return the velocity of notes that begin at written times; `said` is their own, or 0.

    A dynamic holds for its part until the next. A wedge leads to the dynamic at its end, or up to
    a quarter note later; one without, or whose dynamic goes the other way, changes nothing. Before
    the first dynamic the velocity is FORTE.
    """
    levels = [(-1, FORTE), *score.timed(part, Kind.DYNAMIC)]
    times = np.array([time for time, _ in levels], np.int64)
    values = np.array([value for _, value in levels], np.float64)
    out: Floats = values[np.searchsorted(times, begin, "right") - 1]
    wedges, strokes = _wedges(score.timed(part, Kind.WEDGE)), score.timed(part, Kind.STROKE)
    if wedges or strokes:
        order = np.argsort(begin, kind="stable")
        placed, level = begin[order], out[order]
        for wedge in wedges:
            _bend(level, placed, times, values, wedge, score.units)
        for time, value in strokes:
            level[np.searchsorted(placed, time) : np.searchsorted(placed, time, "right")] = value
        out[order] = level
    out += accent
    return np.clip(np.where(said > 0, said, np.rint(out)), 1, 127).astype(np.int64)


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
