"""Which release ends which strike, and which instrument plays it.

A release ends the oldest open strike of its pitch in its track and channel: first on, first off. pretty_midi, and
note_seq on top of it, end every open strike at the first release; the two differ only where a pitch is struck again
before its release. A strike that is never released ends at all-notes-off or all-sound-off (controllers 123 and 120),
else at the end of its track. An instrument is what pretty_midi calls one: a (track, channel, program), numbered in the
order of the first release in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.midi.events import Events

Array = npt.NDArray[Any]

ALL_SOUND_OFF, ALL_NOTES_OFF = 120, 123
DRUMS = 9  # the channel, counted from 0
SHARED = 16  # instruments that a controller on its own is given to


class Strikes(NamedTuple):
    """One row a note: `on` and `off` are rows of the events, `off` beyond them where no release came."""

    on: Array
    off: Array
    end: Array  # tick
    released: Array  # bool


def pair(events: Events, place: Array, rows: Array, on: Array, all_off: Array) -> Strikes:
    """Pair strikes and releases.

    `place` is track * 16 + channel of each event; `rows` are the note events, `on` says which of them are strikes;
    `all_off` are the rows that release everything in their place.
    """
    sounds = place[rows] << 7 | np.minimum(events.first.take(rows), 127)
    segment, final = _segments(events, place, rows, all_off) if len(all_off) else (None, None)
    order = _stable(sounds, segment)
    key = (sounds if segment is None else sounds * (len(all_off) + 1) + segment)[order]
    head = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    size = np.diff(np.append(head, len(key)))
    is_on = on[order]
    valid = _matched(is_on, head, size)
    strikes, releases = order[is_on], order[valid]
    partner = (
        _partners(*(np.add.reduceat(which, head, dtype=np.int64) for which in (is_on, valid)))
        if len(head)
        else head
    )
    released = partner >= 0
    off = rows[releases[partner]] if len(releases) else np.zeros(len(strikes), np.int64)
    begin, end, open_ones = rows[strikes], events.tick[off], np.flatnonzero(~released)
    off[open_ones] = len(events.tick) + strikes[open_ones]
    last = (
        events.ends[events.track[begin[open_ones]]] if final is None else final[strikes[open_ones]]
    )
    end[open_ones] = np.maximum(last, events.tick[begin[open_ones]] + 1)  # at least a tick
    return Strikes(begin, off, end, released)


def _stable(key: Array, segment: Array | None) -> Array:
    if segment is not None and segment.any():
        return np.lexsort((segment, key))
    small = len(key) == 0 or key.max() < 1 << 16  # 16 bits are sorted by counting
    return np.argsort(key.astype(np.uint16) if small else key, kind="stable")


def _matched(on: Array, head: Array, size: Array) -> Array:
    """Return which events are releases of an open strike: those that leave no fewer open than none."""
    step = np.where(on, 1, -1)
    level = np.cumsum(step)
    level -= np.repeat((level - step)[head], size)  # open strikes, were every release to count
    if level.min(initial=0) >= 0:
        return ~on
    floor = np.repeat(-2 * len(on) * np.arange(len(head)), size)  # keeps the groups apart
    lowest = np.minimum.accumulate(level + floor)
    before = np.minimum(np.append(0, lowest[:-1])[: len(on)], floor)
    return np.asarray(~on & (level + floor >= before))


def _partners(strikes: Array, releases: Array) -> Array:
    """Return for the k-th strike of each group the index of the group's k-th release, or -1; counts are given by group."""
    index = np.arange(strikes.sum())
    if (strikes == releases).all():
        return index
    rank = index - np.repeat(np.cumsum(strikes) - strikes, strikes)
    first = np.repeat(np.cumsum(releases) - releases, strikes)
    return np.where(rank < np.repeat(releases, strikes), first + rank, -1)


def _segments(events: Events, place: Array, rows: Array, all_off: Array) -> tuple[Array, Array]:
    """Return how many all-offs lie before each note event in its place, and the tick that ends what is open there."""
    size = len(events.tick)
    marks = np.sort(place[all_off] * size + all_off)
    next_mark = np.searchsorted(marks, place[rows] * size + rows)
    ahead = np.append(marks, -1)[next_mark]
    bounded = (ahead >= 0) & (ahead // size == place[rows])
    return next_mark, np.where(bounded, events.tick[ahead % size], events.ends[events.track[rows]])


def programs(events: Events, place: Array, rows: Array, changes: Array) -> npt.NDArray[np.int64]:
    """Return the program in force at each of `rows` in its track and channel; `changes` are the program changes."""
    if not len(changes):
        return np.zeros(len(rows), np.int64)
    if len(changes) == 1:
        said = min(int(events.first[changes[0]]), 127)
        return np.where((rows > changes[0]) & (place[rows] == place[changes[0]]), said, 0)
    size = len(events.tick)
    order = np.argsort(place[changes], kind="stable")
    marks = (place[changes] * size + changes)[order]
    at = np.searchsorted(marks, place[rows] * size + rows) - 1
    known = (at >= 0) & (marks[at] // size == place[rows])
    program = np.minimum(events.first.take(changes[order]), 127)
    return np.where(known, program[at], 0).astype(np.int64)


def numbered(keys: Array, order: Array) -> tuple[Array, Array]:
    """Return the number of each key and the key of each number, counted in the order of each key's least `order`."""
    if not len(keys):
        return np.zeros(0, np.int64), keys
    if (keys == keys[0]).all():
        return np.zeros(len(keys), np.int64), keys[:1]
    known, inverse = np.unique(keys, return_inverse=True)
    least = np.full(len(known), np.iinfo(np.int64).max)
    np.minimum.at(least, inverse, order)
    sequence = np.argsort(least)
    rank = np.empty(len(known), np.int64)
    rank[sequence] = np.arange(len(known))
    return rank[inverse], known[sequence]


def owners(wanted: Array, keys: Array, share: bool) -> tuple[Array, Array]:
    """Return which instruments the controllers with keys `wanted` belong to: numbers, and the index in `wanted` of each.

    A key that no note has goes to the first instrument in its track and channel, else, with `share`, to those on its
    channel (at most SHARED); on a channel that plays nothing it is left out.
    """
    if not len(wanted) or (len(keys) == 1 and (wanted == keys[0]).all()):
        return np.zeros(len(wanted), np.int64), np.arange(len(wanted))
    heads = np.flatnonzero(
        np.append(True, wanted[1:] != wanted[:-1])
    )  # one key goes on for long: few are looked at
    distinct, inverse = np.unique(wanted[heads], return_inverse=True)
    inverse = np.repeat(inverse, np.diff(np.append(heads, len(wanted))))
    counts, find = np.bincount(inverse), _finder(keys, share)
    found = [find(key) for key in distinct.tolist()]
    which = np.repeat(
        np.argsort(inverse, kind="stable"), np.repeat([len(n) for n in found], counts)
    )
    parts = [np.tile(np.array(n, np.int64), count) for n, count in zip(found, counts, strict=True)]
    return np.concatenate(parts), which


def _finder(keys: Array, share: bool) -> Callable[[int], list[int]]:
    by_key: dict[int, list[int]] = {}
    by_place: dict[int, list[int]] = {}
    by_channel: dict[int, list[int]] = {}
    for n, key in enumerate(keys.tolist()):
        by_key[key] = [n]
        by_place.setdefault(key >> 7, [n])
        if share:
            by_channel.setdefault(key >> 7 & 0x0F, []).append(n)
    return lambda key: (
        by_key.get(key) or by_place.get(key >> 7) or by_channel.get(key >> 7 & 0x0F, [])[:SHARED]
    )
