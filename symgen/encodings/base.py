"""What an encoding of notes is: a NoteSequence as rows of integers, and back.

What it has in common with encodings of sound is in `codec`.
"""

from __future__ import annotations

import abc
import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from symgen.encodings.codec import Codec, Events, Field, inputs
from symgen.encodings.spans import Spans
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import keys
from symgen.notes.theory.chords import Chord
from symgen.types import Array, Bools, Floats, Floats32

__all__ = ["VALUE", "Change", "Decoder", "Encoding", "Events", "Field", "Grammar", "Mask", "inputs"]

Mask = Bools

VALUE = np.dtype(
    [  # what one value of a field means
        ("kind", "U16"),
        ("pitch", np.int16),  # 0..127, -1 for none
        ("advance", np.int32),  # steps of time that it takes
        ("classes", np.uint16),  # bit p for pitch class p, of a note-on's pitch or a chord's notes
        ("velocity", np.int16),  # of note-ons from here on; 0 if it does not change
        ("duration", np.int32),  # steps that it adds to the length of the note of its step
        ("program", np.int16),  # the instrument that it selects, -1 for none
    ]
)


class Grammar(abc.ABC):
    """Which values are legal next in each of a batch of streams; it learns what was chosen."""

    @abc.abstractmethod
    def legal(self, field: int = 0) -> Mask:
        """Return bool `[batch, size of field]`: the values of `field` that may come next.

        Call it for the fields in order; the values chosen for the fields before count. The array
        belongs to the grammar: copy it to keep it.
        """

    def bar(self, field: int, scores: Floats32) -> None:
        """Set to -inf what is not legal in `scores` `[batch, size of field]`."""
        np.putmask(scores, ~self.legal(field), -np.inf)

    @abc.abstractmethod
    def choose(self, field: int, values: Array, rows: Array | None = None) -> None:
        """Take the `values` `[batch]` of `field`; after the last field the step is over.

        `rows` selects streams; None takes all.
        """

    @abc.abstractmethod
    def closing(self, row: int) -> Events:
        """Return the events `[n, fields]` that end all open notes of stream `row`; n may be 0."""

    @abc.abstractmethod
    def open_pitches(self) -> Mask:
        """Return bool `[batch, 128]`: the pitches that sound in each stream."""


class Change(NamedTuple):
    """A note that begins (`kind` "on") or ends ("off") at `time` in steps.

    `velocity` is that of its note-on.
    """

    kind: str
    time: int
    pitch: int
    velocity: int


class Decoder(abc.ABC):
    """Decodes one stream, which may have no end; it remembers only what sounds."""

    steps: int = 0  # of time decoded so far

    @abc.abstractmethod
    def take(self, row: Events) -> list[Change]:
        """Take one event int32 `[fields]`; return the changes that it decides, in order of time.

        None comes before a change returned earlier.
        """

    @abc.abstractmethod
    def finish(self) -> list[Change]:
        """End the stream; return the changes that are left."""


@dataclasses.dataclass(frozen=True)
class Encoding(Codec):
    """A NoteSequence as events, and back. Options are the dataclass fields of the member."""

    @property
    def steps_per_quarter(self) -> int:
        """How many steps make a quarter note on a grid of beats; 0 without such a grid."""
        return 0

    @property
    def tune(self) -> bool:
        """Whether a piece is a tune: bars, a meter and a form, which `symgen.sampling` plans."""
        return False

    @property
    def harmony(self) -> Sequence[Chord | None]:
        """The chord of each value of the field `chord`; empty without such a field."""
        return ()

    @abc.abstractmethod
    def encode(self, sequence: NoteSequence, drops: Counter[str] | None = None) -> Events:
        """Return int32 `[steps, fields]`; what does not fit is counted in `drops` by reason."""

    @abc.abstractmethod
    def decode(self, events: Events, context: Mapping[str, Any] | None = None) -> NoteSequence:
        """Return the music of `events`; notes still open at the end are closed there.

        `context` is what `context()` returned for the piece. An encoding whose events hold no tempo
        or meter takes them from it.
        """

    @abc.abstractmethod
    def transpose(self, events: Events, semitones: int) -> Events:
        """Return the events transposed; ValueError if a pitch would leave 0..127."""

    @abc.abstractmethod
    def stretch(self, events: Events, factor: float) -> Events:
        """Return the events with all times multiplied by `factor`, on the same grid."""

    @abc.abstractmethod
    def step_times(self, events: Events) -> Floats:
        """Return float64 `[steps]`: the second at which each event begins."""

    @abc.abstractmethod
    def grammar(self, batch: int) -> Grammar:
        """Return the grammar of `batch` streams at the beginning of a piece."""

    @abc.abstractmethod
    def table(self, field: int = 0) -> Array:
        """Return one row of VALUE for each value of `field`.

        `kind` names the group of values: `note_on`, `note_off`, `shift`, `velocity`, `length`,
        `pedal`; on a grid of beats `note_on`, `hold`, `rest`, `sounding` (a note-on if another
        value came before), `chord`, `no_chord`.
        """

    @abc.abstractmethod
    def spans(self, events: Events) -> Spans:
        """Return the notes of `events`; see Spans.

        `symgen.encodings.spans` has helpers for the usual families.
        """

    @abc.abstractmethod
    def decoder(self) -> Decoder:
        """Return a decoder of one stream; `symgen.encodings.decoders` has the usual ones."""

    def context(self, sequence: NoteSequence) -> dict[str, Any]:
        """Return what events cannot hold: first tempo, meter, written key, and first bar line.

        Values are text, floats, integers, or lists of one of these. A dataset stores them.
        """
        facts: dict[str, Any] = {"first_bar_time": float(sequence.first_bar_time)}
        if len(sequence.tempos):
            facts["qpm"] = float(sequence.tempos["qpm"][0])
        if len(sequence.time_signatures):
            meter = sequence.time_signatures[0]
            facts["meter"] = f"{meter['numerator']}/{meter['denominator']}"
        if len(sequence.key_signatures):
            signature = sequence.key_signatures[0]
            facts["key"] = keys.signed(int(signature["key"]), int(signature["mode"])).name
        return facts

    @property
    def learns(self) -> bool:
        """Whether open options are learned from the music: `survey` each piece, then `learned`."""
        return False

    def survey(self, sequence: NoteSequence) -> Counter[str]:
        """Return the counts of one piece from which is learned; those of all pieces are added."""
        return Counter()

    def learned(self, counts: Mapping[str, int]) -> Encoding:
        """Return this encoding with open options filled from the counts of all pieces."""
        return self

    def describe_vocabulary(self, counts: Mapping[str, int]) -> str:
        """Return one line on what `learned` made of the counts; empty if it learns nothing."""
        return ""

    def duration(self, events: Events) -> float:
        """Return the seconds of `events`, to the end of the last note or of the rest after it."""
        tables = [self.table(k)[events[:, k]] for k in range(len(self.fields))]
        notes = self.spans(events)
        length = sum(rows["duration"][notes.row].astype(np.int64) for rows in tables)
        end = np.maximum(notes.end, notes.start + length)  # a span may be cut at another note
        taken = sum(int(rows["advance"].sum()) for rows in tables)
        return max(taken, int(end.max(initial=0))) / self.steps_per_second
