"""The MIDI reader: types 0, 1 and 2, quarter or SMPTE division, and the readable part of a damaged
file.

Ticks become seconds through the tempo map in float64. An instrument is a track, a channel, a bank
and a program, numbered in the order of first note-offs as in note_seq. Each has all control changes
and bends of its channel, from every track.

Departures from note_seq, all of them where the standard has it so: programs, controllers and bends
belong to the channel (see `channels`), where note_seq takes those of the same track only; a bank
makes an instrument of its own, and its bank select stands at 0 s; behind a reset of all controllers
their defaults are written out; a note-off ends the oldest open note (see `pairing`); notes without
a note-off are kept; tempo, meter and key count in any track. As in note_seq, controllers on a
channel without notes, and notes that begin and end at one tick, are left out. `source.warnings`
lists all repairs, and `source.unplayed` what the notes do not hold.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from symgen import limits
from symgen.errors import ReadError, counted
from symgen.notes.base import Reader
from symgen.notes.midi import channels, pairing
from symgen.notes.midi import events as midi_events
from symgen.notes.midi import meta as midi_meta
from symgen.notes.midi.chunks import split
from symgen.notes.midi.events import ESCAPE, META, SYSEX, Events
from symgen.notes.sequence import CONTROL_CHANGE, NOTE, PITCH_BEND, NoteSequence, Source
from symgen.notes.tempo_map import TempoMap
from symgen.notes.theory import meter
from symgen.types import Array

NOTE_ON, KEY_PRESSURE, CONTROL, PROGRAM, CHANNEL_PRESSURE, BEND = 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
MOST_INSTRUMENTS = np.iinfo(np.int16).max  # more share the last number
FRAMES = {24: 24.0, 25: 25.0, 29: 30000 / 1001, 30: 30.0}


@dataclasses.dataclass(frozen=True)
class MidiReader(Reader):
    """Standard MIDI files.

    Without `share`, programs, controllers and bends hold only in their track, as in note_seq.
    """

    share: bool = True
    format: ClassVar[str] = "midi"

    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return the one piece in the file."""
        chunks = split(data, name)
        events = midi_events.parse(chunks.tracks, name)
        warnings, remarks = [*chunks.warnings, *events.warnings], list[str]()
        if chunks.format == 2 and len(chunks.tracks) > 1:
            events = _one_after_the_other(events)
            warnings.append(
                f"MIDI type 2: its {len(chunks.tracks)} patterns are read one after the other"
            )
        quarter, tick_seconds = _division(chunks.division, name)
        apart = chunks.format == 2
        meta = midi_meta.read(events, quarter, tick_seconds, apart, warnings)
        found = _Reading(events, meta, self.share, apart)
        if (notes_on := found.note_ons) > limits.current().notes:
            raise limits.current().refuse(name, "notes", notes_on)
        notes, controls, bends = found.tables(warnings, remarks)
        return [
            (
                "",
                NoteSequence(
                    notes=notes,
                    control_changes=controls,
                    pitch_bends=bends,
                    tempos=meta.tempos,
                    time_signatures=meta.time_signatures,
                    key_signatures=meta.key_signatures,
                    chords=meta.chords,
                    first_bar_time=meter.pickup(meta.time_signatures, meta.tempos),
                    source=Source(
                        name,
                        self.format,
                        tuple(warnings),
                        unplayed=(*found.left_out(), *meta.left_out),
                        remarks=tuple(remarks),
                    ),
                    ticks_per_quarter=quarter,
                ),
            )
        ]


def _division(division: int, name: str) -> tuple[int, float | None]:
    """Return ticks per quarter, and seconds per tick if the file counts in frames, else None.

    With frames, a quarter is half a second.
    """
    if division == 0:
        raise ReadError(name, "division 0: it has no unit of time; export it again")
    if division < 0x8000:
        return division, None
    frames, ticks = 256 - (division >> 8), division & 0xFF
    if frames not in FRAMES or not ticks:
        raise ReadError(
            name,
            f"SMPTE division of {frames} frames with {ticks} ticks, "
            "but frames are 24, 25, 29 or 30; export it again",
        )
    return round(0.5 * FRAMES[frames] * ticks), 1.0 / (FRAMES[frames] * ticks)


def _one_after_the_other(events: Events) -> Events:
    begins = np.append(0, np.cumsum(events.ends))[:-1]
    return events._replace(tick=events.tick + begins[events.track], ends=events.ends + begins)


class _Reading:
    """The events of a file on their way to the tables of notes, control changes and bends."""

    def __init__(self, events: Events, meta: midi_meta.Meta, share: bool, apart: bool) -> None:
        self.events, self.tempo, self.share = events, meta.tempo, share
        kind = events.status & 0xF0
        kind[events.status >= 0xF0] = 0
        self.kind = kind
        self.place = events.track * 16 + (events.status & 0x0F)
        self.is_note, self.is_control = (kind | 0x10) == NOTE_ON, kind == CONTROL
        self.rows, self.changes, self.controls = (
            np.flatnonzero(k) for k in (self.is_note, kind == PROGRAM, self.is_control)
        )
        self.on = ((kind == NOTE_ON) & (events.second > 0)).take(self.rows)
        # whether there are bends, aftertouch or system messages
        self.others = len(kind) > meta.events + sum(
            len(rows) for rows in (self.rows, self.changes, self.controls)
        )
        self.bends = np.flatnonzero(kind == BEND) if self.others else self.rows[:0]
        self.order = channels.order(events, self.place, meta.ports, apart or not share)

    @property
    def note_ons(self) -> int:
        """The number of note-ons."""
        return int(np.count_nonzero(self.on))

    def tables(self, warnings: list[str], remarks: list[str]) -> tuple[Array, Array, Array]:
        """Return the notes, control changes and bends, in seconds."""
        events, order, on = self.events, self.order, self.on
        number = events.first.take(self.controls)
        modes = self.controls[number >= channels.ALL_SOUND_OFF]
        mode = events.first.take(modes)
        off = modes[(mode == channels.ALL_SOUND_OFF) | (mode >= channels.ALL_NOTES_OFF)]
        paired = pairing.pair(events, order, self.place, self.rows, on, off)
        paired = _checked(events, paired, warnings)
        _count_clipped(events, self.is_note | self.is_control, warnings)
        key = self.place[paired.on] << pairing.PLACE
        key |= channels.programs(events, order, paired.on, self.changes)
        selects = self.controls[channels.selects_bank(number)]
        if self.share and len(selects):
            key |= channels.banks(events, order, paired.on, self.changes, selects) << 7
        instrument, keys = pairing.numbered(key, paired.off)
        notes = _notes(events, self.tempo, paired, instrument, keys)
        if not self.share:
            return notes, *self._by_track(keys)
        moved = channels.moves(events, order, self.controls, self.bends)
        if len(modes):
            moved = channels.with_resets(moved)
        return notes, *self._by_channel(moved, keys, bool(len(selects)), remarks)

    def _by_channel(
        self, moved: channels.Moves, keys: Array, selected: bool, remarks: list[str]
    ) -> tuple[Array, Array]:
        """Return the tables of control changes and bends; each instrument has its own copies."""
        moved, owner = channels.copied(moved, self.order.of(keys >> pairing.PLACE))
        if self.order.rank is not None:
            track = self.events.track.take(moved.row)
            if count := int((track != keys[owner] >> pairing.PLACE + 4).sum()):
                remarks.append(
                    f"{counted(count, 'control change')} of other tracks "
                    "apply to the notes on their channel"
                )
        tick, number, value = self.events.tick.take(moved.row), moved.number, moved.value
        if selected:
            kept = ~channels.selects_bank(number)
            banks = channels.selects(keys >> 7 & channels.BANKS)
            owner, number, value = (
                np.append(head, column[kept])
                for head, column in zip(banks, (owner, number, value), strict=True)
            )
            tick = np.append(np.zeros(len(banks[0]), np.int64), tick[kept])
        return self._tables(tick, number, value, owner, keys)

    def _by_track(self, keys: Array) -> tuple[Array, Array]:
        rows = np.sort(np.append(self.controls, self.bends))
        program = channels.programs(self.events, self.order, rows, self.changes)
        owner, which = pairing.owners(self.place[rows] << pairing.PLACE | program, keys)
        moved = channels.moves(self.events, self.order, self.controls, self.bends).take(which)
        tick = self.events.tick[moved.row]
        return self._tables(tick, moved.number, moved.value, owner, keys)

    def _tables(
        self, tick: Array, number: Array, value: Array, owner: Array, keys: Array
    ) -> tuple[Array, Array]:
        if len(keys) > 1 or (np.diff(tick) < 0).any():
            by = np.argsort(tick * len(keys) + owner, kind="stable")
            tick, number, value, owner = (column[by] for column in (tick, number, value, owner))
        bends = np.zeros(0, PITCH_BEND)
        if len(self.bends):
            bent = number == channels.BEND
            bends = np.zeros(np.count_nonzero(bent), PITCH_BEND)
            bends["time"] = self.tempo.seconds(tick[bent])
            bends["bend"] = value[bent] - channels.CENTRE
            _played_by(bends, owner[bent], keys)
            tick, number, value, owner = (column[~bent] for column in (tick, number, value, owner))
        controls = np.zeros(len(tick), CONTROL_CHANGE)
        controls["time"] = self.tempo.seconds(tick)
        controls["control_number"], controls["control_value"] = number, value
        _played_by(controls, owner, keys)
        return controls, bends

    def left_out(self) -> list[str]:
        """Return a line for each kind of message that the notes do not hold."""
        if not self.others:
            return []
        status = self.events.status
        sysex = (status == SYSEX) | (status == ESCAPE)
        counts = [(len(self.bends), "pitch bend", " of the notes (they are in pitch_bends)")]
        for name, mask in (
            ("channel pressure (aftertouch) message", self.kind == CHANNEL_PRESSURE),
            ("polyphonic key pressure (aftertouch) message", self.kind == KEY_PRESSURE),
            ("system exclusive (sysex) message", sysex),
            ("system message", (status >= SYSEX) & (status < META) & ~sysex),
        ):
            counts.append((int(np.count_nonzero(mask)), name, ""))
        return [f"{counted(n, what)} left out{more}" for n, what, more in counts if n]


def _checked(events: Events, paired: pairing.Paired, warnings: list[str]) -> pairing.Paired:
    keep = paired.end > events.tick[paired.on]
    open_notes, empty = int((~paired.released & keep).sum()), int((~keep).sum())
    if open_notes:
        warnings.append(
            f"{counted(open_notes, 'note')} never released: ended with all-notes-off or the track"
        )
    if empty:
        warnings.append(f"{counted(empty, 'note')} of no length left out")
        paired = pairing.Paired(*(column[keep] for column in paired))
    if not len(paired.on):
        warnings.append("there are no notes")
    return paired


def _count_clipped(events: Events, played: Array, warnings: list[str]) -> None:
    over = sum(np.count_nonzero(played & (byte > 127)) for byte in (events.first, events.second))
    if over:
        warnings.append(f"{over} data byte{'s' if over > 1 else ''} over 127 taken as 127")


def _notes(
    events: Events, tempo: TempoMap, paired: pairing.Paired, instrument: Array, keys: Array
) -> Array:
    start = events.tick[paired.on]
    pitch = np.minimum(events.first.take(paired.on), 127)
    key = start << 7 | pitch
    order = np.argsort(key)
    key_in_order = key.take(order)
    if (key_in_order[1:] == key_in_order[:-1]).any():
        order = np.lexsort((paired.off, instrument, key))
    notes = np.zeros(len(order), NOTE)
    notes["pitch"] = pitch[order]
    notes["velocity"] = np.minimum(events.second.take(paired.on), 127)[order]
    notes["start_time"] = tempo.seconds(start[order])
    notes["end_time"] = tempo.seconds(paired.end[order])
    _played_by(notes, instrument[order], keys)
    return notes


def _played_by(table: Array, instrument: Array, keys: Array) -> None:
    if len(table):
        table["instrument"] = np.minimum(instrument, MOST_INSTRUMENTS)
        table["program"] = (keys & 0x7F)[instrument]
        table["is_drum"] = (keys >> pairing.PLACE & 0x0F == pairing.DRUMS)[instrument]
