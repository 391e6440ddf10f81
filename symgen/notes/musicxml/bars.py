"""Meters as rows: the fewest that give the beginning of every bar as played.

A row begins a bar, and bars of its length follow. There is another row where the meter changes,
and where a bar line is off that grid. A bar in two pieces, such as the end of a strain and the
pickup of the next, is one bar: the line between them makes no row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from symgen.notes.musicxml.events import Kind
from symgen.notes.musicxml.played import Way, states
from symgen.notes.musicxml.score import Score, Timed

Meter = tuple[int, int]


def bars(score: Score, along: Way) -> tuple[list[tuple[int, Meter]], int]:
    """Return (time, meter) rows, and the first bar line after a pickup, else 0."""
    changes = states(_meters(score), along)
    lines = _lines(score, along)
    meter: Meter | None = changes[0][1] if changes and changes[0][0] == 0 else None
    first = _pickup(score, lines, meter)
    rows: list[tuple[int, Meter]] = [(0, meter)] if meter else []
    written, origin, later = {*lines, along.end}, first, dict(changes)
    for time in sorted({*lines, *later} - {0}):
        if time in later:
            meter, origin = later[time], time
            if meter:
                rows.append((time, meter))
        elif meter and time > origin and _off(time - origin, _length(score, meter), time, written):
            rows.append((time, meter))
            origin = time
    return rows, first


def _meters(score: Score) -> list[Timed]:
    """Return the meters by written time; those of the first part that has any count."""
    found: list[list[Timed]] = [score.timed(part, Kind.METER) for part in score.parts]
    return next(filter(None, found), [])


def _length(score: Score, meter: Meter) -> int:
    return max(1, 4 * score.units * meter[0] // meter[1])


def _lines(score: Score, along: Way) -> list[int]:
    """Return the bar lines as played, without the end."""
    out: list[Any] = []
    for (begin, end, _), shift in zip(along.spans, along.shifts, strict=True):
        low, high = np.searchsorted(score.starts, [begin, end], "left")
        out += (score.starts[low:high] + shift).tolist()
    return sorted({0, *out} - {along.end})


def _off(since: int, length: int, time: int, written: set[int]) -> bool:
    """Return whether a line is off the grid, and not inside a bar with both ends written."""
    inside = since % length
    begin = time - inside
    return bool(inside) and not (begin in written and begin + length in written)


def _pickup(score: Score, lines: list[int], meter: Meter | None) -> int:
    """Return the end of a first measure that is shorter than the meter, else 0."""
    if meter is None or len(lines) < 2:
        return 0
    length = _length(score, meter)
    short = lines[1] < length
    return lines[1] if short and (length not in lines or score.implicit[0]) else 0
