"""The MIDI writer: a type 1 file with the tempo map in the first track and one track per
instrument.

Ticks are computed with the tempo map as written (integer microseconds per quarter), so times do not
drift: a time read back is within half a tick, and a tick is at most a millisecond. At 120 qpm, and
without a tempo, times on a 10 ms grid are exact. A note lasts at least one tick. At the same tick
controllers come first, then note-offs, then note-ons.

Limits of MIDI: if a later note of the same pitch and instrument ends before an earlier one, their
ends are swapped. More than 15 instruments share channels, in separate tracks. Chord symbols are
markers in a track named `chords`.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from symgen.errors import DataError
from symgen.notes.base import Writer
from symgen.notes.midi.meta import (
    CHORD_TRACK,
    DEFAULT_TEMPO,
    KEY,
    MARKER,
    NAME,
    SET_TEMPO,
    TEXT,
    TIME,
)
from symgen.notes.midi.pairing import DRUMS
from symgen.notes.sequence import NoteSequence
from symgen.notes.tempo_map import TempoMap
from symgen.types import Array

Message = tuple[int, int, bytes]  # tick, kind of meta event, payload

EVENT = np.dtype(
    [
        ("tick", np.int64),
        ("rank", np.int8),
        ("status", np.uint8),
        ("first", np.uint8),
        ("second", np.uint8),
    ]
)
CONTROL_RANK, OFF_RANK, ON_RANK = 0, 1, 2
TICK = 0.001  # seconds, at most
MOST_TICKS = 0x7FFF  # ticks per quarter that fit into the header
MOST_DELTA = 1 << 28  # ticks that do not fit into a delta time
CHANNELS = [c for c in range(16) if c != DRUMS]


@dataclasses.dataclass(frozen=True)
class MidiWriter(Writer):
    """Standard MIDI files.

    `comment` is a line of text for the file, such as the seed of a sample. `names` are the track
    names of instruments 0, 1, ...
    """

    comment: str | None = None
    names: tuple[str, ...] = ()

    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the file. DataError if a pitch, a velocity, a program or a time is beyond MIDI."""
        _check(sequence)
        ticks_per_quarter, tempo = _clock(sequence)
        tracks = [_meta_track(_conductor(sequence, tempo, ticks_per_quarter, self.comment))]
        if len(sequence.chords):
            tracks.append(_meta_track(_chords(sequence, tempo)))
        tracks += _instruments(sequence, tempo, self.names)
        header = (
            b"MThd"
            + (6).to_bytes(4, "big")
            + b"".join(v.to_bytes(2, "big") for v in (1, len(tracks), ticks_per_quarter))
        )
        return header + b"".join(b"MTrk" + len(t).to_bytes(4, "big") + t for t in tracks)


def _check(sequence: NoteSequence) -> None:
    notes = sequence.notes
    for name, low, high in (("pitch", 0, 127), ("velocity", 1, 127), ("program", 0, 127)):
        wrong = notes[name][(notes[name] < low) | (notes[name] > high)]
        if len(wrong):
            raise DataError(f"{name} {wrong[0]} cannot be written: MIDI has {low} to {high}")
    wrong = notes["start_time"][~((notes["start_time"] >= 0) & np.isfinite(notes["end_time"]))]
    if len(wrong):
        raise DataError(
            f"a note at {wrong[0]:g} s cannot be written: times are finite and not below 0; "
            "crop or shift it"
        )


def _clock(sequence: NoteSequence) -> tuple[int, TempoMap]:
    """Return the resolution and the tempo map with the smaller errors.

    The candidates are the resolution of the piece and one of whole milliseconds.
    """
    made = [_tempo_map(sequence, t) for t in _resolutions(sequence)]
    times = np.concatenate([sequence.notes["start_time"], sequence.notes["end_time"]])
    errors = [float(abs(t.seconds(t.nearest(times)) - times).max(initial=0.0)) for _, t in made]
    ticks_per_quarter, tempo = made[0] if errors[0] <= errors[1] + 1e-9 else made[1]
    if times.size and tempo.nearest(times.max()) >= MOST_DELTA:
        raise DataError(f"{times.max():.0f} s is longer than a MIDI file can be; crop it")
    return ticks_per_quarter, tempo


def _resolutions(sequence: NoteSequence) -> list[int]:
    slowest = max([DEFAULT_TEMPO, *_microseconds(sequence).tolist()])
    bases = min(max(sequence.ticks_per_quarter, 1), MOST_TICKS), 500
    return [
        min(base * math.ceil(slowest * 1e-6 / TICK / base), MOST_TICKS // base * base)
        for base in bases
    ]


def _microseconds(sequence: NoteSequence) -> Array:
    return np.asarray(
        np.clip(np.rint(6e7 / np.maximum(sequence.tempos["qpm"], 1e-3)), 1, (1 << 24) - 1), np.int64
    )


def _tempo_map(sequence: NoteSequence, ticks_per_quarter: int) -> tuple[int, TempoMap]:
    """Return the tempo map as a reader will see it, with each change on a tick."""
    ticks, scales, now = [0], [60.0 / (6e7 / DEFAULT_TEMPO * ticks_per_quarter)], 0.0
    for time, tempo in zip(
        sequence.tempos["time"].tolist(), _microseconds(sequence).tolist(), strict=True
    ):
        steps = max(0, round((time - now) / scales[-1]))
        scale = 60.0 / (6e7 / tempo * ticks_per_quarter)
        now += steps * scales[-1]
        ticks.append(ticks[-1] + steps)
        scales.append(scale)
    return ticks_per_quarter, TempoMap(np.array(ticks), np.array(scales))


def _conductor(
    sequence: NoteSequence, tempo: TempoMap, ticks_per_quarter: int, comment: str | None
) -> list[Message]:
    messages: list[Message] = [(0, TEXT, comment.encode())] if comment else []
    meter_ticks = tempo.nearest(sequence.time_signatures["time"]).tolist()
    for row, tick in zip(sequence.time_signatures, meter_ticks, strict=True):
        power = max(int(row["denominator"]), 1).bit_length() - 1
        numerator = max(1, min(int(row["numerator"]), 255))
        messages.append((tick, TIME, bytes([numerator, power, 24, 8])))
    key_ticks = tempo.nearest(sequence.key_signatures["time"]).tolist()
    for row, tick in zip(sequence.key_signatures, key_ticks, strict=True):
        major = (int(row["key"]) + 3 * int(row["mode"])) % 12
        sharps = ((major * 7 + 6) % 12 - 6).to_bytes(1, "big", signed=True)
        messages.append((tick, KEY, sharps + bytes([int(row["mode"])])))
    if len(sequence.tempos):
        micro = _microseconds(sequence).tolist()
        messages += [
            (t, SET_TEMPO, m.to_bytes(3, "big"))
            for t, m in zip(tempo.ticks[1:].tolist(), micro, strict=True)
        ]
    return messages


def _chords(sequence: NoteSequence, tempo: TempoMap) -> list[Message]:
    ticks = tempo.nearest(sequence.chords["time"]).tolist()
    return [
        (0, NAME, CHORD_TRACK.encode()),
        *(
            (t, MARKER, s.encode())
            for t, s in zip(ticks, sequence.chords["symbol"].tolist(), strict=True)
        ),
    ]


def _meta_track(messages: list[Message]) -> bytes:
    out, now = bytearray(), 0
    for tick, kind, payload in sorted(messages, key=lambda m: m[0]):
        out += _vlq(tick - now) + bytes([0xFF, kind]) + _vlq(len(payload)) + payload
        now = tick
    return bytes(out) + b"\x00\xff\x2f\x00"


def _vlq(value: int) -> bytes:
    digits = [value & 127]
    while value := value >> 7:
        digits.append(value & 127 | 128)
    return bytes(reversed(digits))


def _instruments(sequence: NoteSequence, tempo: TempoMap, names: tuple[str, ...]) -> list[bytes]:
    """Return one track for each (instrument, program, is_drum)."""
    notes, controls = sequence.notes, sequence.control_changes
    keys = [_key(notes), _key(controls)]
    played = set(keys[0].tolist())
    parts = np.array(sorted(played | set(keys[1].tolist())), np.int64)
    first = {int(k) >> 8: int(k) for k in reversed(parts) if int(k) in played}
    tracks, channels = [], 0
    owner = np.array([k if k in played else first.get(k >> 8, k) for k in parts.tolist()], np.int64)
    control_key = owner[np.searchsorted(parts, keys[1])]
    for key in sorted(set(owner.tolist())):
        drums = key & 1
        channel = DRUMS if drums else CHANNELS[channels % len(CHANNELS)]
        channels += not drums
        name = _named(names[key >> 8]) if 0 <= key >> 8 < len(names) else b""
        own, changes = notes[keys[0] == key], controls[control_key == key]
        tracks.append(name + _track(own, changes, tempo, channel, key >> 1 & 127))
    return tracks


def _named(name: str) -> bytes:
    return bytes([0, 0xFF, NAME]) + _vlq(len(name.encode())) + name.encode()


def _key(table: Array) -> Array:
    key = table["instrument"].astype(np.int64) << 8 | table["program"].astype(np.int64) << 1
    return np.asarray(key | table["is_drum"])


def _track(notes: Array, controls: Array, tempo: TempoMap, channel: int, program: int) -> bytes:
    on, off = tempo.nearest(notes["start_time"]), tempo.nearest(notes["end_time"])
    off = np.maximum(off, on + 1)
    events = np.concatenate(
        [
            _events(
                tempo.nearest(controls["time"]),
                CONTROL_RANK,
                0xB0 | channel,
                controls["control_number"],
                controls["control_value"],
            ),
            _events(off, OFF_RANK, 0x80 | channel, notes["pitch"], 0),
            _events(on, ON_RANK, 0x90 | channel, notes["pitch"], notes["velocity"]),
        ]
    )
    events = events[np.argsort(events["tick"] * 4 + events["rank"], kind="stable")]
    return bytes([0, 0xC0 | channel, program]) + _bytes(events) + b"\x00\xff\x2f\x00"


def _events(ticks: Array, rank: int, status: int, first: Array, second: Array | int) -> Array:
    out = np.zeros(len(ticks), EVENT)
    out["tick"], out["rank"], out["status"] = ticks, rank, status
    out["first"], out["second"] = np.clip(first, 0, 127), np.clip(second, 0, 127)
    return out


def _bytes(events: Array) -> bytes:
    """Return the events as MIDI bytes, each with the ticks since the previous one."""
    delta = np.diff(events["tick"], prepend=0)
    columns = np.stack(
        [
            delta >> 21 & 127 | 128,
            delta >> 14 & 127 | 128,
            delta >> 7 & 127 | 128,
            delta & 127,
            events["status"],
            events["first"],
            events["second"],
        ],
        1,
    ).astype(np.uint8)
    used = np.ones(columns.shape, bool)
    for column, least in enumerate((1 << 21, 1 << 14, 1 << 7)):
        used[:, column] = delta >= least
    return columns[used].tobytes()
