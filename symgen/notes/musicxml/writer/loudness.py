"""Dynamic marks from velocities: how loud the measures are, where it lasts."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

from symgen.notes.musicxml.writer.parts import Part

LEVELS = {"pp": 40, "p": 54, "mp": 68, "mf": 82, "f": 98, "ff": 128}
"""The velocity below which music has a mark; velocities of the marks are halfway."""
LAST = 2  # measures in a row that a new mark needs


def marks(part: Part, lines: list[int]) -> list[tuple[int, str]]:
    """Return (tick, mark): the first one, and one where the mean loudness changes for a while.

    `lines` are the ticks at which measures begin, and the end.
    """
    rows = sorted((tick, velocity) for (tick, _), velocity in part.velocities.items())
    ticks = [tick for tick, _ in rows]
    found: list[tuple[int, str]] = []
    for begin, end in pairwise(lines):
        mine = [
            velocity for _, velocity in rows[bisect_left(ticks, begin) : bisect_left(ticks, end)]
        ]
        if mine:
            found.append((ticks[bisect_left(ticks, begin)], _level(sum(mine) / len(mine))))
    out: list[tuple[int, str]] = []
    for at, (tick, level) in enumerate(found):
        lasts = all(other == level for _, other in found[at : at + LAST])
        if not out or (level != out[-1][1] and lasts):
            out.append((tick, level))
    return out


def _level(velocity: float) -> str:
    return next(name for name, most in LEVELS.items() if velocity < most)
