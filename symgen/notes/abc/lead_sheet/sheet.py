"""A tune as its author wrote it, to which chord symbols are added, or whose own are replaced."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np

from symgen.errors import ReadError, counted
from symgen.notes.abc import book
from symgen.notes.abc.book import Block
from symgen.notes.abc.fields import QUARTER
from symgen.notes.abc.lead_sheet.changes import symbols
from symgen.notes.abc.lead_sheet.text import Edit, SourceText
from symgen.notes.abc.lead_sheet.watch import Found, Place, Watch, listed
from symgen.notes.abc.messages import Warnings
from symgen.notes.abc.playback import jumps
from symgen.notes.abc.played import spanned
from symgen.notes.abc.repeats import Span
from symgen.notes.abc.tune import parse
from symgen.types import Bools, Ints

HALF_UP = 0.501  # added before rounding down, as the grids of encodings do


@dataclasses.dataclass(frozen=True, eq=False)
class LeadSheet:
    """One tune of a file, and the places of its first voice that can have a chord symbol.

    `visits` are (ticks as played, number of the place) in the order of playing; `passes` are the
    spans that are played. `own` are the chord symbols in all voices, `parts` the characters of the
    file that belong to the tune.
    """

    source: SourceText
    parts: tuple[tuple[int, int], ...]
    places: tuple[Place, ...]
    visits: tuple[tuple[int, int], ...]
    passes: tuple[Span, ...]
    own: tuple[Found, ...]
    listed: tuple[Found, ...]  # those in symbol lines

    def with_chords(self, chords: Iterable[tuple[float, str]]) -> tuple[bytes, list[str]]:
        """Return the tune with `chords` instead of its own, and a line for each kind of loss.

        Each is a time in quarter notes as played, and a symbol. All other bytes are as they were.
        """
        ticks = [(round(time * QUARTER), symbol) for time, symbol in chords]
        found = symbols(self.visits, ticks)
        edits = [self._edit(*one, "") for one in self.own]
        edits += [self._edit(*one, "*") for one in self.listed]
        for number, symbol in found.by_place.items():
            _, line, column = self.places[number]
            edits.append(self._edit(line, column, column, f'"{symbol}"'))
        lines = {
            "that begins inside a note is moved to an end of it": found.moved,
            "that begins inside a note is left out": found.lost,
            "that differs in a repeat is as in the first time": found.different,
        }
        messages = [f"{counted(n, 'chord')} {what}" for what, n in lines.items() if n]
        return self.source.spliced(edits, self.parts), messages

    def _edit(self, line: int, begin: int, end: int, text: str) -> Edit:
        return Edit(self.source.index(line, begin), self.source.index(line, end), text)

    def begins(self, grid: int, steps: int) -> Bools:
        """Return bool `[steps]`: where a note or rest begins, `grid` steps per quarter note."""
        out = np.zeros(steps, bool)
        times = np.array([time for time, _ in self.visits], np.int64)
        at = np.floor(times * grid / QUARTER + HALF_UP).astype(np.int64)
        out[at[at < steps]] = True
        return out

    def repeats(self, grid: int, steps: int) -> Ints:
        """Return int64 `[steps]`: the first step at which the same is played, -1 for none."""
        lasts = np.array([b.time - a.time for a, b in self.passes], np.int64)
        begin = np.array([a.time for a, _ in self.passes], np.int64)
        at = np.cumsum(lasts) - lasts
        own = np.arange(steps)
        played = own * QUARTER // grid
        inside = played < lasts.sum()
        which = np.searchsorted(at, played[inside], "right") - 1
        written = played[inside] - at[which] + begin[which]
        place = np.floor(written * grid / QUARTER + HALF_UP).astype(np.int64)
        _, first, back = np.unique(place, return_index=True, return_inverse=True)
        out = np.full(steps, -1, np.int64)
        earlier = first[back]
        out[inside] = np.where(earlier < own[inside], earlier, -1)
        return out


def lead_sheet(data: bytes, name: str, number: int = 0) -> LeadSheet:
    """Return tune `number`, from 0, of the file called `name`.

    ReadError if there is no such tune, OverflowError if it is too long.
    """
    blocks = book.blocks(data, name)
    if not 0 <= number < len(blocks):
        raise ReadError(name, f"has no tune {number + 1}; it has {len(blocks)}")
    block, source, watch = blocks[number], SourceText(data), Watch()
    tune = parse(block, watch=watch)
    jumps.share(tune.voices)
    places: list[Place] = []
    passes: list[Span] = []
    if tune.voices:
        places = watch.places(tune.voices[0])
        passes = spanned(tune.voices[0], tune.order, Warnings())
    return LeadSheet(
        source,
        ((0, len(source.text)),) if len(blocks) == 1 else _parts(source, block),
        tuple(places),
        tuple(_visits(places, passes)),
        tuple(passes),
        tuple(watch.symbols),
        tuple(one for line in _symbol_lines(block) for one in listed(line)),
    )


def _visits(places: Sequence[Place], passes: Sequence[Span]) -> Iterable[tuple[int, int]]:
    """Yield the played times of places and their numbers, in the order of playing."""
    times = [place.time for place in places]
    at = 0
    for begin, end in passes:
        for k in range(bisect_left(times, begin.time), bisect_left(times, end.time)):
            yield times[k] - begin.time + at, k
        at += end.time - begin.time


def _symbol_lines(block: Block) -> Iterable[book.Line]:
    """Yield the symbol lines of a tune, with the lines that continue them (3.3)."""
    inside = False
    for line in block.lines:
        continues = line[1].startswith("+:")
        inside = (inside and continues) or book.field(line[1]) == "s"
        if inside:
            yield line


def _parts(source: SourceText, block: Block) -> tuple[tuple[int, int], ...]:
    """Return the characters of one tune of a book: the file header, and the tune's lines."""
    first, last = block.lines[0][0], block.lines[-1][0]
    while source.line(last + 1).startswith("%"):
        last += 1
    tune = (source.index(first, 0), source.index(last + 1, 0))
    if not block.header:
        return (tune,)
    begin, last = 1, block.header[-1][0]
    while source.line(last + 1).startswith("%") or not source.line(last + 1).strip():
        last += 1
    return (source.index(begin, 0), source.index(last + 1, 0)), tune
