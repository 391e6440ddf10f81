"""Parse one tune: its header, and its voices as written."""

from __future__ import annotations

import dataclasses
import html
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from symgen.notes.abc import book, fields, key
from symgen.notes.abc.book import Block
from symgen.notes.abc.fields import Meter
from symgen.notes.abc.key import C_MAJOR, Key
from symgen.notes.abc.messages import Warnings
from symgen.notes.abc.music import SCOPES, Music
from symgen.notes.abc.voice import FREE, Kind, Mark, Position, Voice

MOST_VOICES = 128  # more are read into the last
MOST_PARTS = 1000
FIELD_LENGTH = 200  # characters of a field that are read
_ACCENTS = dict(zip("'`^\"~,", "\u0301\u0300\u0302\u0308\u0303\u0327", strict=True))
_ACCENT = re.compile(r"\\(['`^\"~,])([A-Za-z])")
_QUIET = "ABCDFGHNORSTUWXZrsw+"  # fields without effect on the notes


@dataclasses.dataclass
class Tune:
    """A tune as written. `x` is its number or None; `order` is its P: or Y: order of parts."""

    x: int | None = None
    titles: list[str] = dataclasses.field(default_factory=list)
    order: str = ""
    voices: list[Voice] = dataclasses.field(default_factory=list)
    warn: Warnings = dataclasses.field(default_factory=Warnings)

    @property
    def title(self) -> str:
        """The first title, or ""."""
        return self.titles[0] if self.titles else ""


def parse(block: Block) -> Tune:
    """Read the lines of one tune."""
    return _Parser(block).tune


class _Parser:
    """Reads one tune line by line.

    Fields of the header apply to every voice, later ones to the current voice.
    """

    def __init__(self, block: Block) -> None:
        self.tune = Tune()
        self.warn = self.tune.warn
        self.meter: Meter | None = None
        self.key: Key = C_MAJOR
        self.unit = self.shift = 0
        self.tempo = ""
        self.in_header = True
        self.parts: list[str] = []
        self.shifts: dict[str, int] = {}
        self.voices: dict[str, Voice] = {}
        self.music = Music(self.warn, self._inline)
        for what in block.odd:
            self.warn(what)
        for self.warn.line, line in block.header:
            self._line(line)
        for self.warn.line, line in block.lines:
            self._line(line)
        if self.in_header:
            self._begin()
        self.warn.line = 0
        self.tune.voices = [v for v in self.voices.values() if v.time or v.starts]

    def _line(self, line: str) -> None:
        letter = book.field(line)
        if line.startswith("%%"):
            self._directive(line[2:])
        elif letter:
            self._field(letter, _value(line))
        elif self.in_header and not book.musical(line):
            self.warn("a line of the header that is not a field")
        else:
            if self.in_header:
                self.warn("music without K: before it; C major is taken")
                self._begin()
            if book.wordy(line):
                self.warn("a line of words among the music")
            else:
                self.music.line(line)

    def _directive(self, text: str) -> None:
        words = text.lower().split()
        if len(words) > 1 and words[0] == "propagate-accidentals" and words[1] in SCOPES:
            self.music.scope = words[1]

    def _field(self, letter: str, value: str) -> None:
        if letter == "I":
            self._directive(value)
        elif letter in _HEADER and self.in_header:
            _HEADER[letter](self, value)
        elif letter in _BODY:
            if self.in_header:
                self._begin()
            _BODY[letter](self, value)
        elif letter == "m":
            self.warn("a macro (m:) is not expanded")
        elif letter not in _QUIET:
            self.warn(f"an unknown field {letter}:")

    def _inline(self, letter: str, value: str) -> None:
        if letter == "P":
            self._mark(self.music.voice, value)
        else:
            self._field(letter, value)

    # fields of the header

    def _number(self, value: str) -> None:
        if found := re.match(r"\d{1,9}", value):
            self.tune.x = int(found[0])
        else:
            self.warn("X: without a number")

    def _title(self, value: str) -> None:
        self.tune.titles.append(_text(value))

    def _order(self, value: str) -> None:
        self.tune.order = value

    def _header_tempo(self, value: str) -> None:
        self.tempo = value

    def _header_voice(self, value: str) -> None:
        name, rest = _named(value)
        shift, _ = key.options(rest)
        self.shifts.setdefault(name, 0)
        if shift is not None:
            self.shifts[name] = shift

    def _header_key(self, value: str) -> None:
        self._key(value)
        self._begin()

    def _begin(self) -> None:
        """End the header."""
        self.in_header = False
        self.unit = self.unit or fields.default_unit(self.meter)
        for name in list(self.shifts) or [""]:
            self._voice(name)
        self.music.voice = next(iter(self.voices.values()))

    # fields of header and body

    def _meter(self, value: str) -> None:
        meter = self._tried("M:", fields.meter, value, self.meter)
        if self.in_header:
            self.meter = meter
        else:
            state = self.music.voice.state
            self.music.voice.change(meter, state.key, state.qpm)

    def _unit(self, value: str) -> None:
        unit = self._tried("L:", fields.unit, value, 0)
        if self.in_header:
            self.unit = unit or self.unit
        elif unit:
            self.music.voice.unit = unit

    def _key(self, value: str) -> None:
        found = self._tried("K:", key.parse, value, key.KeyField(None, None))
        if self.in_header:
            self.key = found.key or self.key
            self.shift = self.shift if found.shift is None else found.shift
            return
        voice = self.music.voice
        voice.shift = voice.shift if found.shift is None else found.shift
        if found.key:
            voice.change(voice.state.meter, found.key, voice.state.qpm)
            voice.accidentals.clear()

    def _tempo(self, value: str) -> None:
        voice = self.music.voice
        qpm = self._tried("Q:", lambda text: fields.tempo(text, voice.unit), value, None)
        if qpm:
            voice.change(voice.state.meter, voice.state.key, qpm)

    def _voice(self, value: str) -> None:
        name, rest = _named(value)
        if name not in self.voices and len(self.voices) >= MOST_VOICES:
            self.warn(f"more than {MOST_VOICES} voices; the others are read into the last")
            name = next(reversed(self.voices))
        if name not in self.voices:
            state = FREE._replace(meter=self.meter, key=self.key)
            made = self.voices[name] = Voice(
                name, self.unit, state, self.shifts.get(name, self.shift)
            )
            start = made.position()
            made.marks = [Mark(Kind.PART, start, part=part[:1]) for part in self.parts]
            self.music.voice = made
            if self.tempo:
                self._tempo(self.tempo)
        self.music.voice = self.voices[name]
        shift, _ = key.options(rest)
        if shift is not None:
            self.music.voice.shift = shift

    def _part(self, value: str) -> None:
        if len(self.parts) >= MOST_PARTS:
            self.warn(f"more than {MOST_PARTS} parts; the others are read into the last")
            return
        self.parts.append(value)
        for voice in self.voices.values():
            self._mark(voice, value)

    def _mark(self, voice: Voice, value: str) -> None:
        at: Position = voice.position()
        voice.marks.append(Mark(Kind.PART, at, part=value[:1]))

    def _tried(self, name: str, read: Callable[[str], Any], value: str, otherwise: Any) -> Any:
        try:
            return read(value[:FIELD_LENGTH])
        except ValueError:
            self.warn(f"{name}{value[:40]} makes no sense and is ignored")
            return otherwise


_HEADER: dict[str, Callable[[_Parser, str], None]] = {
    "X": _Parser._number,
    "T": _Parser._title,
    "P": _Parser._order,
    "Y": _Parser._order,
    "M": _Parser._meter,
    "L": _Parser._unit,
    "Q": _Parser._header_tempo,
    "V": _Parser._header_voice,
    "K": _Parser._header_key,
}
_BODY: dict[str, Callable[[_Parser, str], None]] = {
    "M": _Parser._meter,
    "L": _Parser._unit,
    "Q": _Parser._tempo,
    "V": _Parser._voice,
    "K": _Parser._key,
    "P": _Parser._part,
}


def _named(value: str) -> tuple[str, str]:
    """Return the name and the options in a V: field."""
    name, rest = ([*value.split(None, 1), "", ""])[:2]
    return name, rest[:FIELD_LENGTH]


def _value(line: str) -> str:
    """Return the value of a field, without its comment."""
    text = line.partition(":")[2]
    return re.split(r"(?<!\\)%", text, maxsplit=1)[0].rstrip("\\").strip()


def _text(value: str) -> str:
    """Return a text string with its accents and entities as characters."""
    made = _ACCENT.sub(lambda m: m[2] + _ACCENTS[m[1]], html.unescape(value))
    return unicodedata.normalize("NFC", re.sub(r"\\([\\%&])", r"\1", made))
