"""The performance encoding: note-ons, note-offs, time shifts and velocities in one field of 388.

    note_on 0..127 | note_off 128..255 | shift of 1..100 steps of 10 ms 256..355
    velocity bin 1..32 356..387

The ids are those of note_seq's PerformanceOneHotEncoding. For the same notes the stream equals that
of note_seq (sustain applied, quantised to 100 steps per second, `Performance`) event for event.
After Oore, Simon, Dieleman, Eck and Simonyan, "This Time with Feeling: Learning Expressive Musical
Performance", 2018.

Departures: a note-off ends the oldest open note of its pitch; a velocity is decoded to the middle
of its bin, not to its lower edge; a gap longer than `longest_rest` seconds is cut to it; drums are
left out. Cut gaps and notes left out are counted.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from symgen.arrays import heads
from symgen.checks import flag, number, one_of, whole
from symgen.encodings.base import VALUE, Decoder, Encoding, Events, Field, Grammar
from symgen.encodings.decoders import ReleaseDecoder
from symgen.encodings.spans import Spans, released
from symgen.errors import DataError
from symgen.limits import current
from symgen.notes import pedal
from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.types import Array, Bools, Floats, Ints

PITCHES = 128
PEDALS = ("sustain", "off")
DEFAULT_VELOCITY = 100  # of a stream without velocities, as in note_seq


class GridNotes(NamedTuple):
    """Notes in steps of the grid, in order of onset; `bin` is the velocity bin, 0 for none."""

    pitch: Ints
    bin: Ints
    start: Ints
    end: Ints


@dataclasses.dataclass(frozen=True)
class Performance(Encoding):
    """Options: velocity bins (0 for none), steps per second, longest shift (steps) and rest (s),
    pedal.

    `pedal`: "sustain" lengthens notes by it, "off" ignores it.
    """

    velocity_bins: int = 32
    steps_per_second: float = 100
    max_shift: int = 100
    longest_rest: float = 60.0
    pedal: str = "sustain"

    name: ClassVar[str] = "performance"

    def __post_init__(self) -> None:
        whole("encoding.velocity_bins =", self.velocity_bins, 0, 127)
        rate = number("encoding.steps_per_second =", self.steps_per_second, 1, 1000)
        whole("encoding.max_shift =", self.max_shift, 1, 10_000)
        rest = number("encoding.longest_rest =", self.longest_rest, 0.1, 3600)
        one_of("encoding.pedal =", self.pedal, PEDALS)
        # 100.0 and 100 are one option and get one fingerprint
        object.__setattr__(self, "steps_per_second", int(rate) if rate == int(rate) else rate)
        object.__setattr__(self, "longest_rest", rest)

    @classmethod
    def options(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of a table; `sustain = false` is an earlier name of `pedal = "off"`.

        BadOption if `sustain` is neither true nor false.
        """
        out = dict(table)
        if "sustain" in out:
            out["pedal"] = PEDALS[not flag("encoding.sustain =", out.pop("sustain"))]
        return out

    def identity(self) -> dict[str, Any]:
        """Return the options under their earlier names, so that old datasets and bundles fit."""
        options = self.spec()
        options["sustain"] = options.pop("pedal") == "sustain"
        return options

    @property
    def fields(self) -> tuple[Field, ...]:
        """One field, `event`."""
        return (Field("event", self.first_velocity + self.velocity_bins),)

    @property
    def first_shift(self) -> int:
        """The id of the shift by one step."""
        return 2 * PITCHES

    @property
    def first_velocity(self) -> int:
        """The id of the first velocity bin."""
        return self.first_shift + self.max_shift

    @property
    def bin_size(self) -> int:
        """How many velocities of 1..127 share a bin."""
        return _bin_size(self.velocity_bins)

    def table(self, field: int = 0) -> Array:
        """Return the rows of VALUE; see Encoding."""
        return _table(self.max_shift, self.velocity_bins)

    def encode(self, sequence: NoteSequence, drops: Counter[str] | None = None) -> Events:
        """Return int32 `[steps, 1]`: sustain applied, on the grid, in the order of note_seq."""
        drops = Counter() if drops is None else drops
        sequence = _playable(sequence, drops)
        notes = (pedal.sustain(sequence) if self.pedal == "sustain" else sequence).notes
        if lost := len(sequence.notes) - len(notes):
            drops["note of a pitch that begins twice at once under the pedal"] += lost
        return self._emit(self._on_grid(notes), drops)

    def _on_grid(self, notes: Array) -> GridNotes:
        """Quantise as note_seq does: to the nearest step, halves up, at least one step per note."""
        begins = notes["start_time"]
        pitch = notes["pitch"]
        same = begins[1:] == begins[:-1]
        if ((begins[1:] < begins[:-1]) | same & (pitch[1:] < pitch[:-1])).any():
            notes = notes[np.lexsort((pitch, begins))]
        start = (notes["start_time"] * self.steps_per_second + 0.5).astype(np.int64)
        end = (notes["end_time"] * self.steps_per_second + 0.5).astype(np.int64)
        velocity = np.clip(notes["velocity"], 1, 127)  # 0 in a protocol buffer without one
        bins = (velocity - 1) // self.bin_size + 1 if self.velocity_bins else np.zeros(len(notes))
        return GridNotes(
            notes["pitch"].astype(np.int64),
            bins.astype(np.int64),
            start,
            np.maximum(end, start + 1),
        )

    def _emit(self, grid: GridNotes, drops: Counter[str]) -> Events:
        """Return the events of note-ons and note-offs in order of (step, note)."""
        steps = np.stack([grid.start, grid.end], 1).ravel()
        order = np.argsort(steps, kind="stable")
        note, release = order >> 1, order & 1  # release: 1 for a note-off
        shifts = self._gaps(np.diff(steps[order], prepend=0), drops)
        full = np.maximum(-(-shifts // self.max_shift) - 1, 0)  # longest shifts before the last one
        moves = shifts > 0
        louder = (np.diff(grid.bin, prepend=0) != 0)[note] & (release == 0)
        values = np.empty((len(order), 3), np.int32)
        kept = np.ones((len(order), 3), bool)
        values[:, 0] = self.first_shift - 1 + shifts - full * self.max_shift
        kept[:, 0] = moves
        values[:, 1] = self.first_velocity - 1 + grid.bin[note]
        kept[:, 1] = louder
        values[:, 2] = grid.pitch[note] + PITCHES * release
        events = values.ravel()[np.flatnonzero(kept)]
        long = np.flatnonzero(full)
        total = len(events) + int(full.sum())
        if total > current().events:
            raise DataError(current().beyond("events", total))
        if len(long):
            behind = np.cumsum(1 + moves.view(np.uint8) + louder, dtype=np.int64)
            before = np.repeat(behind[long] - 2 - louder[long], full[long])
            events = np.insert(events, before, self.first_shift + self.max_shift - 1)
        return events[:, None]

    def _gaps(self, gaps: Ints, drops: Counter[str]) -> Ints:
        longest = int(self.longest_rest * self.steps_per_second)
        if (gaps > longest).any():
            drops[f"gap cut to {self.longest_rest:g} s"] += int((gaps > longest).sum())
        return np.minimum(gaps, longest)

    def decode(self, events: Events, context: Mapping[str, Any] | None = None) -> NoteSequence:
        """Return the notes of `events`; a note-off ends the oldest open note of its pitch."""
        grid = self._parse(events)
        velocity = np.full(len(grid.pitch), DEFAULT_VELOCITY)
        known = grid.bin > 0
        bins = self.first_velocity + grid.bin[known] - 1
        velocity[known] = self.table()["velocity"][bins]
        notes = table(
            NOTE,
            pitch=grid.pitch,
            velocity=velocity,
            start_time=grid.start / self.steps_per_second,
            end_time=grid.end / self.steps_per_second,
        )
        notes = notes[np.lexsort((notes["pitch"], notes["start_time"]))]
        return NoteSequence(notes, total_time=self.duration(events))

    def _parse(self, events: Events) -> GridNotes:
        """Pair the k-th note-on of a pitch with its k-th note-off: first on, first off."""
        ids = np.asarray(events, np.int64).reshape(-1)
        after = np.cumsum(self.table()["advance"][ids], dtype=np.int64)
        moment = after - self.table()["advance"][ids]
        bins = np.where(ids >= self.first_velocity, ids - self.first_velocity + 1, 0)
        place = np.maximum.accumulate(np.where(bins > 0, np.arange(len(ids)), -1))
        current = np.where(place >= 0, bins[place], 0) if len(ids) else bins
        events_of_notes = np.flatnonzero(ids < 2 * PITCHES)
        kept = events_of_notes[_matched(ids[events_of_notes])]
        by_pitch = kept[np.argsort(ids[kept] % PITCHES, kind="stable")]
        on = by_pitch[ids[by_pitch] < PITCHES]
        off = by_pitch[ids[by_pitch] >= PITCHES]
        end = np.full(len(on), after[-1] if len(ids) else 0)
        rank = _rank(ids[on])
        has_end = rank < np.bincount(ids[off] % PITCHES, minlength=PITCHES)[ids[on]]
        end[has_end] = moment[off]
        order = np.argsort(on, kind="stable")
        sounding = end[order] > moment[on[order]]  # a note that ends at once is none
        on = on[order][sounding]
        end = end[order][sounding]
        return GridNotes(ids[on], current[on], moment[on], end)

    def transpose(self, events: Events, semitones: int) -> Events:
        """Return the events transposed; ValueError if a pitch would leave 0..127."""
        pitch = self.table()["pitch"][events]
        moved = pitch + semitones
        if ((pitch >= 0) & ((moved < 0) | (moved >= PITCHES))).any():
            raise ValueError(f"transposing by {semitones} semitones takes a pitch out of 0..127")
        return np.where(pitch >= 0, events + semitones, events).astype(np.int32)

    def stretch(self, events: Events, factor: float) -> Events:
        """Return the events with all times multiplied by `factor`, to the nearest step."""
        if factor == 1:
            return events
        grid = self._parse(events)
        start = (grid.start * factor + 0.5).astype(np.int64)
        end = np.maximum((grid.end * factor + 0.5).astype(np.int64), start + 1)
        return self._emit(grid._replace(start=start, end=end), Counter())

    def step_times(self, events: Events) -> Floats:
        """Return float64 `[steps]`: the second at which each event begins."""
        advance = self.table()["advance"][events[:, 0]].astype(np.int64)
        return (np.cumsum(advance) - advance) / self.steps_per_second

    def duration(self, events: Events) -> float:
        """Return the seconds that the shifts of `events` take; no note lasts longer."""
        return int(self.table()["advance"][events[:, 0]].sum()) / self.steps_per_second

    def spans(self, events: Events) -> Spans:
        """Return the notes of `events`; see Encoding."""
        return released(self.table(), events[:, 0])

    def decoder(self) -> Decoder:
        """Return what decodes one stream as its events come; see Encoding."""
        return ReleaseDecoder(self.table(), DEFAULT_VELOCITY)

    def grammar(self, batch: int) -> Grammar:
        """Return the state machine of `batch` streams; see PerformanceGrammar."""
        from symgen.encodings.performance.grammar import PerformanceGrammar

        return PerformanceGrammar(self, batch)


def _playable(sequence: NoteSequence, drops: Counter[str]) -> NoteSequence:
    """Return the piece without drums and without notes that no event can hold; both are counted."""
    notes = sequence.notes
    drums = notes["is_drum"].astype(bool)
    fits = (notes["pitch"] >= 0) & (notes["pitch"] < PITCHES) & (notes["start_time"] >= 0)
    wrong = ~(fits & np.isfinite(notes["end_time"])) & ~drums
    if drums.any():
        drops["drum note, for which the performance encoding has no event"] += int(drums.sum())
    if wrong.any():
        drops["note whose pitch is not in 0..127, or that lies before 0 s"] += int(wrong.sum())
    kept = ~drums & ~wrong
    return sequence if kept.all() else sequence.replace(notes=notes[kept])


def _bin_size(bins: int) -> int:
    return math.ceil(127 / max(bins, 1))


def _middles(bins: int) -> Ints:
    """Return the velocity in the middle of each bin."""
    size = _bin_size(bins)
    return np.minimum(1 + np.arange(bins) * size + size // 2, 127)


@functools.cache
def _table(max_shift: int, velocity_bins: int) -> Array:
    pitches = np.arange(PITCHES)
    rows = np.concatenate(
        [
            table(VALUE, kind="note_on", pitch=pitches, classes=1 << pitches % 12, program=-1),
            table(VALUE, kind="note_off", pitch=pitches, program=-1),
            table(VALUE, kind="shift", pitch=-1, advance=np.arange(1, max_shift + 1), program=-1),
            table(
                VALUE,
                kind="velocity",
                pitch=np.full(velocity_bins, -1),
                velocity=_middles(velocity_bins),
                program=-1,
            ),
        ]
    )
    rows.flags.writeable = False
    return rows


def _matched(ids: Ints) -> Bools:
    """Return which note-ons and note-offs (ids below 256) count; a note-off of silence does not.

    A note-off is of a silent pitch where the sum of +1 for each note-on and -1 for each note-off of
    the pitch falls to a new low below zero. One pass does all pitches: each starts at a level lower
    than any that the pitches before it can reach.
    """
    order = np.argsort(ids % PITCHES, kind="stable")
    pitch = ids[order] % PITCHES
    sign = np.where(ids[order] < PITCHES, 1, -1)
    total = np.cumsum(sign)
    first = np.flatnonzero(_rank(pitch) == 0)
    before = np.repeat((total - sign)[first], np.diff(np.append(first, len(ids))))
    zero = -2 * (len(ids) + 1) * pitch
    level = total - before + zero
    low = np.minimum(np.minimum.accumulate(np.concatenate([zero[:1], level]))[:-1], zero)
    out = np.ones(len(ids), bool)
    out[order] = (sign > 0) | (level >= low)
    return out


def _rank(sorted_values: Ints) -> Ints:
    """Return the place of each value among its equals, which stand together."""
    if not len(sorted_values):
        return np.zeros(0, np.int64)
    first = np.flatnonzero(heads(sorted_values))
    counts = np.diff(np.append(first, len(sorted_values)))
    return np.arange(len(sorted_values)) - np.repeat(first, counts)
