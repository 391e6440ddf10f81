"""Parse MIDI tracks into one table of events, in a few vectorised passes over the bytes.

The start of an event determines the start of the next one. The next position is computed for every
byte at once. Composing this map with itself gives leaps of 16 events: Python visits one event in
16, and NumPy fills in the others. Bytes are read in blocks, so that memory stays near the size of
the events. Ticks are int64 from the start of their track.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symgen import limits
from symgen.types import Array, Bools, Bytes, Ints

META, SYSEX, ESCAPE = 0xFF, 0xF0, 0xF7
END_OF_TRACK = 0x2F
BLOCK = 1 << 15  # bytes parsed together
LEAPS = 4  # a leap is 2 ** LEAPS events
PAD = 32  # bytes after the last track, for looking ahead
VLQ = 5  # bytes at most in a number; the standard allows 4

# Bytes from the status on, by status; a data byte instead (running status) means two data bytes.
_WIDTH = np.zeros(256, np.uint8)
_WIDTH[:0x80] = 2
_WIDTH[0x80:0xF0] = np.repeat([3, 3, 3, 3, 2, 2, 3], 16)
_WIDTH[0xF0:] = [0, 2, 3, 2, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0]  # 0: a length follows
_WIDTHS = _WIDTH.tobytes()
_NARROW = np.zeros(256, bool)
_NARROW[0xC0:0xE0] = True  # one data byte


class Events(NamedTuple):
    """All events of all tracks, in file order.

    The data of an event begins at `at` in `buffer`; `first` and `second` are its first two bytes.
    """

    tick: Ints
    track: Ints
    status: Bytes
    at: Ints
    first: Bytes
    second: Bytes
    buffer: Bytes
    ends: Ints  # [tracks]: the tick of the last event
    warnings: list[str]


def parse(tracks: list[bytes], name: str = "") -> Events:
    """Return the events of `tracks`; a damaged track is read up to the damage, with a warning.

    ReadError names the file `name` where there are more than the limit.
    """
    buffer = np.frombuffer(b"".join([*tracks, bytes(PAD)]), np.uint8)
    ends = np.cumsum([len(t) for t in tracks])
    events, missed = _table(buffer, ends, _starts(buffer, ends, False, name))
    if missed:
        events, _ = _table(buffer, ends, _starts(buffer, ends, True, name))
    return events


def number(buffer: Bytes, at: Array) -> tuple[Array, Array, Bools]:
    """Return value, width, and whether it ends within VLQ bytes, of the numbers at `at`."""
    byte = buffer.take(at)
    value, width, ends = (byte & 127).astype(np.int64), np.ones(len(at), np.int64), byte < 128
    long = np.flatnonzero(~ends)
    for digit in range(1, VLQ):
        if not len(long):
            break
        byte = buffer.take(at[long] + digit)
        value[long] = value[long] << 7 | byte & 127
        width[long] += 1
        long = long[byte > 127]
    ends[:] = True
    ends[long] = False
    return value, width, ends


def _starts(buffer: Bytes, ends: Array, both: bool, name: str) -> Ints:
    """Return where each event begins; with `both`, support running status with one data byte."""
    found, at, size, states = [np.zeros(0, np.int64)], 0, int(ends[-1]), 1 + both
    most, count = limits.current(), 0
    for low in range(0, size, BLOCK):
        high = min(low + BLOCK, size)
        if at < high * states:
            graph = _graph(buffer, low, high, ends, both)
            nodes = _walk(graph, at - low * states, (high - low) * states)
            at = low * states + int(graph[nodes[-1]])
            found.append(nodes // states + low if both else nodes + low)
            count += len(nodes)
            if count > most.events:
                raise most.refuse(name, "events")
    return np.concatenate(found)


def _graph(buffer: Bytes, low: int, high: int, ends: Array, both: bool) -> Array:
    """Return the start of the next event if one began at each byte low..high, counted from `low`.

    With `both`, a byte has two nodes: 2 * byte for a running status of two data bytes, and the next
    one for one data byte.
    """
    size = high - low
    delta, status = _deltas(buffer[low : high + VLQ + 1], size)
    step = np.frombuffer(status.tobytes().translate(_WIDTHS), np.uint8)
    target = np.arange(size + 1)
    target[:-1] += delta + step
    long = np.flatnonzero(step == 0)
    if len(long):
        begin = target[long] + 1 + (status[long] == META)
        value, digits, _ = number(buffer, begin + low)
        target[long] = begin + digits + value
    if not both:
        return _stopped(target, ends, low, high)
    channel, running = (status > 127) & (status < SYSEX), np.append(status < 128, 0)
    after = [np.append(np.where(channel, _NARROW.take(status), state), 0) for state in (0, 1)]
    return np.stack(
        [
            2 * _stopped(target - running * state, ends, low, high) + after[state]
            for state in (0, 1)
        ],
        1,
    ).ravel()


def _deltas(view: Bytes, size: int) -> tuple[Bytes, Bytes]:
    """Return the size of the delta time at each of `size` bytes, and the byte after it."""
    more = view > 127
    delta = 1 + more[:size].view(np.uint8)
    near, far = view[1 : size + 1], view[2 : size + 2]
    # the far byte if there is more; bit operations are faster than np.where
    status = near ^ (near ^ far) & -more[:size].view(np.uint8)
    long = np.flatnonzero(more[:size] & more[1 : size + 1])
    going = np.ones(len(long), bool)
    for k in range(2, VLQ):
        going &= more[long + k]
        delta[long] += going
    delta[long] += 1
    status[long] = view[long + delta[long]]
    return delta, status


def _stopped(target: Array, ends: Array, low: int, high: int) -> Array:
    """Limit each event to its track, where the next one begins. Changes `target`."""
    begin = 0
    first, last = np.searchsorted(ends, (low, high), "right")
    for end in (ends[first : last + 1] - low).tolist():
        np.minimum(target[begin:end], end, out=target[begin:end])
        begin = end
    return target


def _walk(graph: Array, start: int, end: int) -> Ints:
    """Return the nodes from `start` up to `end`; the last node of the graph leads to itself."""
    leaps = [graph]
    for _ in range(LEAPS):
        leaps.append(leaps[-1].take(leaps[-1], mode="clip"))
    far, nodes = leaps.pop().data, []
    while start < end:
        nodes.append(start)
        start = far[start]
    out = np.array(nodes, np.int64)
    for leap in reversed(leaps):
        out = np.stack([out, leap.take(out, mode="clip")], 1).ravel()
    return np.asarray(out[out < end])


def _table(buffer: Bytes, ends: Array, starts: Array) -> tuple[Events, bool]:
    """Return the events at `starts`, and whether any has a running status of one data byte."""
    delta, width, whole = number(buffer, starts)
    at = starts + width
    status = buffer.take(at)
    running = status < 128
    first = np.append(0, np.searchsorted(starts, ends))
    missed = False
    if running.any():
        own = np.append(np.flatnonzero((status > 127) & (status < SYSEX)), len(starts))
        begun = np.minimum(own[np.searchsorted(own, first[:-1])], first[1:])  # first status
        for begin, end in zip(first.tolist(), begun.tolist(), strict=False):
            whole[begin:end] &= ~running[begin:end]
        running_ = (running & whole)[own[0] :]
        np.copyto(status[own[0] :], np.repeat(status[own[:-1]], np.diff(own)), where=running_)
        missed = bool((running_ & _NARROW.take(status[own[0] :])).any())
    at += ~running
    tick, track = np.cumsum(delta), _spread(np.arange(len(ends)), first)
    tick -= _spread(np.append(0, tick)[first[:-1]], first)
    cut, warnings = _cut(buffer, ends, status, at, track, first, whole)
    last = np.append(tick, 0)[np.maximum(cut, first[:-1]) - 1] * (cut > first[:-1])
    if (cut < first[1:]).any():
        keep = np.arange(len(starts)) < cut[track]
        tick, track, status, at = (column[keep] for column in (tick, track, status, at))
    return Events(
        tick, track, status, at, buffer.take(at), buffer.take(at + 1), buffer, last, warnings
    ), missed


def _spread(values: Array, first: Array) -> Array:
    """Return int64 `[events]`: the item of `values` for the track of each event.

    `first` holds where each track begins.
    """
    out = np.empty(int(first[-1]), np.int64)
    for value, begin, end in zip(values.tolist(), first.tolist(), first[1:].tolist(), strict=False):
        out[begin:end] = value
    return out


def _cut(
    buffer: Bytes,
    ends: Array,
    status: Bytes,
    at: Array,
    track: Array,
    first: Array,
    whole: Array,
) -> tuple[Array, list[str]]:
    """Return where the events of each track end: after end-of-track, or before the first damage."""
    stop = first[1:].copy()
    final = (stop - 1)[stop > first[:-1]]  # only the last event of a track can be incomplete
    incomplete = final[ends_of(buffer, status[final], at[final]) > ends[track[final]]]
    meta = np.flatnonzero(status == META)
    ended = meta[buffer[at[meta]] == END_OF_TRACK]
    broken = np.sort(np.append(np.flatnonzero(~whole), incomplete))
    np.minimum.at(stop, track[ended], ended + 1)
    damaged = broken[broken < stop[track[broken]]]
    np.minimum.at(stop, track[damaged], damaged)
    if not len(damaged):
        return stop, []
    count = len(np.unique(track[damaged]))
    return stop, [
        f"{count} track{'s are' if count > 1 else ' is'} cut off or damaged: read up to there"
    ]


def ends_of(buffer: Bytes, status: Bytes, at: Array) -> Array:
    """Return the position after each event; its data begins at `at`."""
    width = _WIDTH.take(status)
    out = at + (width - 1)
    long = np.flatnonzero(width == 0)
    begin = at[long] + (status[long] == META)
    value, digits, _ = number(buffer, begin)
    out[long] = begin + digits + value
    return out
