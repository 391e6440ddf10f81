"""Music on a time line, whatever its encoding: what controls are counted on.

Events of one moment get the same row, so everything is counted once for each moment. A moment is a
time at which an event is chosen, or a note begins or ends. The notes are those that the encoding
gives (`Encoding.spans`), or the notes of decoded music (`of_notes`).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.arrays import distinct
from symgen.encodings import spans
from symgen.encodings.base import Encoding, Events
from symgen.types import Array, Floats, Ints

Places = npt.NDArray[np.intp]

DENSE = 1 << 24  # steps; below this, and with SPARSE steps for a note or event at most,
SPARSE = 100  # a table of all steps is the fastest way to find moments
CHORD = 0.05  # seconds: note-ons this close together are one chord
TICKS = 1_000_000  # steps per second of the time line of decoded notes


@dataclasses.dataclass(frozen=True)
class Timeline:
    """A piece of G moments, N onsets and M sounding notes. Times are in steps of the encoding.

    Onsets and notes name their moments; `end` is G at the end of the piece. The first block of
    arrays has one entry for each onset, the second for each sounding note.
    """

    time: Ints  # [G + 1], rising; the last is the end, and may equal the one before
    moment: Places  # [steps]: the moment at which each event is chosen

    onset: Places  # [N]: the moment of each onset
    onset_pitch: npt.NDArray[np.uint8]  # [N]
    velocity: npt.NDArray[np.int16]  # [N]: 0 where the events hold none
    length: Ints  # [N]: the steps that the note lasts, beyond the end of a part too

    begin: Places  # [M]
    end: Places  # [M]
    pitch: npt.NDArray[np.uint8]  # [M]

    rate: float  # steps per second
    onset_times: Ints  # steps, rising: those of the whole music, also where this is a part of it

    @property
    def moments(self) -> int:
        """G."""
        return len(self.time) - 1

    @property
    def seconds(self) -> float:
        """The length of the piece."""
        return float(self.time[-1] / self.rate)

    def part(self, start: int, stop: int, ahead: float | None) -> Timeline:
        """Return the moments of the events `start`..`stop` and what is up to `ahead` seconds later.

        None takes the whole piece. `moment` is that of those events; times stay as they are.
        """
        if ahead is None:
            return dataclasses.replace(self, moment=self.moment[start:stop])
        first = self.moment[start]
        last = self.moment[stop - 1]
        horizon = self.time[last] + round(ahead * self.rate)
        limit = np.searchsorted(self.time[:-1], horizon)
        end = max(int(limit), int(last) + 1)
        onsets = (self.onset >= first) & (self.onset < end)
        notes = (self.end > first) & (self.begin < end)
        return Timeline(
            self.time[first : end + 1],
            self.moment[start:stop] - first,
            self.onset[onsets] - first,
            self.onset_pitch[onsets],
            self.velocity[onsets],
            self.length[onsets],
            np.maximum(self.begin[notes], first) - first,
            np.minimum(self.end[notes], end) - first,
            self.pitch[notes],
            self.rate,
            self.onset_times,
        )

    def moved(self, semitones: int) -> Timeline:
        """Return the same music transposed."""
        onset_pitch, pitch = (
            (p.astype(np.int16) + semitones).astype(np.uint8)
            for p in (self.onset_pitch, self.pitch)
        )
        return dataclasses.replace(self, onset_pitch=onset_pitch, pitch=pitch)

    @property
    def gap(self) -> Ints:
        """`[N]`: the steps from each onset to the next later than CHORD; 0 for none."""
        start = self.time[self.onset]
        after = np.searchsorted(self.onset_times, start + round(CHORD * self.rate), "right")
        following = np.append(self.onset_times, 0)[after]
        return following - np.where(after < len(self.onset_times), start, 0)

    @property
    def nbytes(self) -> int:
        """The bytes of its arrays."""
        return sum(array.nbytes for array in vars(self).values() if isinstance(array, np.ndarray))

    def until(self, seconds: float) -> Places:
        """Return `[G]`: the first moment `seconds` or more after each; G if there is none."""
        window = round(seconds * self.rate)
        return np.searchsorted(self.time[:-1], self.time[:-1] + window)

    def before(self, weights: Array | None = None) -> Array:
        """Return `[G + 1]`: the number of onsets before each moment, or their summed weights."""
        counts = np.bincount(self.onset, weights, self.moments)
        return np.concatenate([np.zeros(1, counts.dtype), np.cumsum(counts)])

    def sounding(self, group: npt.NDArray[np.uint8] | None = None, groups: int = 1) -> Ints:
        """Return `[G + 1, groups]`: the steps that the notes of each group sound before a moment.

        The steps of notes that sound together are added.
        """
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
    """Return the time line of a piece; on a grid of beats `context` holds the tempo."""
    taken = _advance(encoding, 0)[events[:, 0]]
    for field in range(1, len(encoding.fields)):
        taken = taken + _advance(encoding, field)[events[:, field]]
    before = spans.before(taken)
    notes = encoding.spans(events)
    lasts = round(encoding.duration(events) * encoding.steps_per_second)
    last = max(int(before[-1]), int(notes.end.max(initial=0)), lasts)
    time, find = _moments(last, before[:-1], notes.start, notes.end)
    pitch = notes.pitch.astype(np.uint8)
    begin = find(notes.start)
    return Timeline(
        time,
        find(before[:-1]),
        begin,
        pitch,
        notes.velocity,
        notes.end - notes.start,
        begin,
        find(notes.end),
        pitch,
        _rate(encoding, context),
        notes.start,
    )


def of_notes(notes: Array, begin: float, end: float) -> Timeline:
    """Return the time line of `notes`, a table of NOTE, from `begin` to `end` seconds.

    Its times count from `begin`. Onsets are those from `begin` on and before `end`. Notes are cut
    at both, and where their pitch begins again, as in `Encoding.spans`.
    """
    order = np.argsort(notes["start_time"], kind="stable")
    start, stop = (_ticks(notes[edge][order] - begin) for edge in ("start_time", "end_time"))
    pitch = notes["pitch"][order].astype(np.uint8)
    velocity = notes["velocity"][order].astype(np.int16)
    stop = np.maximum(np.minimum(stop, _again(pitch, start)), start)
    last = max(int(_ticks(np.array(end - begin))), 0)
    first = np.clip(start, 0, last)
    until = np.clip(stop, 0, last)
    onsets = (start >= 0) & (start < last)
    sounds = until > first
    time, find = _moments(last, first[:0], first, until)
    return Timeline(
        time,
        np.zeros(0, np.intp),
        find(first[onsets]),
        pitch[onsets],
        velocity[onsets],
        (stop - start)[onsets],
        find(first[sounds]),
        find(until[sounds]),
        pitch[sounds],
        TICKS,
        start,
    )


def _ticks(seconds: Floats) -> Ints:
    return np.rint(seconds * TICKS).astype(np.int64)


def _again(pitch: npt.NDArray[np.uint8], start: Ints) -> Ints:
    """Return `[N]`: when the pitch of each note begins again; the notes are in order of onset."""
    order = np.argsort(pitch, kind="stable")
    again = np.full(len(pitch), np.iinfo(np.int64).max)
    same = np.flatnonzero(np.diff(pitch[order]) == 0)
    again[order[same]] = start[order[same + 1]]
    return again


def _moments(
    last: int, chosen: Ints, start: Ints, stop: Ints
) -> tuple[Ints, Callable[[Ints], Places]]:
    """Return the moments and then the end, `[G + 1]`, and a function from times to moments.

    The end is a moment of its own only if an event is chosen there.
    """
    index: Places | None
    if last < min(DENSE, SPARSE * (len(chosen) + len(start))):
        there = np.zeros(last + 1, bool)
        for times in (chosen, start, stop):
            there[times] = True
        moments = np.flatnonzero(there)
        index = np.cumsum(there) - 1
    else:
        moments = distinct(np.concatenate([chosen, start, stop]))
        index = None

    def find(times: Ints) -> Places:
        return index[times] if index is not None else np.searchsorted(moments, times)

    reaches = len(moments) > 0 and moments[-1] == last
    chosen_there = len(chosen) > 0 and chosen[-1] == last
    if chosen_there or not reaches:
        moments = np.append(moments, last)
    return moments, find


@functools.lru_cache(64)
def _advance(encoding: Encoding, field: int) -> Ints:
    return np.asarray(encoding.table(field)["advance"], np.int64)


def _rate(encoding: Encoding, context: Mapping[str, Any] | None) -> float:
    """Return the steps that a second takes."""
    if encoding.steps_per_quarter and context and context.get("qpm", 0) > 0:
        return float(encoding.steps_per_quarter * context["qpm"] / 60)
    return float(encoding.steps_per_second)
