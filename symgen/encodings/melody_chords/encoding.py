"""The melody_chords encoding: a melody and the chord under it, one row for each step of a grid.

    melody  rest 0 | hold 1 | note-on of pitch 0..127 2..129         form "onsets"
            rest 0 | pitch 0..127 that sounds 1..128                 form "sounding"
    chord   no chord 0 | the chords of the vocabulary 1..

The form "sounding" is that of published models of the Nottingham tunes; it cannot tell a repeated
note from a held one. The vocabulary is learned from a corpus: chords used `cutoff` times or more.
Any other chord becomes its seventh, its triad, or no chord. What was moved or left out is counted.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from symgen.arrays import heads
from symgen.checks import flag, one_of, whole
from symgen.encodings.base import VALUE, Decoder, Encoding, Events, Field, Grammar
from symgen.encodings.codec import Codec
from symgen.encodings.decoders import VoiceDecoder
from symgen.encodings.melody_chords import reading as read
from symgen.encodings.melody_chords.vocabulary import (
    NO_CHORD,
    Vocabulary,
    canonical,
    learn,
    vocabulary,
)
from symgen.encodings.spans import Spans, voice
from symgen.errors import BadOption
from symgen.notes.sequence import CHORD, NOTE, TEMPO, TIME_SIGNATURE, NoteSequence, table
from symgen.notes.tempo_map import DEFAULT_QPM
from symgen.notes.theory import chords as symbols
from symgen.notes.theory import meter
from symgen.types import Array, Floats, Ints

FORMS = ("onsets", "sounding")
GRIDS = (1, 48)
REST = 0
VELOCITY = 80
NAMED = 6  # chords outside the vocabulary that `describe_vocabulary` names
NO_CHORD_SYMBOL = "N.C."
WITHOUT = "tune without chord symbols (need_chords = false takes them)"
SILENT = "tune without a melody"


@dataclasses.dataclass(frozen=True)
class MelodyChords(Encoding):
    """Options: steps per quarter note (12 fits triplets), the form of the melody, and the chords.

    `chords` is the vocabulary. If it is empty it is learned: chords reduced by `reduce`, with
    `cutoff` uses or more. With `every_root` it has a kind of chord at all twelve roots or at none,
    so that transposing stays inside. Without `need_chords` a piece may have no chords.
    """

    grid: int = 4
    melody: str = "onsets"
    chords: tuple[str, ...] = ()
    cutoff: int = 64
    reduce: str = "sevenths"
    every_root: bool = True
    need_chords: bool = True

    name: ClassVar[str] = "melody_chords"

    def __post_init__(self) -> None:
        whole("encoding.grid =", self.grid, *GRIDS)
        whole("encoding.cutoff =", self.cutoff, 1, 1_000_000)
        one_of("encoding.melody =", self.melody, FORMS)
        one_of("encoding.reduce =", self.reduce, symbols.REDUCTIONS)
        flag("encoding.every_root =", self.every_root)
        flag("encoding.need_chords =", self.need_chords)
        object.__setattr__(self, "chords", _checked(self.chords))

    @property
    def fields(self) -> tuple[Field, ...]:
        """Two fields, `melody` and `chord`."""
        return Field("melody", self.first_pitch + 128), Field("chord", 1 + len(self.chords))

    @property
    def first_pitch(self) -> int:
        """The melody value of pitch 0."""
        return 2 if self.melody == "onsets" else 1

    @property
    def steps_per_quarter(self) -> int:
        """The grid."""
        return self.grid

    @property
    def tune(self) -> bool:
        """A piece is a tune."""
        return True

    @property
    def steps_per_second(self) -> float:
        """Steps per second at 120 quarter notes per minute."""
        return self.grid * DEFAULT_QPM / 60

    @property
    def vocabulary(self) -> Vocabulary:
        """The chords of the field `chord`."""
        return vocabulary(self.chords, self.reduce)

    @property
    def harmony(self) -> Sequence[symbols.Chord | None]:
        """The chords of the vocabulary; see Encoding."""
        return self.vocabulary.harmony

    def table(self, field: int = 0) -> Array:
        """Return the rows of VALUE; see Encoding."""
        return _melody_table(self.melody) if field == 0 else _chord_table(self.vocabulary)

    def encode(self, sequence: NoteSequence, drops: Counter[str] | None = None) -> Events:
        """Return int32 `[steps, 2]`; no steps without a melody, or without chords it needs."""
        drops = Counter() if drops is None else drops
        sequence = read.pitched(sequence, drops)
        found = read.symbols(sequence, self.grid)
        if found is None and self.need_chords:
            drops[WITHOUT] += 1
            return np.zeros((0, 2), np.int32)
        events = np.zeros((read.count_steps(sequence, self.grid), 2), np.int32)
        line = read.melody(sequence, self.grid, found.track if found else -1, drops)
        if not len(line.pitch):
            drops[SILENT] += 1
            return events[:0]
        self._write(line, events[:, 0])
        if found:
            self._write_chords(found, events[:, 1], drops)
        return events

    def _write(self, line: read.Line, column: Events) -> None:
        """Fill the melody's column, which is all rests."""
        values = line.pitch + self.first_pitch
        change = np.zeros(len(column) + 1, np.int64)
        np.add.at(change, line.start, 1 if self.melody == "onsets" else values)
        np.add.at(change, line.end, -1 if self.melody == "onsets" else -values)
        column[:] = np.cumsum(change[:-1])  # where a note sounds: 1, which is a hold, or its pitch
        column[line.start] = values

    def _write_chords(self, found: read.Symbols, column: Events, drops: Counter[str]) -> None:
        """Fill the chords' column; a chord holds until the next, the last of a step counts."""
        looked = [self.vocabulary.find(symbol) for symbol in found.symbols]
        drops.update(f.lost for f in looked if f.lost)
        start = np.minimum(found.start, len(column))
        values = np.array([f.value for f in looked], np.int32)
        column[start[0] :] = np.repeat(values, np.diff(np.append(start, len(column))))

    def decode(self, events: Events, context: Mapping[str, Any] | None = None) -> NoteSequence:
        """Return the melody as instrument 0, and the chord symbols.

        Tempo, meter and pickup are those of `context`.
        """
        context = context or {}
        qpm = float(context.get("qpm", DEFAULT_QPM))
        step = 60 / (qpm * self.grid)  # seconds
        bars = np.asarray(context.get("bars", []), np.int64).reshape(-1, 3)
        line = self._line(np.asarray(events[:, 0], np.int64))
        notes = table(
            NOTE,
            pitch=line.pitch,
            velocity=VELOCITY,
            start_time=line.start * step,
            end_time=line.end * step,
        )
        meters = table(
            TIME_SIGNATURE, time=bars[:, 0] * step, numerator=bars[:, 1], denominator=bars[:, 2]
        )
        meters["time"][:1] = 0
        return NoteSequence(
            notes,
            tempos=table(TEMPO, time=0, qpm=qpm) if "qpm" in context else np.zeros(0, TEMPO),
            time_signatures=meters,
            chords=self._symbols(np.asarray(events[:, 1], np.int64), step),
            total_time=len(events) * step,
            first_bar_time=float(bars[0, 0] * step) if len(bars) else 0.0,
        )

    def _line(self, column: Ints) -> read.Line:
        """Return the notes of a melody column; a hold after a rest is a rest."""
        other = heads(column)
        change = column != 1 if self.melody == "onsets" else other
        begin = np.flatnonzero(change)
        end = np.append(begin[1:], len(column))
        note = column[begin] >= self.first_pitch
        start = begin[note]
        stop = end[: len(begin)][note]
        return read.Line(column[start] - self.first_pitch, start, stop)

    def _symbols(self, column: Ints, step: float) -> Array:
        """Return the rows of `chords` of a chord column: one at each change."""
        begin = np.flatnonzero(np.diff(column, prepend=NO_CHORD))
        names = np.array([NO_CHORD_SYMBOL, *self.chords], CHORD["symbol"])
        return table(CHORD, time=begin * step, symbol=names[column[begin]])

    def transpose(self, events: Events, semitones: int) -> Events:
        """Return the events transposed; ValueError if a pitch would leave 0..127."""
        first = self.first_pitch
        melody = events[:, 0]
        note = melody >= first
        moved = np.where(note, melody + semitones, melody)
        if (note & ((moved < first) | (moved >= first + 128))).any():
            raise ValueError(f"transposing by {semitones} semitones takes a pitch out of 0..127")
        chords = self.vocabulary.moved(semitones)[events[:, 1]]
        return np.stack([moved, chords], axis=1).astype(np.int32)

    def stretch(self, events: Events, factor: float) -> Events:
        """Return the events as they are: a grid of beats has no speed."""
        return events

    def step_times(self, events: Events) -> Floats:
        """Return float64 `[steps]`: seconds at 120 quarter notes per minute."""
        return np.arange(len(events)) / self.steps_per_second

    def spans(self, events: Events) -> Spans:
        """Return the notes of the melody; see Encoding."""
        return voice(self.table(0), events[:, 0])

    def decoder(self) -> Decoder:
        """Return what decodes one stream as its events come; see Encoding."""
        return VoiceDecoder(self.table(0), VELOCITY)

    def grammar(self, batch: int) -> Grammar:
        """Return the state machine of `batch` streams; see MelodyChordsGrammar."""
        from symgen.encodings.melody_chords.grammar import MelodyChordsGrammar

        return MelodyChordsGrammar(self, batch)

    def context(self, sequence: NoteSequence) -> dict[str, Any]:
        """Return what any encoding does, and `bars` and `steps`.

        `bars` has a triple for each row of `time_signatures`: the step of a bar line, numerator and
        denominator. The first is the first bar line of the piece; there are none without a meter.
        `steps` is the number of steps of the piece.
        """
        begin, numerator, denominator = meter.meters(sequence)
        rows = np.stack([read.nearest(begin * self.grid), numerator, denominator], axis=1)
        bars = rows.ravel().tolist()
        steps = read.count_steps(read.pitched(sequence, Counter()), self.grid)
        return super().context(sequence) | {"steps": steps} | ({"bars": bars} if bars else {})

    @property
    def learns(self) -> bool:
        """Whether the vocabulary is open."""
        return not self.chords

    def survey(self, sequence: NoteSequence) -> Counter[str]:
        """Return how often each chord is used, by its reduced symbol."""
        found = read.symbols(read.pitched(sequence, Counter()), self.grid)
        named = [canonical(symbol, self.reduce) for symbol in found.symbols] if found else []
        return Counter(symbol for symbol in named if symbol is not None)

    def learned(self, counts: Mapping[str, int]) -> MelodyChords:
        """Return this encoding with the vocabulary of `counts`.

        It stays open if no chord is used often enough.
        """
        if not self.learns:
            return self
        return dataclasses.replace(self, chords=learn(counts, self.cutoff, self.every_root))

    def describe_vocabulary(self, counts: Mapping[str, int]) -> str:
        """Return how many chords were learned, and which were used too rarely."""
        lost = [(-n, symbol) for symbol, n in counts.items() if self.vocabulary.find(symbol).lost]
        line = f"{len(self.chords)} chords from {sum(counts.values())} uses"
        if not lost:
            return line
        rare = ", ".join(f"{symbol} {-n}" for n, symbol in sorted(lost)[:NAMED])
        more = ", ..." if len(lost) > NAMED else ""
        return f"{line}; {len(lost)} used too rarely (cutoff {self.cutoff}): {rare}{more}"

    def accepts(self, other: Codec) -> bool:
        """Return whether `other` is this encoding, or this one with its open vocabulary filled."""
        same = (
            isinstance(other, MelodyChords)
            and self.learns
            and dataclasses.replace(other, chords=()) == self
        )
        return same or super().accepts(other)


def _checked(given: Any) -> tuple[str, ...]:
    """Return the vocabulary in one spelling; BadOption for what is not a chord, or a duplicate."""
    if isinstance(given, str) or not isinstance(given, list | tuple):
        raise BadOption(
            f'encoding.chords = {given!r}: expected a list of chord symbols, such as ["C", "G7"], '
            "or [] to learn them"
        )
    out: list[str] = []
    for text in given:
        chord = symbols.parse(text) if isinstance(text, str) else None
        if chord is None or symbols.symbol(chord) in out:
            wrong = "there twice" if chord else "no chord symbol"
            raise BadOption(f"encoding.chords holds {text!r}, which is {wrong}")
        out.append(symbols.symbol(chord))
    return tuple(out)


@functools.cache
def _melody_table(form: str) -> Array:
    pitches = np.arange(128)
    onsets = form == "onsets"
    rows = np.concatenate(
        [
            table(VALUE, kind="rest", pitch=-1, advance=1, program=-1),
            table(VALUE, kind=np.array(["hold"] * onsets, "U16"), pitch=-1, advance=1, program=-1),
            table(
                VALUE,
                kind="note_on" if onsets else "sounding",
                pitch=pitches,
                advance=1,
                classes=1 << pitches % 12,
                program=-1,
            ),
        ]
    )
    rows.flags.writeable = False
    return rows


@functools.lru_cache(64)
def _chord_table(known: Vocabulary) -> Array:
    kinds = np.array(["no_chord"] + ["chord"] * len(known.chords))
    rows = table(VALUE, kind=kinds, pitch=-1, classes=known.classes, program=-1)
    rows.flags.writeable = False
    return rows
