"""Pair note-ons with note-offs, and assign instruments.

A note-off ends the oldest open note of its pitch in its track and channel: first on, first off.
pretty_midi and note_seq end every open note at the first note-off; this differs only if a pitch
begins again before its note-off. A note without a note-off ends at all-notes-off or all-sound-off
(controllers 123 and 120), else at the end of its track. As in pretty_midi, an instrument is a
(track, channel, program), numbered in the order of its first note-off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from symgen.notes.midi.events import Events
from symgen.types import Array, Ints

ALL_SOUND_OFF, ALL_NOTES_OFF = 120, 123
DRUMS = 9  # channel, counted from 0
SHARED = 16  # instruments at most that share a controller of another track


class Paired(NamedTuple):
    """One row per note: `on` and `off` are rows of the events; an `off` above them is missing."""

    on: Array
    off: Array
    end: Array  # tick
    released: Array  # bool


def pair(events: Events, place: Array, rows: Array, on: Array, all_off: Array) -> Paired:
    """Pair note-ons and note-offs.

    `place` is track * 16 + channel of each event, `rows` are the note events, `on` says which of
    them are note-ons, and `all_off` are the rows that end all notes in their place.
    """
    sounds = place[rows] << 7 | np.minimum(events.first.take(rows), 127)
    segment, final = _segments(events, place, rows, all_off) if len(all_off) else (None, None)
    order = _stable(sounds, segment)
    key = (sounds if segment is None else sounds * (len(all_off) + 1) + segment)[order]
    head = np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)])
    size = np.diff(np.append(head, len(key)))
    is_on = on[order]
    valid = _matched(is_on, head, size)
    ons, offs = order[is_on], order[valid]
    partner = head
    if len(head):
        counts = (np.add.reduceat(which, head, dtype=np.int64) for which in (is_on, valid))
        partner = _partners(*counts)
    released = partner >= 0
    off = rows[offs[partner]] if len(offs) else np.zeros(len(ons), np.int64)
    begin, end, left = rows[ons], events.tick[off], np.flatnonzero(~released)
    off[left] = len(events.tick) + ons[left]
    last = events.ends[events.track[begin[left]]] if final is None else final[ons[left]]
    end[left] = np.maximum(last, events.tick[begin[left]] + 1)  # at least one tick
    return Paired(begin, off, end, released)


def _stable(key: Array, segment: Array | None) -> Array:
    if segment is not None and segment.any():
        return np.lexsort((segment, key))
    small = len(key) == 0 or key.max() < 1 << 16  # 16 bits are sorted faster
    return np.argsort(key.astype(np.uint16) if small else key, kind="stable")


def _matched(on: Array, head: Array, size: Array) -> Array:
    """Return which events are note-offs of an open note."""
    step = np.where(on, 1, -1)
    level = np.cumsum(step)
    level -= np.repeat((level - step)[head], size)  # open notes, if every note-off counted
    if level.min(initial=0) >= 0:
        return ~on
    floor = np.repeat(-2 * len(on) * np.arange(len(head)), size)  # keeps the groups apart
    lowest = np.minimum.accumulate(level + floor)
    before = np.minimum(np.append(0, lowest[:-1])[: len(on)], floor)
    return np.asarray(~on & (level + floor >= before))


def _partners(ons: Array, offs: Array) -> Array:
    """Return the index of the note-off for each note-on, or -1.

    The k-th note-on of a group belongs to its k-th note-off; `ons` and `offs` are counts by group.
    """
    index = np.arange(ons.sum())
    if (ons == offs).all():
        return index
    rank = index - np.repeat(np.cumsum(ons) - ons, ons)
    first = np.repeat(np.cumsum(offs) - offs, ons)
    return np.where(rank < np.repeat(offs, ons), first + rank, -1)


def _segments(events: Events, place: Array, rows: Array, all_off: Array) -> tuple[Array, Array]:
    """Return the number of all-offs before each note event, and the tick of the next end."""
    size = len(events.tick)
    marks = np.sort(place[all_off] * size + all_off)
    next_mark = np.searchsorted(marks, place[rows] * size + rows)
    ahead = np.append(marks, -1)[next_mark]
    bounded = (ahead >= 0) & (ahead // size == place[rows])
    return next_mark, np.where(bounded, events.tick[ahead % size], events.ends[events.track[rows]])


def programs(events: Events, place: Array, rows: Array, changes: Array) -> Ints:
    """Return the program in force at each of `rows`; `changes` are the program changes."""
    if not len(changes):
        return np.zeros(len(rows), np.int64)
    if len(changes) == 1:
        program = min(int(events.first[changes[0]]), 127)
        return np.where((rows > changes[0]) & (place[rows] == place[changes[0]]), program, 0)
    size = len(events.tick)
    order = np.argsort(place[changes], kind="stable")
    marks = (place[changes] * size + changes)[order]
    at = np.searchsorted(marks, place[rows] * size + rows) - 1
    known = (at >= 0) & (marks[at] // size == place[rows])
    numbers = np.minimum(events.first.take(changes[order]), 127)
    return np.where(known, numbers[at], 0).astype(np.int64)


def numbered(keys: Array, order: Array) -> tuple[Array, Array]:
    """Number the distinct keys by their least `order`; return numbers and distinct keys."""
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
    """Return the instruments of controllers with keys `wanted`: numbers, and indices into `wanted`.

    A key without notes belongs to the first instrument in its track and channel. If there is none,
    `share` assigns it to those on its channel (at most SHARED). On a channel without notes it is
    left out.
    """
    if not len(wanted) or (len(keys) == 1 and (wanted == keys[0]).all()):
        return np.zeros(len(wanted), np.int64), np.arange(len(wanted))
    heads = np.flatnonzero(np.append(True, wanted[1:] != wanted[:-1]))  # one key often repeats
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
