"""A voice in a measure as notes, chords and rests that can be read: cut, in tuplets, with types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from symgen.notes.abc.writer.bars import DOTTED, SINGLE
from symgen.notes.abc.writer.time import Group
from symgen.notes.musicxml.writer import grid as grids
from symgen.notes.musicxml.writer.grid import Grid
from symgen.notes.musicxml.writer.tuplets import Tuplet, tuplets

TYPES = ("breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th", "128th", "256th",
         "512th", "1024th")  # fmt: skip
EIGHTH = TYPES.index("eighth")


class Event(NamedTuple):
    """A note, a chord or a rest (without pitches) in ticks.

    `tied` are the pitches that the next event continues. `kind` is a place in TYPES, or -1 where a
    length has no type.
    """

    begin: int
    end: int
    pitches: tuple[int, ...]
    tied: tuple[int, ...]
    tuplet: Tuplet | None
    kind: int
    dots: int

    @property
    def flags(self) -> int:
        """The flags or beams of a note: 1 for an eighth note; 0 for a rest."""
        return max(0, self.kind - EIGHTH + 1) if self.pitches else 0


def events(grid: Grid, groups: list[Group]) -> list[Event]:
    """Return what is written in a measure, without gaps; `groups` sound in it, in order."""
    inside = [(max(g.begin, grid.begin), min(g.end, grid.end), g) for g in groups]
    found = tuplets(grid, [(begin, end) for begin, end, _ in inside])
    out: list[Event] = []
    now = grid.begin
    for begin, end, group in inside:
        out += _written(grid, found, now, begin, (), ())
        held = group.held if end == group.end else group.pitches
        out += _written(grid, found, begin, end, group.pitches, held)
        now = end
    return [*out, *_written(grid, found, now, grid.end, (), ())]


def _written(
    grid: Grid,
    found: list[Tuplet],
    begin: int,
    end: int,
    pitches: tuple[int, ...],
    held: tuple[int, ...],
) -> Iterator[Event]:
    """Yield a note or rest as the pieces that are written, tied to one another."""
    pieces = [
        (piece, tuplet, inner)
        for a, b, tuplet in _regions(grid, found, begin, end)
        for inner in [_inner(grid, tuplet)]
        for piece in grids.cut(inner, a, b, not pitches)
    ]
    for (a, b), tuplet, inner in pieces:
        written = (b - a) * inner.actual // inner.normal
        dots = max(inner.dots(a, b), 0)
        lengths = (SINGLE, DOTTED)[dots]
        kind = lengths.index(written) if written in lengths else -1
        yield Event(a, b, pitches, held if b == end else pitches, tuplet, kind, dots)


def _regions(
    grid: Grid, found: list[Tuplet], begin: int, end: int
) -> Iterator[tuple[int, int, Tuplet | None]]:
    """Yield the parts of a time inside and outside of tuplets."""
    now = begin
    for tuplet in found:
        a, b = max(tuplet.begin, begin), min(tuplet.end, end)
        if a >= b:
            continue
        if now < a:
            yield now, a, None
        yield a, b, tuplet
        now = b
    if now < end:
        yield now, end, None


def _inner(grid: Grid, tuplet: Tuplet | None) -> Grid:
    if tuplet is None:
        return grid
    return grids.of_tuplet(tuplet.begin, tuplet.end, tuplet.actual, tuplet.normal)


def beat_of(grid: Grid, tick: int) -> int:
    """Return the beginning of the beat at `tick`, not before that of the measure."""
    size = grid.sizes[grid.beat - 1]
    return max(grid.begin, tick - (tick - grid.origin) % size)
