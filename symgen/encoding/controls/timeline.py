"""Music on its time line, of any encoding that has a table of values: what controls of the music to come are counted on.

Events that happen at one moment are told the same, so all is counted once a moment. A strike is a value `note_on`, or a
value `sounding` where another came before. Where there are releases (`note_off`), a pitch sounds from its strike to
the next strike or release of that pitch; else a field has one voice, and its note sounds until it says anything but `hold`.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.encoding.base import Encoding, Events

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STRIKE, SOUNDING, RELEASE, HOLD = 1, 2, 3, 4
_NOTHING = tuple(np.zeros(0, kind) for kind in (np.intp, np.uint8, np.int16, np.intp, np.intp, np.uint8))  # what a field adds
ROLES = {"note_on": STRIKE, "sounding": SOUNDING, "note_off": RELEASE, "hold": HOLD}


class Values(NamedTuple):
    """What the values of a field do, `[size]` each; `voice` where the field says one note at a time, without releases."""

    advance: Ints
    role: npt.NDArray[np.int8]
    pitch: npt.NDArray[np.uint8]
    velocity: npt.NDArray[np.int16]
    voice: bool
    pitched: bool


@dataclasses.dataclass(frozen=True)
class Timeline:
    """A piece of G moments, N strikes and M sounding notes. Times are in steps of the encoding.

    Notes are given by their moments: `begin` and `end`, where G is the end of the piece.
    """

    time: Ints                            # [G + 1], rising; the last is the end of the piece, and may be that of the moment before
    moment: npt.NDArray[np.intp]          # [steps]: the moment at which each event is to be chosen
    strike: npt.NDArray[np.intp]          # [N]: the moment of each strike
    struck: npt.NDArray[np.uint8]         # [N]: its pitch
    velocity: npt.NDArray[np.int16]       # [N]: its velocity, 0 where none is said
    begin: npt.NDArray[np.intp]           # [M]
    end: npt.NDArray[np.intp]             # [M]
    pitch: npt.NDArray[np.uint8]          # [M]
    rate: float                           # steps a second

    @property
    def moments(self) -> int:
        """G."""
        return len(self.time) - 1

    @property
    def seconds(self) -> float:
        """How long the piece is."""
        return float(self.time[-1] / self.rate)

    def part(self, start: int, stop: int, ahead: float | None) -> Timeline:
        """Return the moments of the events `start`..`stop`, and what is within `ahead` seconds of them (None: the whole).

        `moment` is that of those events; the times stay those of the piece.
        """
        if ahead is None:
            return dataclasses.replace(self, moment=self.moment[start:stop])
        first, last = self.moment[start], self.moment[stop - 1]
        end = max(int(np.searchsorted(self.time[:-1], self.time[last] + round(ahead * self.rate))), int(last) + 1)
        struck, heard = (self.strike >= first) & (self.strike < end), (self.end > first) & (self.begin < end)
        return Timeline(self.time[first:end + 1], self.moment[start:stop] - first, self.strike[struck] - first, self.struck[struck],
                        self.velocity[struck], np.maximum(self.begin[heard], first) - first, np.minimum(self.end[heard], end) - first,
                        self.pitch[heard], self.rate)

    def moved(self, semitones: int) -> Timeline:
        """Return the same in another key."""
        struck, pitch = ((p.astype(np.int16) + semitones).astype(np.uint8) for p in (self.struck, self.pitch))
        return dataclasses.replace(self, struck=struck, pitch=pitch)

    @property
    def nbytes(self) -> int:
        """The bytes of its arrays."""
        return sum(array.nbytes for array in vars(self).values() if isinstance(array, np.ndarray))

    def until(self, seconds: float) -> npt.NDArray[np.intp]:
        """Return `[G]`: the first moment `seconds` or more after each; G where the piece ends before."""
        window = round(seconds * self.rate)
        return np.searchsorted(self.time[:-1], self.time[:-1] + window)

    def before(self, weights: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:
        """Return `[G + 1]`: how many strikes there are before each moment, or the sum of their weights `[N]`."""
        counts = np.bincount(self.strike, weights, self.moments)
        return np.concatenate([np.zeros(1, counts.dtype), np.cumsum(counts)])

    def sounding(self, group: npt.NDArray[np.uint8] | None = None, groups: int = 1) -> Ints:
        """Return `[G + 1, groups]`: the steps that notes of each group sound before each moment, added over the notes."""
        place = [at * groups + (0 if group is None else group) for at in (self.begin, self.end)]
        size = (self.moments + 1) * groups
        change = np.bincount(place[0], minlength=size) - np.bincount(place[1], minlength=size)
        active = np.cumsum(change.reshape(-1, groups), axis=0)
        active[1:] = active[:-1] * np.diff(self.time)[:, None]
        active[0] = 0
        return np.cumsum(active, axis=0, out=active)


@functools.lru_cache(64)
def _values(encoding: Encoding, field: int) -> Values:
    table = encoding.table(field)
    role = np.array([ROLES.get(kind, 0) for kind in table["kind"].tolist()], np.int8) * ((table["pitch"] >= 0) | (table["kind"] == "hold"))
    role = role.astype(np.int8)
    return Values(table["advance"].astype(np.int64), role, np.maximum(table["pitch"], 0).astype(np.uint8), table["velocity"],
                  RELEASE not in role, bool(np.isin(role, (STRIKE, SOUNDING)).any()))


def timeline(encoding: Encoding, events: Events, context: Mapping[str, Any] | None = None) -> Timeline:
    """Return the time line of a piece; on a grid of beats its seconds are those of the tempo that `context` tells."""
    time = np.zeros(len(events) + 1, np.int64)
    for field in range(len(encoding.fields)):
        np.add(time[1:], _values(encoding, field).advance[events[:, field]], out=time[1:])
    np.cumsum(time, out=time)
    new = np.ones(len(events), bool)
    np.not_equal(time[1:-1], time[:-2], out=new[1:])
    moment = np.cumsum(new) - 1
    parts = [_field(_values(encoding, k), events[:, k], moment) for k in range(len(encoding.fields))
             if _values(encoding, k).pitched]
    strike, struck, velocity, begin, end, pitch = (np.concatenate(arrays) for arrays in zip(_NOTHING, *parts, strict=True))
    return Timeline(np.append(time[:-1][new], time[-1]), moment, strike, struck, velocity, begin, end, pitch, _rate(encoding, context))


def _rate(encoding: Encoding, context: Mapping[str, Any] | None) -> float:
    """Return the steps that a second takes."""
    if encoding.steps_per_quarter and context and context.get("qpm", 0) > 0:
        return float(encoding.steps_per_quarter * context["qpm"] / 60)
    return float(encoding.steps_per_second)


def _field(values: Values, column: npt.NDArray[np.int32], moment: npt.NDArray[np.intp]) -> tuple[npt.NDArray[Any], ...]:
    """Return what one field adds to a Timeline: strike, struck, velocity, begin, end, pitch."""
    role = values.role[column]
    strikes = role == STRIKE
    if SOUNDING in values.role:
        strikes |= (role == SOUNDING) & np.append(True, column[1:] != column[:-1])[:len(column)]
    at = np.flatnonzero(strikes)
    velocity = _velocity(values, column, at)
    if values.voice:
        held = (role == HOLD) | ((role == SOUNDING) & ~strikes)
        order, on = np.flatnonzero(~held), strikes[~held]
        stop = np.append(moment[order[1:]], len(moment) and moment[-1] + 1)[:len(order)]
    else:
        order = np.flatnonzero(role)
        pitch = values.pitch[column[order]]
        order = order[np.argsort(pitch, kind="stable")]
        pitch, on = values.pitch[column[order]], strikes[order]
        stop = np.append(np.where(pitch[1:] == pitch[:-1], moment[order[1:]], moment[-1:] + 1), moment[-1:] + 1)[:len(order)]
    return moment[at], values.pitch[column[at]], velocity, moment[order[on]], stop[on], values.pitch[column[order[on]]]


def _velocity(values: Values, column: npt.NDArray[np.int32], at: npt.NDArray[np.intp]) -> npt.NDArray[np.int16]:
    """Return the velocity of the strikes at the places `at`: the last that was said before each."""
    if not values.velocity.any():
        return np.zeros(len(at), np.int16)
    said = np.flatnonzero(values.velocity[column])
    spoken = np.append(values.velocity[column[said]], np.int16(0))
    return spoken[np.searchsorted(said, at) - 1]  # -1, which is 0, before the first
