"""Parse one tune: its header, and its voices as written."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from symgen.notes.abc import book, fields, key
from symgen.notes.abc.book import Block, Line
from symgen.notes.abc.fields import Meter
from symgen.notes.abc.key import C_MAJOR, Key, Shift
from symgen.notes.abc.messages import Warnings
from symgen.notes.abc.music import SCOPES, Music
from symgen.notes.abc.playback import decorations, directives
from symgen.notes.abc.playback.directives import Sound
from symgen.notes.abc.playback.macros import Macros
from symgen.notes.abc.voice import FREE, Kind, Mark, Position, Voice

if TYPE_CHECKING:
    from symgen.notes.abc.lead_sheet.watch import Watch

MOST_VOICES = 128  # more are read into the last
MOST_PARTS = 1000
MOST_FIELDS = 500_000  # one that holds for every voice counts for each
FIELD_LENGTH = 200  # characters of a field that are read
_QUIET = "ABCDFGHNORSTWXZr+"  # fields without effect on the notes
_LABEL = re.compile(r'\b(?:name|nm)\s*=\s*"([^"]+)"')
_SHOUT = re.compile(r'("[^"]*")|!')


@dataclasses.dataclass
class Tune:
    """A tune as written.

    `x` is its number or None; `order` is its P: or Y: order of parts; `left` counts by name what is
    written and not played.
    """

    x: int | None = None
    titles: list[str] = dataclasses.field(default_factory=list)
    composers: list[str] = dataclasses.field(default_factory=list)
    labels: dict[str, str] = dataclasses.field(default_factory=dict)  # by the name of a voice
    order: str = ""
    voices: list[Voice] = dataclasses.field(default_factory=list)
    warn: Warnings = dataclasses.field(default_factory=Warnings)
    left: Counter[str] = dataclasses.field(default_factory=Counter)

    @property
    def title(self) -> str:
        """The first title, or ""."""
        return self.titles[0] if self.titles else ""


def parse(block: Block, scope: str | None = None, watch: Watch | None = None) -> Tune:
    """Read the lines of one tune; `scope` is that of accidentals where the tune names none.

    `watch` sees each line and each token of the music.
    """
    return _Parser(block, scope, watch).tune


class _Parser:
    """Reads one tune line by line.

    Fields of the header apply to every voice, and so do those between K: and the first V: or note
    (3.2: a field of the body holds for what follows). Later ones apply to the current voice.
    """

    def __init__(self, block: Block, scope: str | None, watch: Watch | None = None) -> None:
        self.tune = Tune()
        self.warn = self.tune.warn
        self.meter: Meter | None = None
        self.key: Key = C_MAJOR
        self.unit = 0
        self.shift = Shift()
        self.sound = Sound()  # of every voice
        self.tempo = ""
        self.in_header = self.before_music = True
        self.shouts = False  # whether ! is a line break
        self.addressed = 0  # fields, counted for each voice
        self.parts: list[str] = []
        self.shifts: dict[str, Shift] = {}
        self.sounds: dict[str, Sound] = {}  # by the name of a voice, or its number from 1
        self.voices: dict[str, Voice] = {}
        self.drum_map: dict[int, int] = {}
        self.macros = Macros()
        self.symbols: tuple[int, int] | None = None  # the notes of the symbol line before
        self.watch = watch
        self.music = Music(self.warn, self._inline, watch)
        if scope is not None:
            self.music.scope = scope
        self.music.left = self.tune.left
        for what in block.odd:
            self.warn(what)
        for self.warn.line, line in block.header:
            self._line(line)
        for self.warn.line, line in _continued(block.lines):
            self._line(line)
        if self.in_header:
            self._begin()
        self.warn.line = 0
        for voice in self.voices.values():
            voice.settle()
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
            if "|" not in line and book.wordy(line, self._letters()):
                self.warn("a line of words among the music")
            else:
                self._music(line)

    def _letters(self) -> str:
        """Return what is music in this tune and would be words elsewhere."""
        defined = self.music.letters.keys() - decorations.LETTERS.keys()
        return "".join(defined) + self.macros.letters()

    def _music(self, line: str) -> None:
        if self.shouts:
            line = _SHOUT.sub(lambda m: m[1] or " ", line)
        if self.watch is not None:
            self.watch.line((self.warn.line, line), self.music, self.macros)
        if self.macros:
            line = self.macros.expand(line)
        self.symbols = None
        self.before_music = False
        self.music.line(line)

    def _directive(self, text: str) -> None:
        words = text.replace("=", " ", text.lower().startswith("midi=")).split()
        name, value = ([word.lower() for word in words] + ["", ""])[:2]
        if name == "propagate-accidentals" and value in SCOPES:
            self.music.scope = value
        elif name == "linebreak":
            self.shouts = "!" in words[1:]
        elif name == "decoration":
            self.shouts = value == "+"
        elif name == "midi":
            self._midi(words[1:])
        elif name in directives.ALTERING:
            self.tune.left[f"%%{name} line"] += 1

    def _midi(self, words: list[str]) -> None:
        if drum := directives.drum(words):
            self.drum_map[drum[0]] = drum[1]
            return
        said = self.sound.transpose or 0 if self.before_music else self.music.voice.transposed
        whom, sound = directives.midi(words, self.tune.left, said)
        if whom is not None:
            self.sounds[str(whom)] = sound.over(self.sounds.get(str(whom), Sound()))
            names = list(self.voices)
            if isinstance(whom, int) and 1 <= whom <= len(names):
                whom = names[whom - 1]
            if whom in self.voices:
                sound.give(self.voices[whom])
        elif self.before_music:
            self.sound = sound.over(self.sound)
            for voice in self._addressed():
                sound.give(voice)
        else:
            sound.give(self.music.voice)

    def _field(self, letter: str, value: str) -> None:
        if letter == "I":
            self._directive(value)
        elif letter in _HEADER and self.in_header:
            _HEADER[letter](self, value)
        elif letter in _BODY:
            if self.in_header:
                self._begin()
            _BODY[letter](self, value)
        elif letter in _ANYWHERE:
            _ANYWHERE[letter](self, value)
        elif letter not in _QUIET:
            self.warn(f"an unknown field {letter}:")

    def _inline(self, letter: str, value: str) -> None:
        if letter == "P":
            self._mark(self.music.voice, value)
        else:
            self._field(letter, value)

    # fields that may stand anywhere

    def _macro(self, value: str) -> None:
        if not self.macros.define(value):
            self.warn(f"m:{value[:40]} makes no sense and is ignored")

    def _letter(self, value: str) -> None:
        if found := decorations.definition(value):
            self.music.letters[found[0]] = found[1]

    def _lyrics(self, value: str) -> None:
        self.tune.left["lyric line"] += 1

    def _symbol_line(self, value: str) -> None:
        if self.in_header:
            return
        voice = self.music.voice
        if self.symbols is None:  # else it is stacked on the one before
            self.symbols = voice.told, len(voice.starts)
            voice.told = len(voice.starts)
        self.music.symbols(value, *self.symbols)

    # fields of the header

    def _number(self, value: str) -> None:
        if found := re.match(r"\d{1,9}", value):
            self.tune.x = int(found[0])
        else:
            self.warn("X: without a number")

    def _title(self, value: str) -> None:
        self.tune.titles.append(fields.text(value))

    def _composer(self, value: str) -> None:
        self.tune.composers.append(fields.text(value))

    def _order(self, value: str) -> None:
        self.tune.order = value

    def _header_tempo(self, value: str) -> None:
        self.tempo = value

    def _header_voice(self, value: str) -> None:
        name, rest = self._named(value)
        shift, _ = key.options(rest)
        self.shifts[name] = shift.over(self.shifts.get(name, Shift()))

    def _header_key(self, value: str) -> None:
        self._key(value)
        self._begin()

    def _begin(self) -> None:
        """End the header."""
        self.in_header = False
        self.unit = self.unit or fields.default_unit(self.meter)
        for name in list(self.shifts) or [""]:
            self._made(name)
        self.music.voice = next(iter(self.voices.values()))

    def _addressed(self) -> list[Voice]:
        """Return the voices that a field applies to."""
        self.addressed += len(self.voices) if self.before_music else 1
        if self.addressed > MOST_FIELDS:
            raise OverflowError(f"more than {MOST_FIELDS:,} fields, counted for each voice")
        return list(self.voices.values()) if self.before_music else [self.music.voice]

    # fields of header and body

    def _meter(self, value: str) -> None:
        meter = self._tried("M:", fields.meter, value, self.meter)
        if self.before_music:
            self.meter = meter
        for voice in () if self.in_header else self._addressed():
            voice.change(meter, voice.state.key, voice.state.qpm)

    def _unit(self, value: str) -> None:
        unit = self._tried("L:", fields.unit, value, 0)
        if self.before_music:
            self.unit = unit or self.unit
        for voice in () if self.in_header else self._addressed():
            voice.unit = unit or voice.unit

    def _key(self, value: str) -> None:
        found = self._tried("K:", key.parse, value, key.KeyField(None, Shift()))
        if self.before_music:
            self.key = found.key or self.key
            self.shift = found.shift.over(self.shift)
        for voice in () if self.in_header else self._addressed():
            voice.move(found.shift)
            if found.key:
                voice.change(voice.state.meter, found.key, voice.state.qpm)
                voice.accidentals.clear()

    def _tempo(self, value: str) -> None:
        if self.before_music:
            self.tempo = value
        for voice in self._addressed():
            self._faster(voice, value)

    def _faster(self, voice: Voice, value: str) -> None:
        qpm = self._tried("Q:", lambda text: fields.tempo(text, voice.unit), value, None)
        if qpm:
            voice.change(voice.state.meter, voice.state.key, qpm)

    def _voice(self, value: str) -> None:
        name, rest = self._named(value)
        if name not in self.voices and len(self.voices) >= MOST_VOICES:
            self.warn(f"more than {MOST_VOICES} voices; the others are read into the last")
            name = next(reversed(self.voices))
        if name == "1" and self.voices.keys() == {""} and self.voices[""].starts:
            self.voices = {"1": self.voices[""]}  # music before V:1 is of that voice
        self.before_music = False
        if name not in self.voices:
            self._made(name)
        self.symbols = None
        self.music.voice = self.voices[name]
        self.music.voice.move(key.options(rest)[0])

    def _named(self, value: str) -> tuple[str, str]:
        """Return the name and the options in a V: field; keep how the voice is called."""
        name, rest = ([*value.split(None, 1), "", ""])[:2]
        if found := _LABEL.search(rest[:FIELD_LENGTH]):
            self.tune.labels.setdefault(name, fields.text(found[1]))
        return name, rest[:FIELD_LENGTH]

    def _made(self, name: str) -> None:
        """Add a voice."""
        state = FREE._replace(meter=self.meter, key=self.key)
        shift = self.shifts.get(name, Shift()).over(self.shift)
        made = self.voices[name] = Voice(name, self.unit, state, shift, drum_map=self.drum_map)
        made.marks = [Mark(Kind.PART, made.position(), part=part[:1]) for part in self.parts]
        said = self.sound
        for whom in (str(len(self.voices)), name) if self.sounds else ():
            said = self.sounds.get(whom, Sound()).over(said)
        said.give(made)
        if self.tempo:
            self._faster(made, self.tempo)

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
    "C": _Parser._composer,
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
_ANYWHERE: dict[str, Callable[[_Parser, str], None]] = {
    "m": _Parser._macro,
    "U": _Parser._letter,
    "w": _Parser._lyrics,
    "s": _Parser._symbol_line,
}


def _continued(lines: list[Line]) -> list[Line]:
    """Return the lines with each +: joined to the field that it continues (3.3)."""
    out: list[tuple[int, list[str]]] = []
    for number, line in lines:
        if out and line.startswith("+:") and book.field(out[-1][1][0]):
            out[-1][1].append(line[2:].strip())
        else:
            out.append((number, [line]))
    return [(number, " ".join(texts)) for number, texts in out]


def _value(line: str) -> str:
    """Return the value of a field, without its comment."""
    text = line.partition(":")[2]
    return re.split(r"(?<!\\)%", text, maxsplit=1)[0].rstrip("\\").strip()
