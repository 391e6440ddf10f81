"""Bar lines as rows of meters: the fewest rows that give the beginning of every bar.

A row begins a bar, and from there on bars follow at the length of the meter. There is another row
where the meter changes, and where a written bar line is off that grid. A bar that is written in two
pieces, such as the end of a strain and the pickup of the next, is one bar: the line between them
(end of a repeat, double bar) makes no row.
"""

from __future__ import annotations

from typing import NamedTuple

from symgen.notes.abc.fields import Meter
from symgen.notes.abc.played import Played


class Bars(NamedTuple):
    """`rows` are (ticks, meter); `first` is the first bar line after a pickup, else 0."""

    rows: list[tuple[int, Meter]]
    first: int


def bars(played: Played) -> Bars:
    """Return the bars of the first voice."""
    changes = _changes(played)
    lines = [t for t in sorted(set(played.bars.tolist())) if 0 < t < played.ticks]
    meter = changes[0][1] if changes and changes[0][0] == 0 else None
    first = _pickup(lines, set(lines), set(played.seams), meter)
    rows = [(0, meter)] if meter else []
    written = {0, first, *lines}
    origin, ticks = first, meter.ticks if meter else 0
    later = dict(changes)
    for time in sorted({*lines, *later} - {0}):
        if time in later:
            meter, origin = later[time], time
            ticks = meter.ticks if meter else 0
            if meter:
                rows.append((time, meter))
        elif meter and time > origin and _off(time, origin, ticks, written):
            rows.append((time, meter))
            origin = time
    return Bars(rows, first)


def _off(time: int, origin: int, ticks: int, written: set[int]) -> bool:
    """Return whether a line is off the grid, and not inside a bar with both ends written."""
    inside = (time - origin) % ticks
    begin = time - inside
    return bool(inside) and not (begin in written and begin + ticks in written)


def _pickup(lines: list[int], written: set[int], seams: set[int], meter: Meter | None) -> int:
    """Return the end of a first bar that is shorter than the meter, else 0.

    The bar line may be missing if the pickup is a part by itself.
    """
    if not meter or not lines or meter.ticks in written:
        return 0
    first = lines[0] % meter.ticks
    return first if first == lines[0] or first in seams else 0


def _changes(played: Played) -> list[tuple[int, Meter | None]]:
    """Return the changes of the meter; at one time the last one counts."""
    by_time = {state.time: state.meter for state in played.states if state.time < played.ticks}
    out: list[tuple[int, Meter | None]] = []
    for time in sorted(by_time):
        if not out or out[-1][1] != by_time[time]:
            out.append((time, by_time[time]))
    return out
