"""The state of channels: programs, banks, controllers and bends.

In MIDI they belong to the channel and not to the track: whatever one track sets holds for the notes
of that channel in every track, until it is set again. A channel is one of 16 on each port (meta
event 0x21). A player takes the events of all tracks by tick; at one tick, those of earlier tracks
come first, as in fluidsynth, timidity and `mido.merge_tracks`.

A bank select counts from the next program change on. Reset-all-controllers (121) sets what RP-015
of the MIDI Association names to its default: modulation, expression, pedals, the selected
parameter and the bend. Volume, pan, bank, program and effects stay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symgen.notes.midi.events import Events
from symgen.types import Array, Bools, Ints

BANK, FINE_BANK = 0, 32
ALL_SOUND_OFF, RESET, ALL_NOTES_OFF = 120, 121, 123
RESETS = {1: 0, 11: 127, 64: 0, 65: 0, 66: 0, 67: 0, 98: 127, 99: 127, 100: 127, 101: 127}
SELECTED = 1 << 14  # flag of a bank
BANKS = (1 << 16) - 1
BEND = 128  # the number that stands for the bend wheel among controllers
CENTRE = 8192
MOST_COPIES = 1 << 20  # rows; of more, only the first instruments of a channel have a copy
SHARED = 16  # instruments then, or fewer if they would be more rows too


class Order(NamedTuple):
    """The channel of each event, and its place among the events of all tracks.

    `rank` is None if that is the order of the rows. `ports` `[tracks]` are None if every track has
    channels of its own.
    """

    channel: Array
    rank: Ints | None
    ports: Ints | None

    def at(self, rows: Array) -> Array:
        """Return the place of each row, behind all places of lower channels."""
        place = rows if self.rank is None else self.rank.take(rows)
        return self.channel.take(rows).astype(np.int64) * len(self.channel) + place

    def of(self, place: Array) -> Array:
        """Return the channel of each place, which is track * 16 + channel."""
        return place if self.ports is None else self.ports[place >> 4] << 4 | place & 0x0F

    def sorted(self, rows: Array) -> Array:
        """Return `rows` by channel and place."""
        return rows[np.argsort(self.at(rows), kind="stable")]


def order(events: Events, place: Ints, ports: Ints, apart: bool) -> Order:
    """Return the channels of the events; with `apart`, every track has its own.

    `place` is track * 16 + channel, and `ports` `[tracks]` the port of each track.
    """
    if apart or len(events.ends) == 1:
        return Order(place, None, None)
    channel = events.status & 0x0F
    if ports.any():
        channel = ports[events.track] << 4 | channel
    rank = np.empty(len(place), np.int64)
    rank[np.argsort(events.tick, kind="stable")] = np.arange(len(place))
    return Order(channel, rank, ports)


def in_force(order: Order, rows: Array, changes: Array, values: Array) -> Ints:
    """Return the value in force at each of `rows`, 0 at first; `changes` are rows that set it."""
    if not len(changes):
        return np.zeros(len(rows), np.int64)
    if len(changes) == 1 and order.rank is None:
        same = order.channel.take(rows) == order.channel[changes[0]]
        return np.where((rows > changes[0]) & same, values[0], 0).astype(np.int64)
    marks = order.at(changes)
    by = np.argsort(marks, kind="stable")
    at = np.searchsorted(marks[by], order.at(rows)) - 1
    known = (at >= 0) & (order.channel[changes[by]][at] == order.channel[rows])
    return np.where(known, values[by][at], 0).astype(np.int64)


def programs(events: Events, order: Order, rows: Array, changes: Array) -> Ints:
    """Return the program in force at each of `rows`; `changes` are the program changes."""
    return in_force(order, rows, changes, np.minimum(events.first.take(changes), 127))


def banks(events: Events, order: Order, rows: Array, changes: Array, selects: Array) -> Ints:
    """Return the bank at each of `rows`: that selected before the last program change.

    `selects` are the rows of bank selects. A bank has 14 bits, and two more above them that say
    whether its coarse and its fine half were selected at all.
    """
    found = np.zeros(len(changes), np.int64)
    for number, shift, flag in ((BANK, 7, SELECTED), (FINE_BANK, 0, SELECTED << 1)):
        mine = selects[events.first.take(selects) == number]
        selected = np.minimum(events.second.take(mine), 127).astype(np.int64) << shift | flag
        found |= in_force(order, changes, mine, selected)
    return in_force(order, rows, changes, found)


def selects_bank(number: Array) -> Bools:
    """Return which of the controllers select a bank: 0 and 32."""
    return np.asarray(number & (0xFF ^ FINE_BANK) == BANK)


def selects(bank: Ints) -> tuple[Ints, Ints, Ints]:
    """Return instruments, numbers and values of the bank selects for the bank of each."""
    coarse, fine = (np.flatnonzero(bank & flag) for flag in (SELECTED, SELECTED << 1))
    number = np.append(np.full(len(coarse), BANK), np.full(len(fine), FINE_BANK))
    value = np.append(bank[coarse] >> 7 & 127, bank[fine] & 127)
    return np.append(coarse, fine), number, value


class Moves(NamedTuple):
    """Moves of controllers and bends in the order of a player, one row each.

    `row` is that of the event; a move without one of its own has that of the reset.
    """

    row: Ints
    number: Array
    value: Array
    channel: Array
    place: Ints

    def take(self, rows: Array) -> Moves:
        """Return some rows."""
        return Moves(*(column.take(rows) for column in self))


def moves(events: Events, order: Order, controls: Array, bends: Array) -> Moves:
    """Return the control changes in the rows `controls` and the bends in `bends`."""
    made = _moves(events, order, controls)
    if len(bends):
        bent = _moves(events, order, bends)
        value = bent.value.astype(np.int64) << 7 | bent.number
        bent = bent._replace(number=np.full(len(bends), BEND), value=value)
        made = Moves(*(np.concatenate(pair) for pair in zip(made, bent, strict=True)))
    if (made.place[1:] < made.place[:-1]).any():
        made = made.take(np.argsort(made.place, kind="stable"))
    return made


def _moves(events: Events, order: Order, rows: Array) -> Moves:
    return Moves(
        rows,
        np.minimum(events.first.take(rows), 127),
        np.minimum(events.second.take(rows), 127),
        order.channel.take(rows),
        rows if order.rank is None else order.rank.take(rows),
    )


def with_resets(made: Moves) -> Moves:
    """Return `made` with the defaults that each reset restores, of what had another value."""
    resets = np.flatnonzero(made.number == RESET)
    if not len(resets):
        return made
    parts = [made._replace(number=made.number.astype(np.int64))]
    for number, default in (*RESETS.items(), (BEND, CENTRE)):
        rows = np.append(np.flatnonzero(made.number == number), resets)
        rows = rows[np.lexsort((rows, made.channel[rows]))]
        moved = (made.number[rows] == number) & (made.value[rows] != default)
        same = made.channel[rows][1:] == made.channel[rows][:-1]
        is_reset = made.number[rows][1:] == RESET
        undone = rows[1:][is_reset & moved[:-1] & same]
        added = made.take(undone)
        full = np.full(len(undone), number), np.full(len(undone), default)
        parts.append(added._replace(number=full[0], value=full[1]))
    out = Moves(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return out.take(np.argsort(out.place, kind="stable"))


def copied(made: Moves, of: Array) -> tuple[Moves, Array]:
    """Return a copy of each move for each instrument on its channel, and the instruments.

    `of` is the channel of each instrument. On a channel without instruments there is no copy.
    """
    channel = made.channel
    if len(of) == 1 and (channel == of[0]).all():
        return made, np.zeros(len(channel), np.int64)
    pairs = []
    many = len(channel) * len(of) > MOST_COPIES
    share = min(SHARED, max(1, MOST_COPIES // max(len(channel), 1)))
    for one in np.unique(of).tolist():
        mine, players = np.flatnonzero(channel == one), np.flatnonzero(of == one)
        players = players[:share] if many else players
        pairs.append((np.repeat(players, len(mine)), np.tile(mine, len(players))))
    owner, which = zip(*pairs, strict=True) if pairs else ((of[:0],), (of[:0],))
    return made.take(np.concatenate(which)), np.concatenate(owner)
