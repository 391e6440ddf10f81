"""Music on its time line, of any encoding: what controls of the music to come are counted on.

Events that happen at one moment are told the same, so all is counted once a moment. The notes are those that the encoding
gives (`Encoding.spans`); a moment is a time at which an event is to be chosen, or a note begins or ends.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.encodings import spans
from symgen.encodings.base import Encoding, Events

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DENSE = 1 << 24  # steps up to which a table of all of them is the quickest way to find moments


@dataclasses.dataclass(frozen=True)
class Timeline:
    """A piece of G moments, N strikes and M sounding notes. Times are in steps of the encoding.

    Notes are given by their moments: `begin` and `end`, where G is the end of the piece.
    """

    time: Ints  # [G + 1], rising; the last is the end of the piece, and may be that of the moment before
    moment: npt.NDArray[np.intp]  # [steps]: the moment at which each event is to be chosen
    strike: npt.NDArray[np.intp]  # [N]: the moment of each strike
    struck: npt.NDArray[np.uint8]  # [N]: its pitch
    velocity: npt.NDArray[np.int16]  # [N]: its velocity, 0 where none is said
    begin: npt.NDArray[np.intp]  # [M]
    end: npt.NDArray[np.intp]  # [M]
    pitch: npt.NDArray[np.uint8]  # [M]
    rate: float  # steps per second

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
        end = max(
            int(np.searchsorted(self.time[:-1], self.time[last] + round(ahead * self.rate))),
            int(last) + 1,
        )
        struck, heard = (
            (self.strike >= first) & (self.strike < end),
            (self.end > first) & (self.begin < end),
        )
        return Timeline(
            self.time[first : end + 1],
            self.moment[start:stop] - first,
            self.strike[struck] - first,
            self.struck[struck],
            self.velocity[struck],
            np.maximum(self.begin[heard], first) - first,
            np.minimum(self.end[heard], end) - first,
            self.pitch[heard],
            self.rate,
        )

    def moved(self, semitones: int) -> Timeline:
        """Return the same in another key."""
        struck, pitch = (
            (p.astype(np.int16) + semitones).astype(np.uint8) for p in (self.struck, self.pitch)
        )
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


def timeline(
    encoding: Encoding, events: Events, context: Mapping[str, Any] | None = None
) -> Timeline:
    """Return the time line of a piece; on a grid of beats its seconds are those of the tempo that `context` tells."""
    taken = _advance(encoding, 0)[events[:, 0]]
    for field in range(1, len(encoding.fields)):
        taken = taken + _advance(encoding, field)[events[:, field]]
    before, notes = spans.before(taken), encoding.spans(events)
    lasts = round(encoding.duration(events) * encoding.steps_per_second)
    end = max(int(before[-1]), int(notes.end.max(initial=0)), lasts)
    time, find = _moments(end, before[:-1], notes.start, notes.end)
    pitch = notes.pitch.astype(np.uint8)
    begin = find(notes.start)
    return Timeline(
        time,
        find(before[:-1]),
        begin,
        pitch,
        notes.velocity,
        begin,
        find(notes.end),
        pitch,
        _rate(encoding, context),
    )


def _moments(
    end: int, chosen: Ints, start: Ints, stop: Ints
) -> tuple[Ints, Callable[[Ints], npt.NDArray[np.intp]]]:
    """Return the moments and then the end of the piece, `[G + 1]`, and what finds the moments of given times.

    The end is a moment of its own only where an event is chosen there.
    """
    index: npt.NDArray[np.intp] | None
    if end < DENSE:
        there = np.zeros(end + 1, bool)
        for times in (chosen, start, stop):
            there[times] = True
        moments, index = np.flatnonzero(there), np.cumsum(there) - 1
    else:
        moments, index = np.unique(np.concatenate([chosen, start, stop])), None

    def find(times: Ints) -> npt.NDArray[np.intp]:
        return index[times] if index is not None else np.searchsorted(moments, times)

    last = len(moments) and moments[-1] == end and not (len(chosen) and chosen[-1] == end)
    return (moments if last else np.append(moments, end)), find


@functools.lru_cache(64)
def _advance(encoding: Encoding, field: int) -> Ints:
    return np.asarray(encoding.table(field)["advance"], np.int64)


def _rate(encoding: Encoding, context: Mapping[str, Any] | None) -> float:
    """Return the steps that a second takes."""
    if encoding.steps_per_quarter and context and context.get("qpm", 0) > 0:
        return float(encoding.steps_per_quarter * context["qpm"] / 60)
    return float(encoding.steps_per_second)
