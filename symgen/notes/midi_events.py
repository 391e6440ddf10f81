"""MIDI tracks as one table of events, in a few vectorised passes over the bytes.

In a track, where an event begins says where the next one begins. That next position is computed for every byte at once;
composing it with itself gives leaps of 32 events, so that Python walks only one event in 32 and NumPy fills in the others.
Bytes are read in blocks, so that memory stays near the size of the events. Ticks are int64 from the start of their track.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]

META, SYSEX, ESCAPE = 0xFF, 0xF0, 0xF7
END_OF_TRACK = 0x2F
BLOCK = 1 << 18      # bytes looked at together
LEAPS = 5            # 2 ** LEAPS events a leap
PAD = 32             # bytes behind the last track, so that looking ahead stays inside
VLQ = 5              # bytes of the longest number taken; the standard stops at 4

# Bytes from the status on, by status; a data byte in its place (running status) counts as two data bytes.
_WIDTH = np.zeros(256, np.int64)
_WIDTH[:0x80] = 2
_WIDTH[0x80:0xF0] = np.repeat([3, 3, 3, 3, 2, 2, 3], 16)
_WIDTH[0xF0:] = [0, 2, 3, 2, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0]  # 0: a length follows
_NARROW = np.zeros(256, bool)
_NARROW[0xC0:0xE0] = True  # one data byte


class Events(NamedTuple):
    """All events of all tracks, in file order. `at` is where the data of an event begins in `buffer`."""

    tick: npt.NDArray[np.int64]
    track: npt.NDArray[np.int64]
    status: Bytes
    at: npt.NDArray[np.int64]
    buffer: Bytes
    ends: npt.NDArray[np.int64]      # [tracks] the tick of the last event of each
    warnings: list[str]

    def data(self, which: Array, byte: int) -> Bytes:
        """Return data byte number `byte` of the events picked by the index array `which`."""
        return self.buffer[self.at[which] + byte]


def parse(tracks: list[bytes]) -> Events:
    """Return the events of `tracks`; a damaged track is read as far as it makes sense, and a warning says so."""
    buffer = np.frombuffer(b"".join([*tracks, bytes(PAD)]), np.uint8)
    ends = np.cumsum([len(t) for t in tracks])
    events, missed = _table(buffer, ends, _starts(buffer, ends, False))
    if missed:
        events, _ = _table(buffer, ends, _starts(buffer, ends, True))
    return events


def number(buffer: Bytes, at: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """Return value, width and whether it ends within VLQ bytes, of the variable-length numbers at `at`."""
    byte = buffer[at]
    value, going, width = (byte & 127).astype(np.int64), byte > 127, np.ones(len(at), np.int64)
    for _ in range(VLQ - 1):
        if not going.any():
            break
        byte = buffer[at + width * going]
        value = np.where(going, value << 7 | byte & 127, value)
        width += going
        going &= byte > 127
    return value, width, ~going


def _starts(buffer: Bytes, ends: Array, both: bool) -> npt.NDArray[np.int64]:
    """Return where each event begins; with `both`, running status of one data byte is followed too."""
    found, at, narrow, size = [np.zeros(0, np.int64)], 0, 0, int(ends[-1])
    for low in range(0, size, BLOCK):
        high = min(low + BLOCK, size)
        if at < high:
            target, after = _targets(buffer, low, high, ends, both)
            nodes = _walk(_graph(target, after, high - low), at - low + narrow * (high - low))
            at, narrow = low + int(target[nodes[-1]]), int(after[nodes[-1]])
            found.append(nodes % (high - low) + low)
    return np.concatenate(found)


def _targets(buffer: Bytes, low: int, high: int, ends: Array, both: bool) -> tuple[Array, Array]:
    """Return, were an event to begin at each of the bytes low..high, where the next one begins, counted from `low`.

    With `both` there are two answers a byte, the second for a running status of one data byte; `after` says which of
    the two kinds of running status holds behind the event.
    """
    more = buffer[low:high + VLQ] > 127
    width, going = np.ones(high - low, np.int64), more[:high - low].copy()
    for k in range(1, VLQ):
        width += going
        going &= more[k:high - low + k]
    at = np.arange(high - low) + width
    status = buffer[at + low]
    step = _WIDTH[status]
    target = at + step
    long = np.flatnonzero(step == 0)
    if len(long):
        begin = at[long] + 1 + (status[long] == META)
        value, digits, _ = number(buffer, begin + low)
        target[long] = begin + digits + value
    limit = _limits(ends, low, high)
    if not both:
        return np.minimum(target, limit), np.zeros(high - low, np.int64)
    channel, running = (status > 127) & (status < SYSEX), status < 128
    after = [np.where(channel, _NARROW[status], state).astype(np.int64) for state in (0, 1)]
    return np.minimum(np.concatenate([target, target - running]), np.tile(limit, 2)), np.concatenate(after)


def _limits(ends: Array, low: int, high: int) -> Array:
    """Return where the track of each byte low..high ends, counted from `low`: the next track begins there."""
    first, last = np.searchsorted(ends, [low, high], "right")
    near = ends[first:last + 1]
    return np.repeat(near, np.diff(np.minimum(near, high), prepend=low)) - low


def _graph(target: Array, after: Array, size: int) -> Array:
    """Return the next node of each node; the last node, which stands for all that lies behind the block, is its own."""
    graph = np.append(target + after * size, len(target))
    graph[:-1][target >= size] = len(target)
    return graph


def _walk(graph: Array, start: int) -> npt.NDArray[np.int64]:
    """Return the nodes from `start` on until the last node, which is left out."""
    leaps = [graph]
    for _ in range(LEAPS):
        leaps.append(leaps[-1][leaps[-1]])
    far, nodes, end = leaps.pop().data, [], len(graph) - 1
    while start != end:
        nodes.append(start)
        start = far[start]
    out = np.array(nodes, np.int64)
    for leap in reversed(leaps):
        out = np.stack([out, leap[out]], 1).ravel()
    return np.asarray(out[out != end])


def _table(buffer: Bytes, ends: Array, starts: Array) -> tuple[Events, bool]:
    """Return the events that begin at `starts`, and whether there is a running status of one data byte among them."""
    delta, width, whole = number(buffer, starts)
    at = starts + width
    status = buffer[at]
    running = status < 128
    track = np.searchsorted(ends, starts, "right")
    first = np.searchsorted(track, np.arange(len(ends) + 1))
    missed = False
    if running.any():
        rows = np.arange(len(starts))
        source = np.maximum.accumulate(np.where((status > 127) & (status < SYSEX), rows, -1))
        whole &= ~running | (source >= first[track])
        status = np.where(running & whole, status[source], status)
        missed = bool((running & whole & _NARROW[status]).any())
    at = at + ~running
    cut, warnings = _cut(buffer, ends, status, at, track, first, whole)
    tick = np.cumsum(delta)
    tick -= np.append(0, tick)[first[track]]
    last = np.append(tick, 0)[np.maximum(cut, first[:-1]) - 1] * (cut > first[:-1])
    keep = np.arange(len(starts)) < cut[track]
    return Events(tick[keep], track[keep], status[keep], at[keep], buffer, last, warnings), missed


def _cut(buffer: Bytes, ends: Array, status: Bytes, at: Array, track: Array, first: Array, whole: Array,
         ) -> tuple[Array, list[str]]:
    """Return behind which event each track ends: its end-of-track, or the first thing that makes no sense."""
    stop = first[1:].copy()
    final = np.flatnonzero(np.isin(np.arange(len(status)), stop - 1))  # only the last event of a track can be incomplete
    incomplete = final[_end(buffer, status[final], at[final]) > ends[track[final]]]
    ended = np.flatnonzero((status == META) & (buffer[at] == END_OF_TRACK))
    broken = np.union1d(np.flatnonzero(~whole), incomplete)
    np.minimum.at(stop, track[ended], ended + 1)
    damaged = broken[broken < stop[track[broken]]]
    np.minimum.at(stop, track[damaged], damaged)
    if not len(damaged):
        return stop, []
    count = len(np.unique(track[damaged]))
    return stop, [f"{count} track{'s are' if count > 1 else ' is'} cut off or damaged: read up to there"]


def _end(buffer: Bytes, status: Bytes, at: Array) -> Array:
    """Return the position behind each event."""
    value, digits, _ = number(buffer, at + (status == META))
    return np.where(_WIDTH[status] == 0, at + (status == META) + digits + value, at + _WIDTH[status] - 1)
