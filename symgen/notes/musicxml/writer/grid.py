"""The metrical grid of a measure: how strong each place in it is, and where notes are cut.

A note may hide a place that is stronger than both of its ends only where readers expect it, as in
the syncopation of an eighth, a quarter and an eighth (E. Gould, Behind Bars, 2011, chapter 6).
Rests hide none. Places are ticks.
"""

from __future__ import annotations

from typing import NamedTuple

from symgen.notes.abc.writer.bars import DOTTED, ODD, SINGLE
from symgen.notes.abc.writer.time import TICKS
from symgen.notes.theory import meter

FINEST = 10  # halvings of the beat


class Grid(NamedTuple):
    """The places of a measure, or of a tuplet, by strength.

    `sizes` are the distances of places from `origin`, strong ones first; `beat` is the row of the
    beat. A dotted beat is `compound`: it is hidden by notes of whole beats alone. Lengths are
    `actual` to `normal` times as long as they are written (1 to 1, but in a tuplet).
    """

    begin: int
    end: int
    origin: int
    sizes: tuple[int, ...]
    beat: int
    compound: bool
    bar: int = 0  # ticks of a full bar
    actual: int = 1
    normal: int = 1

    def strength(self, tick: int) -> int:
        """Return 0 at the ends of the measure, else minus the row of `sizes` that is there."""
        if tick in (self.begin, self.end):
            return 0
        rows = (row for row, size in enumerate(self.sizes, 1) if (tick - self.origin) % size == 0)
        return -next(rows, len(self.sizes) + 1)

    def hidden(self, begin: int, end: int) -> tuple[int, list[int]]:
        """Return the strength of the strongest places inside a note, and these places."""
        for row, size in enumerate(self.sizes, 1):
            first = begin + size - (begin - self.origin) % size
            if first < end:
                return -row, list(range(first, end, size))
        return -len(self.sizes) - 1, []

    def dots(self, begin: int, end: int) -> int:
        """Return the dots with which a length is written: 0 or 1, or -1 if it cannot be."""
        written = (end - begin) * self.actual
        if written % self.normal:
            return -1
        written //= self.normal
        return 0 if written in SINGLE else (1 if written in DOTTED else -1)

    def readable(self, begin: int, end: int, rest: bool) -> bool:
        """Return whether one note, or one rest, can fill a time and be read at sight."""
        dots = self.dots(begin, end)
        if dots < 0 or (rest and dots and not self.compound):
            return False
        strength, places = self.hidden(begin, end)
        ends = self.strength(begin), self.strength(end)
        if self.compound and places and -strength <= self.beat:
            return min(ends) >= strength
        if strength <= max(ends):
            return True
        middle = 2 * places[0] == begin + end
        return not rest and not dots and len(places) == 1 and middle and strength == max(ends) + 1


def of_bar(begin: int, end: int, origin: int, numerator: int, denominator: int) -> Grid:
    """Return the grid of a bar; `origin` is a place on a beat."""
    unit = 4 * TICKS // denominator
    compound = denominator >= 8 and meter.compound(numerator, denominator)
    sizes = list[int]()
    if compound:
        sizes += [6 * unit, 3 * unit] if numerator == 12 else [3 * unit]
        finer = unit
    else:
        beat = TICKS if numerator * unit % TICKS == 0 and unit < TICKS else unit
        half = numerator * unit // 2
        if half > beat and half % beat == 0 and numerator in (2, 4, 8):
            sizes.append(half)
        sizes.append(beat)
        finer = beat // 2
    count = len(sizes)
    sizes += [finer >> k for k in range(FINEST) if (finer >> k) % ODD == 0]
    return Grid(
        begin, end, origin, tuple(sizes), count, compound, numerator * 4 * TICKS // denominator
    )


def of_tuplet(begin: int, end: int, actual: int, normal: int) -> Grid:
    """Return the grid of a tuplet: `actual` notes in the time of `normal`."""
    unit = (end - begin) // actual
    sizes = tuple(unit >> k for k in range(FINEST) if unit >> k and unit % (1 << k) == 0)
    return Grid(begin, end, begin, sizes, 1, False, 0, actual, normal)


def cut(grid: Grid, begin: int, end: int, rest: bool) -> list[tuple[int, int]]:
    """Return the readable pieces of a note or rest, as few as can be, cut at strong places."""
    if grid.readable(begin, end, rest):
        return [(begin, end)]
    _, places = grid.hidden(begin, end)
    if not places:  # finer than any place: as it is
        return [(begin, end)]
    if len(places) > 2:
        places = [places[0], places[-1]]
    found = [[*cut(grid, begin, at, rest), *cut(grid, at, end, rest)] for at in places]
    return min(found, key=len)
