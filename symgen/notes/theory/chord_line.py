"""Chord symbols as a user types them, laid over the bars of a piece.

`G C D7 G` is one per bar; `G | C D7 | %` has bar lines. Any bar line of ABC counts as one (`||`,
`|:`, `:|`, `|]`). Nothing is repeated except by `%`, the bar before. An empty bar continues the
chord before it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from symgen.errors import BadOption, shorten
from symgen.notes.sequence import CHORD
from symgen.notes.theory import chords
from symgen.notes.theory.bars import Bar

Cells = list[list[str]]

AGAIN = "%"
_LINE = re.compile(r"[:\[\]]*\|[:\[\]|]*|::+")
_LONGEST = CHORD["symbol"].itemsize // 4  # characters


class Symbols(NamedTuple):
    """The symbols of each bar, and whether they were given with bar lines."""

    cells: Cells
    barred: bool

    def bars(self, least: int) -> int:
        """Return the number of bars: by the bar lines, else one per symbol, at least `least`."""
        return len(self.cells) if self.barred else max(least, len(self.cells))

    def over(self, bars: int, form: str | None = None) -> tuple[Cells, tuple[str, ...]]:
        """Return the symbols of each of `bars` bars, and messages about how they were laid out.

        They repeat until the end. If there are enough for each different strain of `form`, each
        strain gets its own. Without bar lines, more symbols than bars are spread evenly.
        """
        count = len(self.cells)
        if self.barred and count > bars:
            raise BadOption(
                f"chords: {count} bars of chords for {bars} bars of music; "
                f"use --bars {count}, or give fewer"
            )
        letters = list(dict.fromkeys(form or ""))
        each = bars // len(form) if form else 0
        if form and 1 < len(letters) < len(form) and count == each * len(letters):
            cells = [
                self.cells[letters.index(letter) * each + bar]
                for letter in form
                for bar in range(each)
            ]
            return cells, (
                f"chords: {count} bars of them, {each} for each of the strains "
                f"{', '.join(letters)} of form {form}",
            )
        if count > bars:
            flat = [symbol for cell in self.cells for symbol in cell]
            return [
                [s for k, s in enumerate(flat) if k * bars // len(flat) == bar]
                for bar in range(bars)
            ], ()
        rounds, rest = divmod(bars, count)
        message = f"chords: {count} bar{'s' * (count > 1)} of them, {rounds} times in {bars} bars"
        message += f", and the first {rest} once more" if rest else ""
        cells = [self.cells[bar % count] for bar in range(bars)]
        return cells, (message,) if bars > count > 1 else ()


def symbols(text: str) -> Symbols:
    """Return the symbols in `text`; BadOption names one that is not a chord."""
    parts = re.sub(r"[:\[\]]", " ", _LINE.sub("|", text.strip())).split("|")
    barred = len(parts) > 1
    cells = [part.split() for part in parts]
    cells = (
        cells[not cells[0] : len(cells) - (not cells[-1])]
        if barred
        else [[symbol] for symbol in cells[0]]
    )
    named = [symbol for cell in cells for symbol in cell if symbol != AGAIN]
    if not named:
        raise BadOption(
            f"chords {shorten(text)!r} holds no chord symbol; "
            'expected symbols such as "G C D7 G", or a file'
        )
    for symbol in named:
        if len(symbol) > _LONGEST or (
            chords.parse(symbol) is None and not chords.known_as_none(symbol)
        ):
            raise BadOption(
                f"chords: {shorten(symbol)!r} is not a chord; expected symbols such as G, Am, D7 "
                "or N.C., optionally with | between bars"
            )
    return Symbols(_filled(cells, named[-1]), barred)


def _filled(cells: Cells, last: str) -> Cells:
    """Return the bars with `%` and empty bars written out."""
    out: Cells = []
    for cell in cells:
        if cell == [AGAIN] and out:
            out.append(out[-1])
        elif cell[:1] == [AGAIN] and not out:
            raise BadOption(
                f"chords: {AGAIN} repeats the bar before, and the first has none before it; "
                "begin with a chord"
            )
        else:
            before = out[-1][-1] if out else last
            out.append(
                [before := before if symbol == AGAIN else symbol for symbol in cell] or [before]
            )
    return out


def spread(cell: list[str], bar: Bar, grid: int) -> list[tuple[int, str]]:
    """Return (step, symbol) for the symbols of one bar, on its beats if there are enough."""
    length = bar.stop - bar.start
    beat = max(int(4 * grid * bar.meter.change), 1)
    unit = beat if length // beat >= len(cell) else 1
    if len(cell) > length:
        raise BadOption(f"chords: {len(cell)} in one bar of {length} steps; write fewer")
    places = [
        bar.start + round(k * (length // unit) / len(cell) - 1e-9) * unit for k in range(len(cell))
    ]
    return list(zip(places, cell, strict=True))
