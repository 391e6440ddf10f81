"""The MIDI reader: types 0, 1 and 2, quarter or SMPTE division, whatever can be made of a damaged file.

Ticks go through the tempo map in float64, and notes, instruments and controllers are numbered as note_seq numbers them.
Departures from note_seq: a release ends the oldest open strike (midi_notes); strikes never released are kept; tempo, meter
and key count in whichever track they are; and controllers in a track without notes act on their channel, as MIDI has it (many
piano files keep the pedal in a track of its own), where note_seq loses them. As in note_seq, controllers on a channel that
plays nothing, and notes that begin and end on one tick, are left out. Everything mended is said in `source.warnings`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from symgen.errors import ReadError
from symgen.notes.base import Reader
from symgen.notes.midi import events as midi_events
from symgen.notes.midi import meta as midi_meta
from symgen.notes.midi import pairing as midi_notes
from symgen.notes.midi.chunks import split
from symgen.notes.midi.events import Events
from symgen.notes.sequence import CONTROL_CHANGE, NOTE, NoteSequence, Source
from symgen.notes.tempo_map import TempoMap

Array = npt.NDArray[Any]

NOTE_ON, CONTROL, PROGRAM = 0x90, 0xB0, 0xC0
MOST = np.iinfo(np.int16).max  # instruments; more share the last number
FRAMES = {24: 24.0, 25: 25.0, 29: 30000 / 1001, 30: 30.0}


@dataclasses.dataclass(frozen=True)
class MidiReader(Reader):
    """Standard MIDI files. With `share`, controllers in a track that plays nothing act on their channel in other tracks."""

    share: bool = True
    format: ClassVar[str] = "midi"

    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return the one piece that the file holds."""
        chunks = split(data, name)
        events = midi_events.parse(chunks.tracks)
        warnings, remarks = [*chunks.warnings, *events.warnings], list[str]()
        if chunks.format == 2 and len(chunks.tracks) > 1:
            events = _one_after_the_other(events)
            warnings.append(
                f"MIDI type 2: its {len(chunks.tracks)} patterns are read one after the other"
            )
        quarter, tick_seconds = _division(chunks.division, name)
        meta = midi_meta.read(events, quarter, tick_seconds, chunks.format == 2, warnings)
        notes, controls = _played(events, meta.tempo, self.share, warnings, remarks)
        return [
            (
                "",
                NoteSequence(
                    notes=notes,
                    control_changes=controls,
                    tempos=meta.tempos,
                    time_signatures=meta.time_signatures,
                    key_signatures=meta.key_signatures,
                    chords=meta.chords,
                    source=Source(name, self.format, tuple(warnings), remarks=tuple(remarks)),
                    ticks_per_quarter=quarter,
                ),
            )
        ]


def _division(division: int, name: str) -> tuple[int, float | None]:
    """Return ticks a quarter, and seconds a tick in a file that counts in frames (a quarter is half a second there)."""
    if division == 0:
        raise ReadError(name, "division 0: it has no unit of time; export it again")
    if division < 0x8000:
        return division, None
    frames, ticks = 256 - (division >> 8), division & 0xFF
    if frames not in FRAMES or not ticks:
        raise ReadError(
            name,
            f"SMPTE division of {frames} frames with {ticks} ticks, but frames are 24, 25, 29 or 30; export it again",
        )
    return round(0.5 * FRAMES[frames] * ticks), 1.0 / (FRAMES[frames] * ticks)


def _one_after_the_other(events: Events) -> Events:
    begins = np.append(0, np.cumsum(events.ends))[:-1]
    return events._replace(tick=events.tick + begins[events.track], ends=events.ends + begins)


def _played(
    events: Events, tempo: TempoMap, share: bool, warnings: list[str], remarks: list[str]
) -> tuple[Array, Array]:
    """Return the tables of notes and control changes, in seconds."""
    kind = events.status & 0xF0
    kind[events.status >= 0xF0] = 0
    place = events.track * 16 + (events.status & 0x0F)
    is_note, is_control = (kind | 0x10) == NOTE_ON, kind == CONTROL
    rows, changes, controls = (np.flatnonzero(k) for k in (is_note, kind == PROGRAM, is_control))
    on = ((kind == NOTE_ON) & (events.second > 0)).take(rows)
    number = events.first.take(controls)
    all_off = controls[(number == midi_notes.ALL_NOTES_OFF) | (number == midi_notes.ALL_SOUND_OFF)]
    strikes = midi_notes.pair(events, place, rows, on, all_off)
    strikes = _checked(events, strikes, warnings)
    program = midi_notes.programs(events, place, np.append(strikes.on, controls), changes)
    instrument, keys = midi_notes.numbered(
        place[strikes.on] << 7 | program[: len(strikes.on)], strikes.off
    )
    _count_clipped(events, is_note | is_control, warnings)
    owner, which = midi_notes.owners(place[controls] << 7 | program[len(strikes.on) :], keys, share)
    _count_shared(place[controls[which]], keys, remarks)
    return _notes(events, tempo, strikes, instrument, keys), _controls(
        events, tempo, controls[which], owner, keys
    )


def _checked(
    events: Events, strikes: midi_notes.Strikes, warnings: list[str]
) -> midi_notes.Strikes:
    keep = strikes.end > events.tick[strikes.on]
    open_ones, empty = int((~strikes.released & keep).sum()), int((~keep).sum())
    if open_ones:
        warnings.append(
            f"{open_ones} note{'s' if open_ones > 1 else ''} never released: ended with all-notes-off or the track"
        )
    if empty:
        warnings.append(f"{empty} note{'s' if empty > 1 else ''} of no length left out")
        strikes = midi_notes.Strikes(*(column[keep] for column in strikes))
    if not len(strikes.on):
        warnings.append("there are no notes")
    return strikes


def _count_clipped(events: Events, played: Array, warnings: list[str]) -> None:
    over = sum(np.count_nonzero(played & (byte > 127)) for byte in (events.first, events.second))
    if over:
        warnings.append(f"{over} data byte{'s' if over > 1 else ''} over 127 taken as 127")


def _count_shared(place: Array, keys: Array, remarks: list[str]) -> None:
    shared = (
        int((~np.isin(place, keys >> 7)).sum())
        if len(keys) > 1 or (place != keys >> 7).any()
        else 0
    )
    if shared:
        remarks.append(
            f"{shared} control changes from tracks without notes apply to the notes on their channel"
        )


def _notes(
    events: Events, tempo: TempoMap, strikes: midi_notes.Strikes, instrument: Array, keys: Array
) -> Array:
    start = events.tick[strikes.on]
    pitch = np.minimum(events.first.take(strikes.on), 127)
    key = start << 7 | pitch
    order = np.argsort(key)
    key_in_order = key.take(order)
    if (key_in_order[1:] == key_in_order[:-1]).any():
        order = np.lexsort((strikes.off, instrument, key))
    notes = np.zeros(len(order), NOTE)
    notes["pitch"], notes["velocity"] = (
        pitch[order],
        np.minimum(events.second.take(strikes.on), 127)[order],
    )
    notes["start_time"], notes["end_time"] = (
        tempo.seconds(start[order]),
        tempo.seconds(strikes.end[order]),
    )
    _played_by(notes, instrument[order], keys)
    return notes


def _played_by(table: Array, instrument: Array, keys: Array) -> None:
    if len(table):
        table["instrument"] = np.minimum(instrument, MOST)
        table["program"] = (keys & 0x7F)[instrument]
        table["is_drum"] = (keys >> 7 & 0x0F == midi_notes.DRUMS)[instrument]


def _controls(
    events: Events, tempo: TempoMap, rows: Array, instrument: Array, keys: Array
) -> Array:
    if (np.diff(events.tick[rows]) < 0).any():
        order = np.argsort(events.tick[rows], kind="stable")
        rows, instrument = rows[order], instrument[order]
    controls = np.zeros(len(rows), CONTROL_CHANGE)
    controls["time"] = tempo.seconds(events.tick[rows])
    controls["control_number"] = np.minimum(events.first.take(rows), 127)
    controls["control_value"] = np.minimum(events.second.take(rows), 127)
    _played_by(controls, instrument, keys)
    return controls
