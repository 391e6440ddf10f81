"""What makes little sense in a MIDI track, and whether another reading of a part of it makes more.

Odd are data bytes over 127, controllers and pitches that nobody uses, releases of what does not sound, strikes that are
never released, delays that begin like a status. What is usual is told by the events that have a status of their own,
for they can be trusted. A `Reading` is a track as it stands; it weighs other readings of parts of it against that, many at
once, so that nothing of the track is read again but those parts.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.midi import events as midi_events

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

USUAL = 2  # times that a pitch or controller is seen before it is no longer odd
WORST = 4  # what an impossible event weighs beside one that is only odd
STRAY = 8  # bytes that weigh as much as one impossible event where nothing is read of them
FEED = 10
EXPLICIT = 255  # in `known`: an event with a status of its own


class Path(NamedTuple):
    """Another reading of a part: of what lies before event `last` of the track, from event `first` on, up to byte `reach`."""

    rows: array[
        int
    ]  # of each event, as one number: first byte of its delay, status, two data bytes
    first: int
    last: int
    reach: int


class Reading:
    """A track as it stands: where its events begin, what is odd about them, where each could have lost a byte."""

    def __init__(self, track: bytes) -> None:
        self.size, self.events = len(track), midi_events.parse([track])
        events, count = self.events, len(self.events.at)
        self.data = events.buffer.tobytes()
        self.ends = midi_events.ends_of(events.buffer, events.status, events.at)
        self.starts, self.stop = np.append(0, self.ends)[:count], int(self.ends[-1]) if count else 0
        first, second = events.first, events.second
        explicit = events.buffer[events.at - 1] > 127
        known = np.zeros(len(track) + 1, np.uint8)
        known[self.starts] = events.status | explicit * np.uint8(EXPLICIT)
        self.known = (
            known.tobytes()
        )  # for each byte at which an event begins the running status, or EXPLICIT; else 0
        self._usual = _Usual(events.status, first, explicit)
        impossible, odd = self._usual.oddities(
            events.buffer[self.starts], events.status, first, second
        )
        self._weights = np.append(
            0, np.cumsum(WORST * impossible.view(np.uint8) + odd, dtype=np.int64)
        )  # before each event
        note = np.flatnonzero((events.status & 0xE0) == 0x80)
        self._notes = _Notes(note, first[note], _strikes(events.status, second)[note], count)
        odd[self._notes.silent] = True
        lost = events.at[-1:] if self.stop < len(track) else events.at[:0]
        places = np.concatenate([lost, events.at[impossible], events.at[odd & ~impossible]])
        self.oddities: list[int] = (
            places.tolist()
        )  # where the track makes little sense, the worst first
        self.feeding, self.feeds = self._feeds(
            np.flatnonzero(_voices(events.status) & (second == FEED))
        )

    def _feeds(self, short: Ints) -> tuple[Ints, Ints]:
        """Return the events that may lack a byte, those before the line feeds, and where each one's line feed is."""
        events = self.events
        long = np.flatnonzero(events.status >= midi_events.SYSEX)
        inside = [self.data.rfind(b"\n", events.at[row], self.ends[row]) for row in long.tolist()]
        rows, feeds = (
            np.append(short, long),
            np.append(events.at[short] + 1, np.array(inside, np.int64)),
        )
        order = np.argsort(feeds)[np.count_nonzero(feeds < 0) :]
        return rows[order], feeds[order]

    def running(self, row: int) -> int:
        """Return the running status behind event `row`, 0 where there is none."""
        before = self.events.status[: row + 1]
        return int(before[np.flatnonzero(before < midi_events.SYSEX)[-1:]].sum())

    def weighed(self, paths: Sequence[Path]) -> Ints:
        """Return for each path how much more the track weighs with it; below 0 where it makes more sense."""
        owner = np.repeat(np.arange(len(paths)), [len(path.rows) for path in paths])
        rows = np.concatenate([np.asarray(path.rows) for path in paths])
        head, status, first, second = (
            np.asarray(rows >> shift, np.uint8) for shift in (24, 16, 8, 0)
        )
        impossible, odd = self._usual.oddities(head, status, first, second)
        begin, end, reach = np.array([path[1:] for path in paths], np.int64).T
        more = np.bincount(owner, WORST * impossible + odd, len(paths)).astype(np.int64)
        more -= self._weights[end] - self._weights[begin]
        more += WORST * (self.stop - reach) // STRAY
        note = np.flatnonzero((status & 0xE0) == 0x80)
        return more + self._notes.more(
            owner[note], first[note], _strikes(status, second)[note], begin, end
        )


class _Usual:
    """What the events that say their status have often enough."""

    def __init__(self, status: Array, first: Array, explicit: Array) -> None:
        rows = np.flatnonzero(explicit)
        seen = np.bincount(_key(status.take(rows), first.take(rows)), minlength=1 << 16).reshape(
            256, 256
        )
        rare = np.zeros((256, 256), bool)  # by status and first data byte
        for low, high in ((0x80, 0xA0), (0xB0, 0xC0)):
            rare[low:high] = seen[low:high].sum(0) < USUAL
        for kind in (0xA0, 0xD0, 0xE0):
            rare[kind : kind + 16] = seen[kind : kind + 16].sum(1, keepdims=True) < USUAL
        self._rare = rare.ravel()
        self._begins = seen.any(1) & _voices(np.arange(256))

    def oddities(
        self, head: Array, status: Array, first: Array, second: Array
    ) -> tuple[Array, Array]:
        """Return which events are impossible and which are odd; `head` is the first byte of each one's delay."""
        voice = _voices(status)
        odd = self._rare.take(_key(status, first)) | self._begins.take(head) & voice
        return voice & ((first | second) > 127), odd


class _Notes:
    """The notes of a track by pitch: how many are open at any event, and what the rest of it does to them.

    A pitch's level is its strikes less its releases; its low is the lowest level so far, at most 0: as many releases found
    nothing open, and level - low are open.
    """

    def __init__(self, rows: Ints, pitch: Array, on: Array, count: int) -> None:
        order = np.argsort(pitch, kind="stable")
        pitch = pitch[order].astype(np.int64)
        heads = np.flatnonzero(np.diff(pitch, prepend=-1))
        size = np.diff(np.append(heads, len(rows)))
        step = np.where(on[order], 1, -1)
        level = np.cumsum(step)
        level -= np.repeat((level - step)[heads], size)
        apart = np.repeat(
            2 * (len(rows) + 1) * np.arange(len(heads)), size
        )  # keeps the pitches from each other
        low = np.minimum.accumulate(np.minimum(level, 0) - apart) + apart
        least = (
            np.minimum.accumulate((level + apart)[::-1])[::-1] - apart
        )  # of this level and those to come
        before = np.append(0, low[:-1])[: len(low)]
        before[heads] = 0
        self.silent = rows[order[low < before]]  # the releases of what is not open
        self._pitches, self._width = pitch[heads], count + 1
        self._keys = pitch * self._width + rows[order]
        self._level, self._low, self._least = level, low, least

    def more(self, owner: Ints, pitch: Array, on: Array, begin: Ints, end: Ints) -> Ints:
        """Return for each path what its notes add to the releases of what is not open and the strikes never released.

        The notes of a path, which has the number `owner`, stand for those of the track from row `begin` to `end`.
        """
        known, paths = np.union1d(self._pitches, pitch).astype(np.int64), len(begin)
        key = owner * len(known) + np.searchsorted(known, pitch)
        total, low = _totals(key, on, paths * len(known))
        which, begin, end = (
            np.tile(known, paths),
            *(np.repeat(rows, len(known)) for rows in (begin, end)),
        )
        level_before, low_before, _ = self._at(which, begin)
        level, low_after, least = self._at(which, end)
        silent = np.maximum(-low - (level_before - low_before), 0)
        open_here, falls = level_before - low_before + total + silent, np.maximum(level - least, 0)
        open_there = level - low_after
        more = silent - (low_before - low_after) + open_here - open_there
        more += 2 * (np.maximum(falls - open_here, 0) - np.maximum(falls - open_there, 0))
        return np.asarray(more.reshape(paths, -1).sum(1))

    def _at(self, pitch: Ints, row: Ints) -> tuple[Ints, Ints, Ints]:
        """Return each pitch's level and low before the event `row`, and the least of the levels from there on."""
        place = np.searchsorted(self._keys, pitch * self._width + row)
        here = np.append(self._keys, -1)[place] // self._width == pitch
        before = np.append(-1, self._keys)[place] // self._width == pitch
        level, low = (
            np.where(before, np.append(0, values)[place], 0) for values in (self._level, self._low)
        )
        return level, low, np.where(here, np.append(self._least, 0)[place], level)


def _totals(key: Ints, on: Array, groups: int) -> tuple[Ints, Ints]:
    """Return for each group the strikes less the releases, and the lowest that this is after any of its notes, at most 0."""
    order = np.argsort(key, kind="stable")
    heads = np.flatnonzero(np.diff(key[order], prepend=-1))
    step = np.where(on[order], 1, -1)
    level = np.cumsum(step)
    level -= np.repeat((level - step)[heads], np.diff(np.append(heads, len(key))))
    total, low = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    if len(heads):
        total[key[order[heads]]] = np.add.reduceat(step, heads)
        low[key[order[heads]]] = np.minimum(np.minimum.reduceat(level, heads), 0)
    return total, low


def _key(status: Array, first: Array) -> Ints:
    return status.astype(np.int64) << 8 | first


def _voices(status: Array) -> npt.NDArray[np.bool_]:
    """Return which events are notes or controllers."""
    return np.asarray(((status & 0xE0) == 0x80) | ((status & 0xF0) == 0xB0))


def _strikes(status: Array, velocity: Array) -> npt.NDArray[np.bool_]:
    return np.asarray(((status & 0xF0) == 0x90) & (velocity > 0))
