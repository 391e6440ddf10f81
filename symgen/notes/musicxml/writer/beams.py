"""Beams by the meter: notes of one beat, and eighth notes of half a bar where no others are."""

from __future__ import annotations

from itertools import groupby

from symgen.notes.abc.writer.time import TICKS
from symgen.notes.musicxml.writer.grid import Grid
from symgen.notes.musicxml.writer.rhythm import Event

Beams = tuple[str, ...]
"""Of a note: begin, continue, end, or a hook, for each of its beams."""


def beams(grid: Grid, events: list[Event]) -> list[Beams]:
    """Return the beams of each event; () for one without."""
    cells = _cells(grid, events)
    out: list[Beams] = [()] * len(events)
    rows = range(len(events))
    for _, run in groupby(rows, key=lambda row: (cells[row], events[row].flags > 0)):
        joined = list(run)
        if events[joined[0]].flags and len(joined) > 1:
            flags = [events[row].flags for row in joined]
            for at, row in enumerate(joined):
                out[row] = _of_note(flags, at)
    return out


def _cells(grid: Grid, events: list[Event]) -> list[int]:
    """Return the beginning of the beam that each event may be in."""
    beat = grid.sizes[grid.beat - 1]
    out = [_cell(grid, one, beat) for one in events]
    if grid.compound:
        return out
    if beat < TICKS:  # 5/8 and 7/8: twos, and a three at the end
        last = max((grid.end - grid.begin) // beat // 2 - 1, 0)
        return [min((at - grid.begin) // beat // 2, last) for at in out]
    wide = grid.sizes[0] if grid.sizes[0] > beat else grid.bar
    if wide > 3 * TICKS:
        wide = beat
    start = grid.begin - (grid.begin - grid.origin) % wide
    for begin in range(start, grid.end, wide):
        mine = [row for row, one in enumerate(events) if begin <= one.begin < begin + wide]
        if all(_plain(events[row]) for row in mine) and len(mine) * TICKS == 2 * wide:
            for row in mine:
                out[row] = begin
    return out


def _plain(one: Event) -> bool:
    """Return whether an event is an eighth note as it stands."""
    return one.flags == 1 and not one.dots and one.tuplet is None


def _cell(grid: Grid, one: Event, beat: int) -> int:
    if one.tuplet is not None:
        return one.tuplet.begin
    return one.begin - (one.begin - grid.origin) % beat


def _of_note(flags: list[int], at: int) -> Beams:
    out = []
    for level in range(1, flags[at] + 1):
        before = at > 0 and flags[at - 1] >= level
        after = at + 1 < len(flags) and flags[at + 1] >= level
        if before and after:
            out.append("continue")
        elif after:
            out.append("begin")
        elif before:
            out.append("end")
        else:
            out.append("backward hook" if at else "forward hook")
    return tuple(out)
