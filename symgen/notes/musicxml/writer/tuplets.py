"""The tuplets of a voice in a measure: the times in which its notes are off all halves of a beat.

A tuplet fills the smallest part of the meter that notes do not cross: half a beat, a beat, or
several where the notes are too long for one, as the triplet of three quarter notes.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from symgen.notes.abc.writer.bars import ODD
from symgen.notes.musicxml.writer.grid import Grid

COARSE = (3, 5, 7)  # notes of a tuplet of several beats


class Tuplet(NamedTuple):
    """`actual` notes in the time of `normal` ones; it may begin before its measure does."""

    begin: int
    end: int
    actual: int
    normal: int


def tuplets(grid: Grid, spans: list[tuple[int, int]]) -> list[Tuplet]:
    """Return the tuplets, in order, of notes that sound in `spans`."""
    odd = [tick for span in spans for tick in span if (tick - grid.origin) % ODD]
    if not odd:
        return []
    beat = grid.sizes[grid.beat - 1]
    out: list[Tuplet] = []
    now = grid.begin - (grid.begin - grid.origin) % beat
    while now < grid.end:
        size = beat
        for count in () if grid.compound else (4, 2):
            whole = now + count * beat <= grid.end and (now - grid.origin) % (count * beat) == 0
            if whole and (found := _coarse(grid, now, count * beat, spans)):
                out.append(found)
                size = count * beat
                break
        else:
            out += _inside(grid, now, beat, spans)
        now += size
    return out


def _coarse(grid: Grid, begin: int, size: int, spans: list[tuple[int, int]]) -> Tuplet | None:
    """Return a tuplet of several beats, if notes that are long enough cross its middle."""
    middle, end = begin + size // 2, begin + size
    if not any(a < middle < b and (_odd(grid, a) or _odd(grid, b)) for a, b in spans):
        return None
    places = [tick for span in spans for tick in span if begin < tick < end]
    crossed = any(a < at < b for a, b in spans for at in (begin, end))
    for actual in COARSE:
        if not crossed and all((tick - begin) * actual % size == 0 for tick in places):
            return Tuplet(begin, end, actual, _normal(grid, size, actual))
    return None


def _inside(grid: Grid, begin: int, size: int, spans: list[tuple[int, int]]) -> list[Tuplet]:
    """Return the tuplets in a part of the measure that is at most a beat."""
    end = begin + size
    odd = {tick for span in spans for tick in span if begin < tick < end and _odd(grid, tick)}
    if not odd:
        return []
    places = {begin, end, *(tick for span in spans for tick in span)}
    count = 3 if grid.compound and size == grid.sizes[grid.beat - 1] else 2
    part = size // count
    parts = [begin + k * part for k in range(count)]
    within = [at for at in parts if any(at < tick < at + part for tick in odd)]
    actual = _divisor(begin, size, odd)
    every = _divisor(begin, size, {tick for tick in places if begin < tick < end})
    edges = {edge for at in within for edge in (at, at + part)}
    free = not any(a < edge < b for a, b in spans for edge in edges)
    if size % (count * ODD) == 0 and (edges <= places or (free and every > actual)):
        return [one for at in within for one in _inside(grid, at, part, spans)]
    actual = every
    return [Tuplet(begin, end, actual, _normal(grid, size, actual))]


def _divisor(begin: int, size: int, places: set[int]) -> int:
    """Return into how many notes a tuplet divides a time, so that all places are in it."""
    return math.lcm(*(_odd_part(Fraction(tick - begin, size).denominator) for tick in places))


def _odd(grid: Grid, tick: int) -> bool:
    return (tick - grid.origin) % ODD > 0


def _odd_part(number: int) -> int:
    return number // (number & -number)


def _normal(grid: Grid, size: int, actual: int) -> int:
    """Return how many plain notes fill the tuplet, at most as many as it has."""
    normal = 3 if grid.compound and size % (3 * ODD) == 0 and _odd_part(size // ODD) == 3 else 1
    while 2 * normal <= actual:
        normal *= 2
    return normal
