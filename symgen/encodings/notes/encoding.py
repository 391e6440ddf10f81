"""The notes encoding: one step per note, with six fields, each drawn given those before it.

    shift_seconds 0..60 | shift 0..99     from the onset before, in seconds and steps of 10 ms
    pitch 0..127                          with `pedal = "events"` also 128, the pedal
    velocity 0..31                        bin, with `velocity_bins = 32`
    length_seconds 0..255 | length 0..99  from the onset to the release

It holds what `performance` holds: the same grid, velocity bins and sustain, so that both give the
same notes back and their likelihoods compare in nats per note and per second. A stream of note-ons
and note-offs takes about four events per note and must remember to end each; here the length is
chosen with the note.

With `pedal = "events"` notes keep the length of the key, and each press of the pedal is a step of
its own: pitch 128, velocity bin 0, its length the time that the pedal is down. Applied afterwards
(`symgen.notes.pedal.sustain`) it gives the notes of "sustain", their ends within a step, but for
two exceptions. Where a release and a press fall into one step, the pedal catches the note (0.5 %
of the notes of piano performances). And the pedals of all instruments are one, so that a pedal
written for one hand holds the notes of both.

Notes that begin together are in the order of their pitches. A release ends the oldest open note of
its pitch, as in `performance`. Shifts beyond `longest_shift` and lengths beyond `longest_note`
seconds are cut (a pedal that is never lifted makes notes of minutes), drums are left out; both are
counted. Related: NotePerformance of Huang et al., "Music Transformer" (2018) and
Victor Shepardson et al., "Notochord" (2022), which draw parts of a note in turn as well.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from symgen.checks import one_of, whole
from symgen.encodings.base import VALUE, Decoder, Encoding, Events, Field, Grammar
from symgen.encodings.notes.grid import (
    PEDAL,
    PITCHES,
    Grid,
    Ints,
    cut,
    first_on_first_off,
    next_onset,
    pitched,
    presses,
    silent,
)
from symgen.encodings.spans import Spans
from symgen.notes import pedal
from symgen.notes.sequence import CONTROL_CHANGE, NOTE, NoteSequence, table

PEDALS = ("sustain", "events", "off")
DEFAULT_VELOCITY = 100  # of notes without velocities, as in note_seq


@dataclasses.dataclass(frozen=True)
class Notes(Encoding):
    """Options: velocity bins (0 for none), grid, longest shift and note in seconds, pedal.

    `pedal`: "sustain" lengthens notes by it, "events" writes it, "off" ignores it.
    """

    velocity_bins: int = 32
    steps_per_second: int = 100
    longest_shift: int = 60
    longest_note: int = 255
    pedal: str = "sustain"

    name: ClassVar[str] = "notes"

    def __post_init__(self) -> None:
        limits = {
            "velocity_bins": (0, 127),
            "steps_per_second": (2, 1000),
            "longest_shift": (1, 600),
            "longest_note": (1, 3600),
        }
        for key, (low, high) in limits.items():
            whole(f"encoding.{key} =", getattr(self, key), low, high)
        one_of("encoding.pedal =", self.pedal, PEDALS)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Six fields, or five without velocities."""
        velocity = [Field("velocity", self.velocity_bins)] if self.velocity_bins else []
        steps = self.steps_per_second
        return (
            Field("shift_seconds", self.longest_shift + 1),
            Field("shift", steps),
            Field("pitch", PITCHES + (self.pedal == "events")),
            *velocity,
            Field("length_seconds", self.longest_note + 1),
            Field("length", steps),
        )

    @property
    def bin_size(self) -> int:
        """How many of the velocities 1..127 share a bin."""
        return -(-127 // max(self.velocity_bins, 1))

    def table(self, field: int = 0) -> npt.NDArray[Any]:
        """Return the rows of VALUE; see Encoding."""
        return _tables(self)[field]

    def encode(self, sequence: NoteSequence, drops: Counter[str] | None = None) -> Events:
        """Return int32 `[notes, fields]`; what does not fit is counted in `drops`."""
        drops = Counter() if drops is None else drops
        sequence = pitched(sequence, drops)
        held = pedal.sustain(sequence) if self.pedal == "sustain" else sequence
        if lost := len(sequence.notes) - len(held.notes):
            drops["note-on of a pitch struck again at the same moment under the pedal"] += lost
        return self._emit(self._on_grid(held), drops)

    def _on_grid(self, sequence: NoteSequence) -> Grid:
        """Quantise as `performance` does: to the nearest step, halves up, no note under a step."""
        notes, rate = sequence.notes, self.steps_per_second
        start = (notes["start_time"] * rate + 0.5).astype(np.int64)
        end = np.maximum((notes["end_time"] * rate + 0.5).astype(np.int64), start + 1)
        velocity = np.clip(notes["velocity"].astype(np.int64), 1, 127)
        bins = (velocity - 1) // self.bin_size if self.velocity_bins else np.zeros_like(velocity)
        grid = Grid(start, end, notes["pitch"].astype(np.int64), bins)
        if self.pedal == "events":
            grid = Grid(*map(np.concatenate, zip(grid, presses(sequence, rate), strict=True)))
        order = np.lexsort((grid.pitch, grid.start))
        grid = Grid(*(part[order] for part in grid))
        return grid._replace(end=first_on_first_off(grid.pitch, grid.end))

    def _emit(self, grid: Grid, drops: Counter[str]) -> Events:
        """Return the events of notes that are in order."""
        rate = self.steps_per_second
        shift = cut(np.diff(grid.start, prepend=0), self.longest_shift, rate, "gap", drops)
        onset = np.cumsum(shift)
        again = np.where(grid.pitch == PEDAL, next_onset(grid.pitch, onset) - onset, grid.end)
        steps = np.clip(
            grid.end - grid.start, 1, np.maximum(again, 1)
        )  # one press ends before the next
        length = cut(steps, self.longest_note, rate, "note", drops)
        velocity = [grid.bin] if self.velocity_bins else []
        columns = [
            shift // rate,
            shift % rate,
            grid.pitch,
            *velocity,
            length // rate,
            length % rate,
        ]
        return np.stack(columns, axis=1).astype(np.int32)

    def _parse(self, events: Events) -> Grid:
        """Return the notes of `events`; a length of 0, which no encoded music has, is a step."""
        columns = np.asarray(events, np.int64).reshape(-1, len(self.fields)).T
        rate = self.steps_per_second
        start = np.cumsum(columns[0] * rate + columns[1])
        length = np.maximum(columns[-2] * rate + columns[-1], 1)
        bins = columns[3] if self.velocity_bins else np.zeros_like(start)
        return Grid(start, start + length, columns[2], bins)

    def decode(self, events: Events, context: Mapping[str, Any] | None = None) -> NoteSequence:
        """Return the notes of `events`, velocities in the middle of their bins, and the pedal."""
        grid = self._parse(events)
        rate = self.steps_per_second
        grid = grid._replace(end=first_on_first_off(grid.pitch, grid.end))
        keys = grid.pitch < PITCHES
        start = grid.start / rate
        end = grid.end / rate
        notes = table(
            NOTE,
            pitch=grid.pitch[keys],
            velocity=self._velocity(grid.bin[keys]),
            start_time=start[keys],
            end_time=end[keys],
        )
        down = ~keys
        times = np.stack([start[down], end[down]], axis=1).ravel()
        changes = table(
            CONTROL_CHANGE,
            time=times,
            control_number=pedal.SUSTAIN,
            control_value=np.tile([127, 0], int(down.sum())),
        )
        order = np.lexsort((changes["control_value"], changes["time"]))
        return NoteSequence(notes, control_changes=changes[order], total_time=self.duration(events))

    def _velocity(self, bins: Ints) -> Ints:
        """Return the middle of each bin."""
        if not self.velocity_bins:
            return np.full(len(bins), DEFAULT_VELOCITY)
        return np.minimum(1 + bins * self.bin_size + self.bin_size // 2, 127)

    def transpose(self, events: Events, semitones: int) -> Events:
        """Return the events moved by `semitones`; ValueError where a pitch would leave 0..127."""
        moved = np.array(events, np.int32)
        keys = moved[:, 2] < PITCHES
        moved[keys, 2] += semitones
        if ((moved[keys, 2] < 0) | (moved[keys, 2] >= PITCHES)).any():
            raise ValueError(f"transposing by {semitones} semitones takes a pitch out of 0..127")
        return moved

    def stretch(self, events: Events, factor: float) -> Events:
        """Return the events with all times multiplied by `factor`, to the nearest step."""
        if factor == 1:
            return events
        grid = self._parse(events)
        start, end = ((x * factor + 0.5).astype(np.int64) for x in (grid.start, grid.end))
        stretched = grid._replace(start=start, end=np.maximum(end, start + 1))
        order = np.lexsort(
            (stretched.pitch, stretched.start)
        )  # what begins together now is in order
        return self._emit(Grid(*(part[order] for part in stretched)), Counter())

    def step_times(self, events: Events) -> npt.NDArray[np.float64]:
        """Return float64 `[steps]`: the onset of each note, in seconds."""
        return self._parse(events).start / self.steps_per_second

    def duration(self, events: Events) -> float:
        """Return the seconds to the last release."""
        return float(self._parse(events).end.max(initial=0) / self.steps_per_second)

    def spans(self, events: Events) -> Spans:
        """Return the notes of `events`; the pedal is none."""
        grid = self._parse(events)
        row = np.flatnonzero(grid.pitch < PITCHES)
        start, end, pitch, bins = (part[row] for part in grid)
        velocity = self._velocity(bins) if self.velocity_bins else np.zeros_like(bins)
        end = silent(pitch, start, end)
        return Spans(row, start, end, pitch.astype(np.int16), velocity.astype(np.int16))

    def note(self, row: Events) -> tuple[int, int, int, int]:
        """Return shift, shift plus length, pitch (-1 for the pedal) and velocity of one event."""
        grid = self._parse(row[None])
        pitch = int(grid.pitch[0])
        velocity = int(self._velocity(grid.bin)[0])
        if pitch == PITCHES:
            pitch = -1
        return int(grid.start[0]), int(grid.end[0]), pitch, velocity

    def decoder(self) -> Decoder:
        """Return what decodes one stream as its notes come; see Encoding."""
        from symgen.encodings.notes.decoder import NotesDecoder

        return NotesDecoder(self)

    def grammar(self, batch: int) -> Grammar:
        """Return the state machine of `batch` streams; see NotesGrammar."""
        from symgen.encodings.notes.grammar import NotesGrammar

        return NotesGrammar(self, batch)


@functools.lru_cache(16)
def _tables(encoding: Notes) -> tuple[npt.NDArray[Any], ...]:
    rate = encoding.steps_per_second
    steps = np.arange(rate)
    pitches = np.arange(PITCHES)
    blank = {"pitch": -1, "program": -1}
    keys = table(VALUE, kind="note_on", pitch=pitches, classes=1 << pitches % 12, program=-1)
    press = table(VALUE, kind="pedal", **blank)
    bins = encoding._velocity(np.arange(encoding.velocity_bins))
    velocity = (
        [table(VALUE, kind="velocity", velocity=bins, **blank)] if encoding.velocity_bins else []
    )
    made = (
        table(VALUE, kind="shift", advance=np.arange(encoding.longest_shift + 1) * rate, **blank),
        table(VALUE, kind="shift", advance=steps, **blank),
        np.concatenate([keys, press]) if encoding.pedal == "events" else keys,
        *velocity,
        table(VALUE, kind="length", duration=np.arange(encoding.longest_note + 1) * rate, **blank),
        table(VALUE, kind="length", duration=steps, **blank),
    )
    for rows in made:
        rows.flags.writeable = False
    return made
