"""The MIDI reader: types 0, 1 and 2, quarter or SMPTE division, and the readable part of a damaged
file.

Ticks become seconds through the tempo map in float64. Instruments are numbered as in note_seq.
Departures from note_seq: a note-off ends the oldest open note (see `pairing`); notes without a
note-off are kept; tempo, meter and key count in any track; controllers in a track without notes act
on their channel, as in the MIDI standard (many piano files have the pedal in a separate track;
note_seq drops it). As in note_seq, controllers on a channel without notes, and notes that begin and
end at one tick, are left out. `source.warnings` lists all repairs.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from symgen.errors import ReadError, counted
from symgen.notes.base import Reader
from symgen.notes.midi import events as midi_events
from symgen.notes.midi import meta as midi_meta
from symgen.notes.midi import pairing
from symgen.notes.midi.chunks import split
from symgen.notes.midi.events import Events
from symgen.notes.sequence import CONTROL_CHANGE, NOTE, NoteSequence, Source
from symgen.notes.tempo_map import TempoMap
from symgen.types import Array

NOTE_ON, CONTROL, PROGRAM = 0x90, 0xB0, 0xC0
MOST_INSTRUMENTS = np.iinfo(np.int16).max  # more share the last number
FRAMES = {24: 24.0, 25: 25.0, 29: 30000 / 1001, 30: 30.0}


@dataclasses.dataclass(frozen=True)
class MidiReader(Reader):
    """Standard MIDI files.

    With `share`, controllers in a track without notes act on their channel in other tracks.
    """

    share: bool = True
    format: ClassVar[str] = "midi"

    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return the one piece in the file."""
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
    all_off = controls[(number == pairing.ALL_NOTES_OFF) | (number == pairing.ALL_SOUND_OFF)]
    paired = pairing.pair(events, place, rows, on, all_off)
    paired = _checked(events, paired, warnings)
    program = pairing.programs(events, place, np.append(paired.on, controls), changes)
    instrument, keys = pairing.numbered(
        place[paired.on] << 7 | program[: len(paired.on)], paired.off
    )
    _count_clipped(events, is_note | is_control, warnings)
    owner, which = pairing.owners(place[controls] << 7 | program[len(paired.on) :], keys, share)
    _count_shared(place[controls[which]], keys, remarks)
    notes = _notes(events, tempo, paired, instrument, keys)
    return notes, _controls(events, tempo, controls[which], owner, keys)


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


def _count_shared(place: Array, keys: Array, remarks: list[str]) -> None:
    if len(keys) < 2 and (place == keys >> 7).all():
        return
    shared = int((~np.isin(place, keys >> 7)).sum())
    if shared:
        remarks.append(
            f"{shared} control changes from tracks without notes "
            "apply to the notes on their channel"
        )


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
        table["is_drum"] = (keys >> 7 & 0x0F == pairing.DRUMS)[instrument]


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
