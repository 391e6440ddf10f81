"""Read lines of music: the effect of each token on its voice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from symgen.notes.abc import lexer
from symgen.notes.abc.lexer import Note
from symgen.notes.abc.messages import Warnings
from symgen.notes.abc.playback import decorations, symbol_lines
from symgen.notes.abc.voice import TIE_IN, TIE_OUT, Kind, Mark, Voice, exact
from symgen.notes.sequence import CHORD

SCOPES = ("not", "octave", "pitch")  # of an accidental
SCOPE = "octave"  # the default here; that of ABC 2.1, 11.3 (volatile) is pitch
SYMBOL_LENGTH = CHORD["symbol"].itemsize // 4  # characters of a chord symbol
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # p: q; for 5, 7 and 9, q depends on the meter
_MOST = 99  # for p, q and r of a tuplet
MOST_CHORD = 32  # notes of one chord
MOST_WRITTEN = 200_000  # notes of one voice
_CONTINUES = re.compile(rf"[ \t]*\[?({lexer.ENDING})(?![\d/])")
_ENDS_IN_BAR = re.compile(rf"{lexer.BAR}[ \t]*$")


class Watch(Protocol):
    """Sees each token of the music before it is read."""

    def token(self, token: re.Match[str], skipped: int) -> None:
        """See a token of a text that has `skipped` characters of its line before it."""


class Music:
    """Reads lines of music; `field` reads inline fields, `left` counts what makes no sound here.

    `scope` says for which notes of the bar an accidental holds: "octave" (letter and octave),
    "pitch" (letter) or "not" (only its note). %%propagate-accidentals sets it. Programs differ:
    abc2midi takes "pitch", as ABC 2.1, 11.3 proposes, abcjs "octave", as in printed music.
    """

    def __init__(
        self, warn: Warnings, field: Callable[[str, str], None], watch: Watch | None = None
    ) -> None:
        self.warn, self.field, self._watch = warn, field, watch
        self.scope = SCOPE
        self.letters = dict(decorations.LETTERS)
        self.left: Counter[str] = Counter()
        self.joined = self.after_bar = False  # whether the line before ends with \\, and a bar line
        self.voice: Voice
        self.token: re.Match[str]  # the one that is read
        self._handlers: dict[str, Callable[[str], None]] = {
            "rest": self._rest,
            "bars_rest": self._bars_rest,
            "quote": self._quote,
            "open_quote": self._open_quote,
            "bar": self._bar,
            "field": self._field,
            "ending": self._ending,
            "chord": self._chord,
            "old_chord": self._old_chord,
            "open_chord": self._open_chord,
            "grace": self._grace,
            "tuplet": self._tuplet,
            "tie": self._tie,
            "broken": self._broken,
            "overlay": self._overlay,
            "decoration": self._decoration,
            "mark": self._letter,
            "digits": self._stray,
            "stray": self._stray,
        }

    def line(self, text: str) -> None:
        """Read one line; a backslash at its end joins the next one to it (6.1.1)."""
        skipped = 0
        if self.joined and self.after_bar and (found := _CONTINUES.match(text)):
            self._ending(found[1])
            skipped = found.end()
            text = text[skipped:]
        if self._watch is None:
            self._tokens(lexer.tokens(text))
        else:
            self._watched(self._watch, text, skipped)
        bare = text.partition("%")[0].rstrip()
        self.joined = bare.endswith("\\")
        self.after_bar = self.joined and _ENDS_IN_BAR.search(bare[-100:-1]) is not None
        voice = self.voice
        if len(voice.starts) > MOST_WRITTEN:
            raise OverflowError(f"more than {MOST_WRITTEN:,} notes in a voice")
        if voice.waiting and not self.joined and voice.time == voice.bar_start:
            voice.settle()

    def _tokens(self, tokens: Iterable[re.Match[str]]) -> None:
        handlers = self._handlers
        for token in tokens:
            kind = token.lastgroup
            if kind == "note":
                note, voice = lexer.note(token.group()), self.voice
                ticks = voice.lasting(note.top, note.bottom, self.warn)
                voice.begin(ticks)
                self._sound(voice, note, ticks)
                voice.advance(ticks)
            elif kind in handlers:
                self.token = token
                handlers[kind](token.group())

    def _watched(self, watch: Watch, text: str, skipped: int) -> None:
        """Read tokens one by one, each after `watch` has seen it."""
        for token in lexer.tokens(text):
            watch.token(token, skipped)
            name = token.group()[1:-1] if token.lastgroup == "decoration" else ""
            if decorations.music(name) and not decorations.jump(name):
                self._watched(watch, name, skipped + token.start() + 1)
            else:
                self._tokens((token,))

    def _sound(self, voice: Voice, note: Note, ticks: int) -> None:
        """Add one note at the current time of the voice."""
        pitch = self.pitch(voice, note)
        if ticks < 1:
            self.warn("a note without length is left out")
            return
        if not 0 <= pitch <= 127:
            self.warn("a note outside the MIDI pitches 0 to 127 is left out")
            return
        voice.starts.append(voice.time)
        voice.durations.append(ticks)
        voice.pitches.append(pitch)
        voice.flags.append(TIE_IN if voice.tied else 0)
        voice.layers.append(voice.layer)

    def pitch(self, voice: Voice, note: Note) -> int:
        """Return the MIDI pitch of a written note; its accidental holds to the bar line."""
        where = note.step if self.scope == "pitch" else note.place
        sign = note.sign
        if sign is None:
            sign = voice.accidentals.get(where)
            if sign is None:
                sign = voice.carried.get(note.place)
                if sign is None:
                    sign = voice.states[-1].key.altered[note.step]
        elif self.scope != "not":
            voice.accidentals[where] = sign
        voice.signs[note.place] = sign
        return note.pitch + sign + voice.shift

    def _rest(self, text: str) -> None:
        voice, rest = self.voice, lexer.note(text)
        ticks = voice.lasting(rest.top, rest.bottom, self.warn)
        voice.begin(ticks)
        voice.advance(ticks)

    def _bars_rest(self, text: str) -> None:
        voice = self.voice
        bars = lexer.number(text[1:], 1)
        voice.group = voice.broken = voice.tuplet = None
        if bars:
            voice.advance(bars * voice.bar_ticks())
            voice.bar_start = voice.time - voice.bar_ticks()

    def _quote(self, text: str) -> None:
        found = decorations.quoted(text)
        if found.jump:
            self.left["D.C. or D.S. in quotation mark"] += 1
        if found.annotation:
            self.voice.annotations.append((self.voice.time, found.text))
        else:
            self.voice.chord(self._symbol(found.text))

    def _symbol(self, symbol: str) -> str:
        if len(symbol) > SYMBOL_LENGTH:
            self.warn(f"a chord symbol of more than {SYMBOL_LENGTH} characters is cut")
        return symbol[:SYMBOL_LENGTH]

    def _open_quote(self, text: str) -> None:
        self.warn("a quotation mark is not closed; it ends at the next blank")
        if len(text) > 1:
            self._quote(text)

    def _bar(self, text: str) -> None:
        voice, line = self.voice, lexer.bar_line(text)
        voice.group = None  # a tuplet or a broken rhythm goes on over the bar line
        lasted = voice.close_bar()
        meter = voice.states[-1].meter
        if meter and lasted > meter.ticks:
            self.warn(f"a bar longer than {meter.numerator}/{meter.denominator}")
        if line.ends:
            voice.marks.append(Mark(Kind.END, voice.position(), line.ends))
        if line.begins:
            voice.marks.append(Mark(Kind.START, voice.position(), line.begins))
        if line.double:
            voice.marks.append(Mark(Kind.DOUBLE, voice.position()))
        if line.ending is not None:
            self._begin_ending(line.ending)

    def _ending(self, text: str) -> None:
        self._begin_ending(tuple(lexer.ending(text.strip("["))))

    def _begin_ending(self, passes: tuple[int, ...]) -> None:
        self.voice.marks.append(Mark(Kind.ENDING, self.voice.position(), passes=passes))
        self.voice.group = None

    def _field(self, text: str) -> None:
        self.field(text[1], text[3:-1].strip())

    def _chord(self, text: str) -> None:
        """Read notes that begin together; the length of the first is that of the chord."""
        inside, _, outside = text[1:].rpartition("]")
        voice, warn = self.voice, self.warn
        top, bottom = lexer.length(outside)
        tuplet, broken = voice.tuplet, voice.broken
        ticks: int | None = None
        voice.begin(0)
        most = len(voice.starts) + MOST_CHORD
        for token in lexer.INSIDE.finditer(inside):
            kind = token.lastgroup
            if len(voice.starts) >= most:
                warn(f"a chord of more than {MOST_CHORD} notes is cut")
                break
            if kind in ("note", "rest"):
                note = lexer.note(token.group())
                voice.tuplet, voice.broken = tuplet, broken
                lasts = voice.lasting(note.top * top, note.bottom * bottom, warn)
                ticks = lasts if ticks is None else ticks
                if kind == "note":
                    self._sound(voice, note, lasts)
            elif kind == "tie" and voice.starts:
                voice.flags[-1] |= TIE_OUT
                voice.held = voice.signs
            elif kind == "quote":
                self._quote(token.group())
            elif kind == "stray":
                warn(f"{token.group()!r} inside a chord is ignored")
        if ticks is None:
            warn("a chord without notes")
        voice.group = (voice.group[0], voice.time, ticks or 0) if voice.group else None
        voice.advance(ticks or 0)

    def _old_chord(self, text: str) -> None:
        self._chord(f"[{text[1:-1]}]")

    def _open_chord(self, text: str) -> None:
        self.warn("a chord is not closed; it ends with its last note")
        self._chord(text + "]")

    def _grace(self, text: str) -> None:
        voice = self.voice
        notes = [
            lexer.note(t.group())
            for t in lexer.INSIDE.finditer(text[1:-1])
            if t.lastgroup == "note"
        ]
        if notes:
            signs = dict(voice.signs)
            voice.graces.append((voice.time, tuple(self.pitch(voice, n) for n in notes)))
            voice.signs = signs

    def _tuplet(self, text: str) -> None:
        numbers = [lexer.number(part, 0) for part in text[1:].split(":")]
        p, q, r = (*numbers, 0, 0)[:3]
        least = 1 if q else 2  # (1:2:2 is two notes of double length
        meter = self.voice.state.meter
        q = q or _TUPLETS.get(p, 3 if meter and meter.compound else 2)
        if not (least <= p <= _MOST and q <= _MOST and r <= _MOST):
            self.warn(f"a tuplet ({p}:{q}:{r} makes no sense")
            return
        if self.voice.tuplet:
            self.warn("a tuplet inside a tuplet; the inner one counts")
        self.voice.tuplet = (q, p, r or p)

    def _tie(self, text: str) -> None:
        voice = self.voice
        voice.held = voice.signs
        if voice.group is None:
            voice.tie_next = True
            return
        for i in range(voice.group[0], len(voice.flags)):
            voice.flags[i] |= TIE_OUT

    def _broken(self, text: str) -> None:
        voice = self.voice
        if voice.group is None:
            self.warn(f"{text[:3]} without a note before it")
            return
        if voice.broken:
            self.warn(f"{text[:3]} after another one is ignored")
            return
        if self._unlike(voice.written):
            self.warn("a broken rhythm between different lengths is ignored")
            return
        part = 2 ** min(len(text), 10)
        longer, shorter = (2 * part - 1, part), (1, part)
        first, then = (longer, shorter) if text[0] == ">" else (shorter, longer)
        index, begin, ticks = voice.group
        for i in range(index, len(voice.durations)):
            voice.durations[i] = exact(voice.durations[i] * first[0], first[1], self.warn)
        voice.time = begin
        voice.advance(exact(ticks * first[0], first[1], self.warn))
        voice.broken = then

    def _unlike(self, written: tuple[int, int]) -> bool:
        """Return whether what follows on this line has another length than the one before.

        Clause 4.4 leaves a broken rhythm between such notes open. abc2midi ignores it, and in the
        books of Ryan and O'Neill bars come out right so (6 of the 6 that come out at all).
        """
        found = lexer.following(self.token)
        return found is not None and found[0] * written[1] != written[0] * found[1]

    def _overlay(self, text: str) -> None:
        self.voice.overlay(len(text))

    def _letter(self, text: str) -> None:
        """Read a letter that stands for a decoration or an annotation (4.16)."""
        sign = self.letters.get(text)
        if sign is None:
            self._unknown(f"{text} sign")
        elif sign.startswith('"'):
            self._quote(sign)
        elif sign:
            self._decoration(sign)

    def _decoration(self, text: str) -> None:
        name, voice = text[1:-1], self.voice
        if name in decorations.LEVELS:
            voice.level(decorations.LEVELS[name])
        elif jump := decorations.jump(name):
            voice.sign(*jump)
        elif name in decorations.LEFT_OUT:
            self.left[decorations.LEFT_OUT[name]] += 1
        elif decorations.music(name):
            self._tokens(lexer.tokens(name))
        elif not decorations.silent(name):
            self._unknown(f"!{name}! decoration")

    def _unknown(self, what: str) -> None:
        """Count a sign whose meaning is unknown; beyond a limit without its name."""
        many = what not in self.left and len(self.left) >= decorations.MOST_KINDS
        self.left["other decoration" if many else what] += 1

    def symbols(self, text: str, first: int, last: int) -> None:
        """Read a symbol line for the notes with index `first` to `last` of the voice."""
        voice = self.voice
        chords = []
        for found, (index, time) in symbol_lines.aligned(
            text, symbol_lines.notes(voice, first, last)
        ):
            symbol = self.letters.get(found, "") if len(found) == 1 else found
            name = symbol[1:-1]
            if symbol.startswith('"'):
                quoted = decorations.quoted(symbol)
                if not quoted.annotation:
                    chords.append((time, self._symbol(quoted.text)))
            elif name in decorations.LEVELS:
                voice.level(decorations.LEVELS[name], index)
            elif jump := decorations.jump(name):
                voice.sign_at(time, *jump)
            elif name in decorations.LEFT_OUT:
                self.left[decorations.LEFT_OUT[name]] += 1
            elif not decorations.silent(name):
                self._unknown(f"!{name}! decoration")
        voice.insert_chords(chords)

    def _stray(self, text: str) -> None:
        self.warn(f"{text[:10]!r} is ignored here")
