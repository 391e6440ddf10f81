"""Pair note-ons with note-offs, and number instruments.

A note-off ends the oldest open note of its pitch in its track and channel: first on, first off.
pretty_midi and note_seq end every open note at the first note-off; this differs only if a pitch
begins again before its note-off. A note without a note-off in its track ends at one in another
track that is left over there, at a message that ends all notes of its channel (controllers 120 and
123 to 127), else at the end of its track.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from symgen.arrays import heads
from symgen.notes.midi.channels import Order
from symgen.notes.midi.events import Events
from symgen.types import Array

DRUMS = 9  # channel, counted from 0
PLACE = 23  # bits of an instrument's key below its place: 16 for the bank, 7 for the program


class Paired(NamedTuple):
    """One row per note: `on` and `off` are rows of the events; an `off` above them is missing."""

    on: Array
    off: Array
    end: Array  # tick
    released: Array  # bool


def pair(
    events: Events, order: Order, place: Array, rows: Array, on: Array, all_off: Array
) -> Paired:
    """Pair note-ons and note-offs.

    `place` is track * 16 + channel of each event, `rows` are the note events, `on` says which of
    them are note-ons, and `all_off` are the rows that end all notes of their channel.
    """
    pitch = np.minimum(events.first.take(rows), 127)
    sounds = place[rows] << 7 | pitch
    segment, final = _segments(events, order, rows, all_off) if len(all_off) else (None, None)
    ons, partner, offs = _first_in_first_out(sounds, segment, on, len(all_off))
    released = partner >= 0
    off = rows[offs[partner]] if len(offs) else np.zeros(len(ons), np.int64)
    begin, end, left = rows[ons], events.tick[off], np.flatnonzero(~released)
    off[left] = len(events.tick) + ons[left]
    last = events.ends[events.track[begin[left]]] if final is None else final[ons[left]]
    end[left] = np.maximum(last, events.tick[begin[left]] + 1)  # at least one tick
    if len(left) and order.rank is not None:
        spare = ~on
        spare[offs] = False
        spare[ons[left]] = True
        sounds = order.channel[rows].astype(np.int64) << 7 | pitch
        found = _elsewhere(order, rows, sounds, on, segment, spare)
        if len(found) < min(len(left), int((spare & ~on).sum())):
            mixed = np.intersect1d(sounds[spare & on], sounds[spare & ~on])
            found |= _elsewhere(order, rows, sounds, on, segment, np.isin(sounds, mixed))
        note = np.empty(len(rows), np.int64)
        note[ons] = np.arange(len(ons))
        at, to = note[list(found.keys())], rows[list(found.values())]
        end[at], released[at] = events.tick[to], True
    return Paired(begin, off, end, released)


def _elsewhere(
    order: Order, rows: Array, sounds: Array, on: Array, segment: Array | None, which: Array
) -> dict[int, int]:
    """Pair note-ons and note-offs of one channel in any track; return indices into `rows`.

    Only those in `which` are paired.
    """
    where = np.flatnonzero(which)
    place = rows if order.rank is None else order.rank[rows]
    where = where[np.argsort(place[where], kind="stable")]
    parts = segment if segment is None else segment[where]
    most = 0 if parts is None else int(parts.max(initial=0))
    ons, partner, offs = _first_in_first_out(sounds[where], parts, on[where], most)
    found = np.flatnonzero(partner >= 0)
    pairs = where[ons[found]].tolist(), where[offs[partner[found]]].tolist()
    return dict(zip(*pairs, strict=True))


def _first_in_first_out(
    sounds: Array, segment: Array | None, on: Array, segments: int
) -> tuple[Array, Array, Array]:
    """Return the note-ons, for each its index in the used note-offs or -1, and those note-offs."""
    order = _stable(sounds, segment)
    key = (sounds if segment is None else sounds * (segments + 1) + segment)[order]
    head = np.flatnonzero(heads(key))
    size = np.diff(np.append(head, len(key)))
    is_on = on[order]
    valid = _matched(is_on, head, size)
    partner = head
    if len(head):
        counts = (np.add.reduceat(which, head, dtype=np.int64) for which in (is_on, valid))
        partner = _partners(*counts)
    return order[is_on], partner, order[valid]


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


def _segments(events: Events, order: Order, rows: Array, all_off: Array) -> tuple[Array, Array]:
    """Return the number of all-offs before each note event, and the tick of the next end."""
    marks = order.sorted(all_off)
    following = np.searchsorted(order.at(marks), order.at(rows))
    mark = np.append(marks, marks[:1])[following]
    bounded = (following < len(marks)) & (order.channel[mark] == order.channel[rows])
    return following, np.where(bounded, events.tick[mark], events.ends[events.track[rows]])


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


def owners(control_keys: Array, keys: Array) -> tuple[Array, Array]:
    """Return the instruments of controllers with `control_keys`: numbers, and indices into them.

    This is the attribution of pretty_midi and note_seq, by track: a key without notes belongs to
    the first instrument in its track and channel. If there is none, it is left out.
    """
    if not len(control_keys) or (len(keys) == 1 and (control_keys == keys[0]).all()):
        return np.zeros(len(control_keys), np.int64), np.arange(len(control_keys))
    distinct, inverse = np.unique(control_keys, return_inverse=True)
    find = _finder(keys)
    number = np.array([find(key) for key in distinct.tolist()], np.int64)[inverse]
    which = np.flatnonzero(number >= 0)
    return number[which], which


def _finder(keys: Array) -> Callable[[int], int]:
    by_key: dict[int, int] = {}
    by_place: dict[int, int] = {}
    for n, key in enumerate(keys.tolist()):
        by_key[key] = n
        by_place.setdefault(key >> PLACE, n)
    return lambda key: by_key.get(key, by_place.get(key >> PLACE, -1))
