"""The tracks of instruments as bytes of a MIDI file.

At one tick controllers and bends come first, then note-offs, then note-ons, each with its program
before it where that is not in force.
"""

from __future__ import annotations

import numpy as np

from symgen.notes.midi.allocation import Part, Seat, state
from symgen.notes.midi.meta import NAME, PORT
from symgen.types import Array, Ints

OFF, ON, CONTROL, PROGRAM, BEND = 0x80, 0x90, 0xB0, 0xC0, 0xE0
BANK, FINE_BANK = 0, 32
CONTROL_RANK, OFF_RANK, ON_RANK = 0, 1, 2
STEPS = 4  # ranks of an onset: bank, fine bank, program, note-on
END = b"\x00\xff\x2f\x00"

EVENT = np.dtype(
    [
        ("tick", np.int64),
        ("rank", np.int64),
        ("status", np.uint8),
        ("first", np.uint8),
        ("second", np.uint8),
    ]
)


def track(seat: Seat) -> bytes:
    """Return the body of the track of `seat`."""
    head = _meta(NAME, " / ".join(p.name for p in seat.parts if p.name).encode())
    head += _meta(PORT, bytes([min(seat.port, 127)])) if seat.port else b""
    if not seat.every:
        first = _program(seat, seat.parts[0], np.zeros(1, np.int64), 0)
        first["status"] |= seat.channel
        head += _bytes(first)
    controls, bends = state(seat)
    events = [
        _events(controls[:, 0], CONTROL_RANK, CONTROL, controls[:, 1], controls[:, 2]),
        _events(bends[:, 0], CONTROL_RANK, BEND, bends[:, 1] & 127, bends[:, 1] >> 7),
    ]
    for member, part in enumerate(seat.parts):
        on, off, pitch, velocity = part.notes.T
        rank = ON_RANK + STEPS * member + STEPS - 1
        events.append(_events(off, OFF_RANK, OFF, pitch, 0))
        events.append(_events(on, rank, ON, pitch, velocity))
    if seat.every or len(seat.parts) > 1:
        events += _switches(seat)
    out = np.concatenate(events)
    out["status"] |= seat.channel
    span = ON_RANK + STEPS * len(seat.parts)
    in_order = np.argsort(out["tick"] * span + out["rank"], kind="stable")
    return head + _bytes(out[in_order]) + END


def _switches(seat: Seat) -> list[Array]:
    """Return the program changes before onsets: where the program is another, or everywhere."""
    ticks = np.concatenate([part.notes[:, 0] for part in seat.parts])
    member = np.repeat(np.arange(len(seat.parts)), [len(part.notes) for part in seat.parts])
    onsets = np.unique(ticks * len(seat.parts) + member)
    ticks, member = np.divmod(onsets, len(seat.parts))
    fresh = np.append(0, member[:-1])[: len(member)] != member
    fresh |= seat.every
    return [
        _program(seat, part, ticks[fresh & (member == number)], number)
        for number, part in enumerate(seat.parts)
    ]


def _program(seat: Seat, part: Part, ticks: Ints, member: int) -> Array:
    """Return the bank select and the program change of `part` at each of `ticks`."""
    rank = ON_RANK + STEPS * member
    coarse, fine = divmod(part.bank or 0, 128)
    banks = [
        _events(ticks, rank, CONTROL, BANK, coarse),
        _events(ticks, rank + 1, CONTROL, FINE_BANK, fine),
    ]
    program = _events(ticks, rank + 2, PROGRAM, part.program, 0)
    return np.concatenate([*(banks if seat.banks else []), program])


def _events(ticks: Ints, rank: int, status: int, first: Array | int, second: Array | int) -> Array:
    out = np.zeros(len(ticks), EVENT)
    out["tick"], out["rank"], out["status"] = ticks, rank, status
    out["first"], out["second"] = np.clip(first, 0, 127), np.clip(second, 0, 127)
    return out


def _meta(kind: int, payload: bytes) -> bytes:
    return bytes([0, 0xFF, kind]) + vlq(len(payload)) + payload if payload else b""


def vlq(value: int) -> bytes:
    """Return a number of variable length."""
    digits = [value & 127]
    while value := value >> 7:
        digits.append(value & 127 | 128)
    return bytes(reversed(digits))


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
    used[:, -1] = events["status"] & 0xF0 != PROGRAM
    return columns[used].tobytes()
