"""Which track, channel and port each instrument of a written MIDI file has.

Programs, controllers and bends belong to the channel, so that two instruments on one channel would
change each other. Up to 15 instruments have a channel of their own; drums are on channel 10. Of
more, those whose controllers and bends are the same share a channel if none of their notes of one
pitch overlap, as do the instruments of one channel of a file that was read; those of different
programs share a track, too. What is left takes turns on a channel where it does not overlap in
time, and else goes to further ports.

Wherever instruments of different programs meet on a channel, each onset has its program before it,
so that players that know no ports play no wrong program.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from symgen.notes.midi.pairing import DRUMS
from symgen.types import Array, Ints

CHANNELS = [c for c in range(16) if c != DRUMS]
SUSTAIN, SOSTENUTO, DOWN = 64, 66, 64
MOST_TRIES = 32  # groups that an instrument is compared with
NEVER = 1 << 60  # tick
# what controllers are at first; of others it is 0
DEFAULTS = {7: 100, 8: 64, 10: 64, 11: 127, **dict.fromkeys(range(70, 80), 64)}
PARAMETERS = {6, 38, 96, 97, 98, 99, 100, 101}
NORMAL_RANGE = [(101, 0), (100, 0), (6, 2), (38, 0), (101, 127), (100, 127)]


@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """One instrument in ticks. `notes` has columns on, off, pitch, velocity.

    `controls` has columns tick, number, value without bank selects, `bends` tick and value from 0
    to 16383. A bank is coarse * 128 + fine, or None.
    """

    program: int
    bank: int | None
    drums: bool
    notes: Ints
    controls: Ints
    bends: Ints
    name: str = ""

    @property
    def sound(self) -> tuple[int, int]:
        """What a program change selects: bank and program."""
        return self.bank or 0, self.program

    @functools.cached_property
    def moves(self) -> tuple[bytes, bytes]:
        """Equal for parts that can share a channel without changing each other."""
        return self.controls.tobytes(), self.bends.tobytes()


@dataclasses.dataclass(eq=False)
class Seat:
    """The track of one or more parts.

    With `every`, each onset has its program before it. If the channel had another owner, its state
    is set again at the tick `start`: `used` are the controllers that have moved. From `stop` on the
    channel has another owner. A seat that does not lead has no controllers: another track of its
    channel has them.
    """

    parts: list[Part]
    channel: int
    port: int = 0
    banks: bool = False
    every: bool = False
    leads: bool = True
    start: int = 0
    stop: int = NEVER
    used: frozenset[int] = frozenset()
    bent: bool = False


def seats(parts: list[Part]) -> list[Seat]:
    """Return the tracks of `parts`, in the order of the first part of each."""
    pitched = [part for part in parts if not part.drums]
    if len(pitched) <= len(CHANNELS):
        made = [Seat([part], CHANNELS[i]) for i, part in enumerate(pitched)]
    else:
        made = _lanes(_groups(pitched))
    made += _kits([part for part in parts if part.drums])
    for channel in range(16):
        here = [seat for seat in made if seat.channel == channel]
        owned = [part for seat in here for part in seat.parts]
        sounds = {part.sound for part in owned}
        for seat in here:
            seat.every = len(here) > 1 and len(sounds) > 1
            seat.banks = any(part.bank is not None for part in owned)
    rank = {id(part): i for i, part in enumerate(parts)}
    return sorted(made, key=lambda seat: rank[id(seat.parts[0])])


class Group:
    """The tracks of one channel, each with its parts, and the notes of all of them."""

    def __init__(self, part: Part) -> None:
        self.tracks = [[part]]
        self.sounds = [{part.sound}]  # of each track
        self.notes = part.notes
        self.controls = part.controls

    def join(self, part: Part) -> bool:
        """Add `part`, and return whether it can be added.

        It shares a track of other sounds. At one tick notes end before others begin in a track, but
        not over several.
        """
        fits = [k for k, sounds in enumerate(self.sounds) if part.sound not in sounds]
        notes = np.concatenate([self.notes, part.notes])
        if _overlap(notes, touching=not fits or len(self.tracks) > 1):
            return False
        self.notes = notes
        if fits:
            self.tracks[fits[0]].append(part)
            self.sounds[fits[0]].add(part.sound)
        else:
            self.tracks.append([part])
            self.sounds.append({part.sound})
        return True


def _groups(parts: list[Part]) -> list[Group]:
    """Return `parts` in groups that can share a channel: equal moves, no overlaps."""
    groups: list[Group] = []
    alike: dict[tuple[bytes, bytes], list[Group]] = {}
    for part in parts:
        known = alike.setdefault(part.moves, [])
        if not any(group.join(part) for group in known[:MOST_TRIES]):
            known.append(Group(part))
            groups.append(known[-1])
    return groups


def _overlap(notes: Ints, touching: bool) -> bool:
    """Return whether a pitch begins while it sounds, or with `touching` as it ends."""
    notes = notes[np.lexsort((notes[:, 0], notes[:, 2]))]
    same = notes[1:, 2] == notes[:-1, 2]
    return bool((same & (notes[1:, 0] < notes[:-1, 1] + touching)).any())


def _lanes(groups: list[Group]) -> list[Seat]:
    """Return the seats of all groups; groups that do not overlap in time take turns on a lane."""
    hulls = [_hull(group) for group in groups]
    lanes: list[list[Seat]] = []
    free: list[int] = []  # tick from which a lane is free
    for i in sorted(range(len(groups)), key=lambda i: hulls[i][0]):
        begin, end = hulls[i]
        lane = next((k for k, tick in enumerate(free) if tick < begin), len(lanes))
        if lane == len(lanes):
            lanes.append([])
            free.append(0)
        port, channel = divmod(lane, len(CHANNELS))
        owners = [seat.parts[0] for seat in lanes[lane] if seat.leads]
        used = frozenset(number for part in owners for number in part.controls[:, 1].tolist())
        bent = any(len(part.bends) for part in owners)
        for seat in lanes[lane]:
            seat.stop = min(seat.stop, begin)
        start = begin if owners else 0
        lanes[lane] += [
            Seat(track, CHANNELS[channel], port, leads=not k, start=start, used=used, bent=bent)
            for k, track in enumerate(groups[i].tracks)
        ]
        free[lane] = end
    return [seat for lane in lanes for seat in lane]


def _hull(group: Group) -> tuple[int, int]:
    """Return the first onset and the last tick at which a note sounds, under the pedal too."""
    notes, controls = group.notes, group.controls
    if not len(notes):
        return 0, NEVER
    end = int(notes[:, 1].max())
    for pedal in (SUSTAIN, SOSTENUTO):
        moves = controls[controls[:, 1] == pedal]
        before = moves[moves[:, 0] <= int(notes[:, 1].max())]
        if len(before) and before[-1, 2] >= DOWN:
            lifts = moves[len(before) :][moves[len(before) :, 2] < DOWN, 0]
            end = max(end, int(lifts[0]) if len(lifts) else NEVER)
    return int(notes[:, 0].min()), end


def _kits(parts: list[Part]) -> list[Seat]:
    """Return the seats of drums: each has a track; a port is for those with the same moves."""
    ports: dict[tuple[bytes, bytes], int] = {}
    made = []
    for part in parts:
        leads = part.moves not in ports
        port = ports.setdefault(part.moves, len(ports))
        made.append(Seat([part], DRUMS, port, leads=leads))
    return made


def state(seat: Seat) -> tuple[Ints, Ints]:
    """Return the controls and bends that the track of `seat` has, as in `Part`."""
    if not seat.leads:
        return seat.parts[0].controls[:0], seat.parts[0].bends[:0]
    controls, bends = seat.parts[0].controls, seat.parts[0].bends
    if seat.stop < NEVER:
        controls, bends = (t[t[:, 0] < seat.stop] for t in (controls, bends))
    if not seat.start:
        return controls, bends
    resets = [(n, DEFAULTS.get(n, 0)) for n in sorted(seat.used - PARAMETERS) if n < 120]
    if seat.used & PARAMETERS:
        resets += NORMAL_RANGE
    rows = np.array([(seat.start, *reset) for reset in resets], np.int64).reshape(-1, 3)
    centre = np.array([(seat.start, 8192)] * seat.bent, np.int64).reshape(-1, 2)
    return np.concatenate([rows, _from(controls, seat.start)]), np.concatenate(
        [centre, _from(bends, seat.start)]
    )


def _from(table: Array, start: int) -> Array:
    out = table.copy()
    out[:, 0] = np.maximum(out[:, 0], start)
    return out
