"""The MIDI writer: a type 1 file with the tempo map in the first track and, where there are no more
instruments than channels, one track per instrument.

Ticks are computed with the tempo map as written (integer microseconds per quarter), so times do not
drift: a time read back is within half a tick, and a tick is at most a millisecond. At 120 qpm, and
without a tempo, times on a 10 ms grid are exact. A note lasts at least one tick. A pickup is a
first bar in a shorter meter, so that bar lines fall in their places. Of the bank selects of an
instrument (controllers 0 and 32) the last one up to its first note counts, and stands before its
program change. Chord symbols are markers in a track named `chords`.

Limits of MIDI: if a later note of the same pitch and instrument ends before an earlier one, their
ends are swapped. See `allocation` for more than 15 instruments.
"""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np

from symgen.errors import DataError
from symgen.notes.base import Writer
from symgen.notes.midi.allocation import Part, seats
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
from symgen.notes.midi.tracks import track, vlq
from symgen.notes.sequence import NoteSequence
from symgen.notes.tempo_map import TempoMap
from symgen.notes.theory import meter
from symgen.types import Array

Message = tuple[int, int, bytes]  # tick, kind of meta event, payload

TICK = 0.001  # seconds, at most
MOST_TICKS = 0x7FFF  # ticks per quarter that fit into the header
MOST_DELTA = 1 << 28  # ticks that do not fit into a delta time
BANKS = (0, 32)  # controllers: coarse and fine
FINEST = 64  # denominator at most of the meter of a pickup


@dataclasses.dataclass(frozen=True)
class MidiWriter(Writer):
    """Standard MIDI files.

    `comment` is a line of text for the file, such as the seed of a sample, and `recipe` another one
    for programs. `names` are the track names of instruments 0, 1, ...; by default they are those of
    the source.
    """

    comment: str | None = None
    recipe: str | None = None
    names: tuple[str, ...] = ()

    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the file. DataError if a pitch, a velocity, a program or a time is beyond MIDI."""
        _check(sequence)
        ticks_per_quarter, tempo = _clock(sequence)
        tracks = [_meta_track(_conductor(sequence, tempo, self.comment, self.recipe))]
        if len(sequence.chords):
            tracks.append(_meta_track(_chords(sequence, tempo)))
        tracks += _instruments(sequence, tempo, self.names or sequence.source.names)
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


def _conductor(sequence: NoteSequence, tempo: TempoMap, *texts: str | None) -> list[Message]:
    messages: list[Message] = [(0, TEXT, text.encode()) for text in texts if text]
    meters = _meters(sequence)
    meter_ticks = tempo.nearest(np.array([time for time, _, _ in meters])).tolist()
    for (_, numerator, denominator), tick in zip(meters, meter_ticks, strict=True):
        power = max(denominator, 1).bit_length() - 1
        messages.append((tick, TIME, bytes([max(1, min(numerator, 255)), power, 24, 8])))
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


def _meters(sequence: NoteSequence) -> list[tuple[float, int, int]]:
    """Return time, numerator and denominator of each meter; a pickup has one of its own."""
    rows = [(t, int(n), int(d)) for t, n, d in sequence.time_signatures.tolist()]
    first = sequence.first_bar_time
    if not rows or first <= 0:
        return rows
    before = [row for row in rows if row[0] <= first]
    if not before:
        return rows
    _, numerator, denominator = before[-1]
    bar = Fraction(4 * numerator, denominator)
    length = float(meter.quarters(sequence, first)) % float(bar)
    short = Fraction(length / 4).limit_denominator(FINEST)
    if abs(float(4 * short) - length) > meter.SLACK or short.denominator.bit_count() != 1:
        return rows
    later = [(first, numerator, denominator), *(row for row in rows if row[0] > first)]
    if not short:  # it begins with whole bars
        return [(0.0, numerator, denominator), *later[1:]]
    written = max(short.denominator, min(denominator, FINEST))
    pickup = (0.0, short.numerator * written // short.denominator, written)
    begin = float(meter.seconds_at(sequence, length))
    return [pickup, (begin, numerator, denominator), *later[1:]]


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
        out += vlq(tick - now) + bytes([0xFF, kind])
        out += vlq(len(payload)) + payload
        now = tick
    return bytes(out) + b"\x00\xff\x2f\x00"


def _instruments(sequence: NoteSequence, tempo: TempoMap, names: tuple[str, ...]) -> list[bytes]:
    """Return the tracks of all (instrument, program, is_drum)."""
    tables = sequence.notes, sequence.control_changes, sequence.pitch_bends
    keys = [_key(table) for table in tables]
    played = set(keys[0].tolist())
    known = np.array(sorted(played.union(*(k.tolist() for k in keys[1:]))), np.int64)
    first = {int(k) >> 8: int(k) for k in reversed(known) if int(k) in played}
    owner = np.array([k if k in played else first.get(k >> 8, k) for k in known.tolist()], np.int64)
    moved = [owner[np.searchsorted(known, k)] for k in keys[1:]]
    parts = []
    for key in sorted(set(owner.tolist())):
        mine = keys[0] == key, *(k == key for k in moved)
        own = [table[which] for table, which in zip(tables, mine, strict=True)]
        name = names[key >> 8] if 0 <= key >> 8 < len(names) else ""
        parts.append(_part(own, tempo, key, name))
    return [track(seat) for seat in seats(parts)]


def _part(tables: list[Array], tempo: TempoMap, key: int, name: str) -> Part:
    notes, controls, bends = tables
    on, off = tempo.nearest(notes["start_time"]), tempo.nearest(notes["end_time"])
    off = np.maximum(off, on + 1)
    selects = np.isin(controls["control_number"], BANKS)
    bank = _bank(controls[selects], float(notes["start_time"].min(initial=np.inf)))
    controls = controls[~selects]
    return Part(
        key >> 1 & 127,
        bank,
        bool(key & 1),
        _columns(on, off, notes["pitch"], notes["velocity"]),
        _columns(
            tempo.nearest(controls["time"]), controls["control_number"], controls["control_value"]
        ),
        _columns(tempo.nearest(bends["time"]), np.clip(bends["bend"], -8192, 8191) + 8192),
        name,
    )


def _bank(selects: Array, start: float) -> int | None:
    """Return the bank in force at `start`, None if none was ever selected."""
    before = selects[selects["time"] <= start]
    if not len(before):
        return None
    values = [before["control_value"][before["control_number"] == n] for n in BANKS]
    coarse, fine = (int(np.clip(v[-1], 0, 127)) if len(v) else 0 for v in values)
    return coarse << 7 | fine


def _columns(*columns: Array) -> Array:
    return np.stack([np.asarray(column, np.int64) for column in columns]).T


def _key(table: Array) -> Array:
    key = table["instrument"].astype(np.int64) << 8 | table["program"].astype(np.int64) << 1
    return np.asarray(key | table["is_drum"])
