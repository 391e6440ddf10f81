"""Where the chord symbols of a tune are, and where others may be written.

A chord symbol stands after the grace notes of a note, and before its decorations, slurs and
accidentals (ABC 2.1, 4.20). It belongs to the time of its note or rest; there is no way to write
one inside a note.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from symgen.notes.abc import lexer
from symgen.notes.abc.book import Line
from symgen.notes.abc.music import Music
from symgen.notes.abc.playback import decorations
from symgen.notes.abc.playback.macros import Macros
from symgen.notes.abc.voice import Kind, Voice
from symgen.notes.theory.chords import names_chord

_TIMED = ("note", "rest", "bars_rest", "chord", "old_chord", "open_chord")
_BEFORE = ("quote", "open_quote", "tuplet")  # what may stand between a chord symbol and its note
_SYMBOL = re.compile(r'"[^"]*"')


class Place(NamedTuple):
    """Where a chord symbol may be written: ticks in its voice as written, line, column."""

    time: int
    line: int
    column: int


class Found(NamedTuple):
    """A chord symbol that is there: its line, its first column and the one after its last."""

    line: int
    begin: int
    end: int


class Watch:
    """Sees the tokens of one tune just before they are read."""

    def __init__(self) -> None:
        self._places: list[tuple[Voice, Place]] = []
        self.symbols: list[Found] = []
        self.music: Music
        self._number = 0
        self._origins: list[int] | None = None
        # in the line with its macros written out: where the symbol of the next note would stand,
        # and the end of the last token that it cannot be before
        self._anchor: int | None = None
        self._barrier = 0

    def places(self, voice: Voice) -> list[Place]:
        """Return the places of a voice in the order of their times, one for each time."""
        by_time: dict[int, Place] = {}
        for of, place in self._places:
            if of is voice:
                by_time.setdefault(place.time, place)
        return [by_time[time] for time in sorted(by_time)]

    def line(self, line: Line, music: Music, macros: Macros) -> None:
        """Begin a line of `music`, as it is before its macros are written out."""
        self.music, (self._number, text) = music, line
        self._origins = macros.origins(text) if macros else None
        self._anchor, self._barrier = None, 0

    def token(self, token: re.Match[str], skipped: int) -> None:
        """See the next token of a line of which `skipped` characters are before its text."""
        kind, begin = token.lastgroup, token.start() + skipped
        voice = self.music.voice
        if kind in _TIMED:
            self._timed(voice, begin)
            self._inside(token, skipped)
        elif kind in ("quote", "open_quote"):
            self._symbol(token.group(), begin, token.end() + skipped)
        if self._leads(token):
            self._anchor = begin if self._anchor is None else self._anchor
        else:
            self._anchor = None
            if kind not in ("blank", "grace"):
                self._barrier = token.end() + skipped

    def _leads(self, token: re.Match[str]) -> bool:
        """Return whether a token may stand between a chord symbol and its note."""
        kind, text = token.lastgroup, token.group()
        if kind == "slur":
            return text.endswith("(")
        if kind in ("mark", "decoration"):
            sign = self.music.letters.get(text, "") if kind == "mark" else text
            jump = decorations.jump(sign[1:-1])
            return jump is None or jump[0] not in (Kind.SEGNO, Kind.CODA)
        return kind in _BEFORE

    def _timed(self, voice: Voice, begin: int) -> None:
        """Add the place of a note or rest, if it is of the main layer and has one."""
        at = begin if self._anchor is None else self._anchor
        if voice.layer:
            return
        column = at
        if self._origins is not None:
            while at > self._barrier and self._origins[at] < 0:
                at -= 1  # inside a macro, whose text is another: only its beginning is a place
            column = self._origins[at]
        if column >= 0:
            self._places.append((voice, Place(voice.time, self._number, column)))

    def _inside(self, token: re.Match[str], skipped: int) -> None:
        """Add the chord symbols inside the brackets of a chord."""
        if token.lastgroup != "chord" or '"' not in token.group():
            return
        begin = token.start() + 1 + skipped
        for found in lexer.INSIDE.finditer(token.group()[1:].rpartition("]")[0]):
            if found.lastgroup == "quote":
                self._symbol(found.group(), begin + found.start(), begin + found.end())

    def _symbol(self, text: str, begin: int, end: int) -> None:
        """Add what is in quotation marks if it is a chord symbol."""
        if not is_symbol(text):
            return
        if self._origins is not None:
            where = self._origins[begin:end]
            if -1 in where:
                return
            begin, end = where[0], where[-1] + 1
        self.symbols.append(Found(self._number, begin, end))


def is_symbol(text: str) -> bool:
    """Return whether text in quotation marks is a chord symbol, and no annotation."""
    return names_chord("".join(text.strip('"').split()))


def listed(line: Line) -> list[Found]:
    """Return the chord symbols in a symbol line (s:)."""
    number, text = line
    return [
        Found(number, *found.span()) for found in _SYMBOL.finditer(text) if is_symbol(found.group())
    ]
