"""The melody_chords encoding: a melody and the chord under it, two fields on a grid of beats, a row a step.

    melody  rest 0 | hold 1 | strike of pitch 0..127 2..129          form "onsets"
            rest 0 | pitch 0..127 that sounds 1..128                 form "sounding"
    chord   no chord 0 | the chords of the vocabulary 1..

The form "sounding" is that of published models of the Nottingham tunes; it cannot tell a repeated note from a held one.
The vocabulary is learned from a corpus: chords used `cutoff` times or more. Any other falls to its seventh, its triad,
or no chord. What was moved or left out is counted.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from symgen.encodings.base import VALUE, Decoder, Encoding, Events, Field, Grammar
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
from symgen.errors import BadOption, unknown
from symgen.notes.sequence import CHORD, NOTE, TEMPO, TIME_SIGNATURE, NoteSequence, table
from symgen.notes.tempo_map import DEFAULT_QPM
from symgen.notes.theory import chords as symbols
from symgen.notes.theory import meter

FORMS = ("onsets", "sounding")
GRIDS = (1, 48)
REST = 0
VELOCITY = 80
TOLD = 6  # chords that were left out, in the account
NO_CHORD_SYMBOL = "N.C."
WITHOUT = "tune without chord symbols (need_chords = false takes them)"
SILENT = "tune without a melody"
Ints = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class MelodyChords(Encoding):
    """Options: steps a quarter note (12 fits triplets), the form of the melody, and which chords there are.

    `chords` is the vocabulary; empty, it is learned, of chords reduced as `reduce` says, with `cutoff` uses or more. With
    `every_root` a kind of chord is in it at all twelve roots or at none, so that transposing stays inside. A piece
    without chords is refused unless `need_chords` is off.
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
        for key, low, high in (("grid", *GRIDS), ("cutoff", 1, 1_000_000)):
            value = getattr(self, key)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise BadOption(
                    f"encoding.{key} = {value!r}: expected a whole number from {low} to {high}"
                )
        for key, known in (("melody", FORMS), ("reduce", symbols.REDUCTIONS)):
            if getattr(self, key) not in known:
                raise BadOption(
                    f"encoding.{key}: "
                    + unknown("form" if key == "melody" else "reduction", getattr(self, key), known)
                )
        for key in ("every_root", "need_chords"):
            if not isinstance(getattr(self, key), bool):
                raise BadOption(f"encoding.{key} = {getattr(self, key)!r}: expected true or false")
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
        """Steps a second at 120 quarter notes per minute."""
        return self.grid * DEFAULT_QPM / 60

    @property
    def vocabulary(self) -> Vocabulary:
        """The chords of field `chord`, looked up and moved."""
        return vocabulary(self.chords, self.reduce)

    def table(self, field: int = 0) -> npt.NDArray[Any]:
        """Return the rows of VALUE; see Encoding."""
        return _melody_table(self.melody) if field == 0 else _chord_table(self.vocabulary)

    def encode(self, sequence: NoteSequence, drops: Counter[str] | None = None) -> Events:
        """Return int32 `[steps, 2]`; no steps where there is no melody, or no chords and they are needed."""
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

    def _write(self, line: read.Line, column: npt.NDArray[np.int32]) -> None:
        """Fill the melody's column, which is all rests."""
        values = line.pitch + self.first_pitch
        change = np.zeros(len(column) + 1, np.int64)
        np.add.at(change, line.start, 1 if self.melody == "onsets" else values)
        np.add.at(change, line.end, -1 if self.melody == "onsets" else -values)
        column[:] = np.cumsum(change[:-1])  # where a note sounds: 1, which is a hold, or its pitch
        column[line.start] = values

    def _write_chords(
        self, found: read.Symbols, column: npt.NDArray[np.int32], drops: Counter[str]
    ) -> None:
        """Fill the chords' column; a chord holds until the next, and of two in a step the last counts."""
        looked = [self.vocabulary.find(symbol) for symbol in found.symbols]
        drops.update(f.lost for f in looked if f.lost)
        start = np.minimum(found.start, len(column))
        values = np.array([f.value for f in looked], np.int32)
        column[start[0] :] = np.repeat(values, np.diff(np.append(start, len(column))))

    def decode(self, events: Events, context: Mapping[str, Any] | None = None) -> NoteSequence:
        """Return the melody as instrument 0, and the chord symbols; tempo, meter and pickup are those of `context`."""
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
        """Return the notes of a melody column; a hold where nothing sounds is a rest."""
        other = np.append(True, column[1:] != column[:-1])[: len(column)]
        change = column != 1 if self.melody == "onsets" else other
        begin = np.flatnonzero(change)
        end = np.append(begin[1:], len(column))
        strike = column[begin] >= self.first_pitch
        return read.Line(
            column[begin[strike]] - self.first_pitch, begin[strike], end[: len(begin)][strike]
        )

    def _symbols(self, column: Ints, step: float) -> npt.NDArray[Any]:
        """Return the rows of `chords` of a chord column: one at each change, none for what begins without a chord."""
        begin = np.flatnonzero(np.diff(column, prepend=NO_CHORD))
        names = np.array([NO_CHORD_SYMBOL, *self.chords], CHORD["symbol"])
        return table(CHORD, time=begin * step, symbol=names[column[begin]])

    def transpose(self, events: Events, semitones: int) -> Events:
        """Return the events moved by `semitones`; ValueError where a pitch would leave 0..127."""
        first, melody = self.first_pitch, events[:, 0]
        strike = melody >= first
        moved = np.where(strike, melody + semitones, melody)
        if (strike & ((moved < first) | (moved >= first + 128))).any():
            raise ValueError(f"transposing by {semitones} semitones takes a pitch out of 0..127")
        return np.stack([moved, self.vocabulary.moved(semitones)[events[:, 1]]], axis=1).astype(
            np.int32
        )

    def stretch(self, events: Events, factor: float) -> Events:
        """Return the events as they are: a grid of beats has no speed."""
        return events

    def step_times(self, events: Events) -> npt.NDArray[np.float64]:
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
        """Return what any encoding tells, and `bars` and `steps`.

        `bars` has a triple for each row of `time_signatures` on the grid: the step of a bar line (the first is the first bar
        line of the piece), numerator and denominator; none without a meter. `steps` is how many steps the piece takes.
        """
        begin, numerator, denominator = meter.meters(sequence)
        bars = (
            np.stack([read.nearest(begin * self.grid), numerator, denominator], axis=1)
            .ravel()
            .tolist()
        )
        steps = read.count_steps(read.pitched(sequence, Counter()), self.grid)
        return super().context(sequence) | {"steps": steps} | ({"bars": bars} if bars else {})

    @property
    def learns(self) -> bool:
        """Whether the vocabulary is open."""
        return not self.chords

    def survey(self, sequence: NoteSequence) -> Counter[str]:
        """Return how often each chord is used: its symbol, reduced, as the vocabulary spells it."""
        found = read.symbols(read.pitched(sequence, Counter()), self.grid)
        named = [canonical(symbol, self.reduce) for symbol in found.symbols] if found else []
        return Counter(symbol for symbol in named if symbol is not None)

    def learned(self, counts: Mapping[str, int]) -> MelodyChords:
        """Return this encoding with the vocabulary of `counts`; it stays open where no chord is used often enough."""
        return (
            dataclasses.replace(self, chords=learn(counts, self.cutoff, self.every_root))
            if self.learns
            else self
        )

    def account(self, counts: Mapping[str, int]) -> str:
        """Return how many chords were learned, and which were used too seldom."""
        out = sorted(
            (-n, symbol) for symbol, n in counts.items() if self.vocabulary.find(symbol).lost
        )
        seldom = ", ".join(f"{symbol} {-n}" for n, symbol in out[:TOLD]) + (
            ", ..." if len(out) > TOLD else ""
        )
        return f"{len(self.chords)} chords from {sum(counts.values())} uses" + (
            f"; {len(out)} used too seldom (cutoff {self.cutoff}): {seldom}" if out else ""
        )

    def accepts(self, other: Encoding) -> bool:
        """Return whether `other` is this encoding, or this one with its open vocabulary filled."""
        same = (
            isinstance(other, MelodyChords)
            and self.learns
            and dataclasses.replace(other, chords=()) == self
        )
        return same or super().accepts(other)


def _checked(given: Any) -> tuple[str, ...]:
    """Return the vocabulary spelled in one way; BadOption for what is no chord, or there twice."""
    if isinstance(given, str) or not isinstance(given, list | tuple):
        raise BadOption(
            f'encoding.chords = {given!r}: expected a list of chord symbols, such as ["C", "G7"]; [] to learn them'
        )
    out: list[str] = []
    for text in given:
        chord = symbols.parse(text) if isinstance(text, str) else None
        if chord is None or symbols.symbol(chord) in out:
            raise BadOption(
                f"encoding.chords holds {text!r}, which is {'there twice' if chord else 'no chord symbol'}"
            )
        out.append(symbols.symbol(chord))
    return tuple(out)


@functools.cache
def _melody_table(form: str) -> npt.NDArray[Any]:
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
def _chord_table(known: Vocabulary) -> npt.NDArray[Any]:
    kinds = np.array(["no_chord"] + ["chord"] * len(known.chords))
    rows = table(VALUE, kind=kinds, pitch=-1, classes=known.classes, program=-1)
    rows.flags.writeable = False
    return rows
