"""A view of a piece for metrics: its columns, its chords and what sounds when.

Everything is computed on first use and kept. Only pitched notes are included, sorted by (start,
pitch); `ticks` also has drums. Notes that each begin within 30 ms of the one before form a chord,
as in `symgen.similarity`. No array is longer than a few times the number of notes.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.arrays import heads
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import meter
from symgen.similarity.melody import TOGETHER

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# The size of each set of pitch classes, as bits.
SIZES = np.array([n.bit_count() for n in range(1 << 12)], np.float64)


class Ticks(NamedTuple):
    """All notes, drums included, as integer ticks.

    `start` and `end` are int64 `[notes]`, `drum` is bool `[notes]`; `quarter` is the number of
    ticks per quarter note.
    """

    start: Ints
    end: Ints
    drum: Array
    quarter: int


class View:
    """A view of a piece; its `len` is the number of pitched notes."""

    def __init__(self, sequence: NoteSequence) -> None:
        notes = sequence.notes[~sequence.notes["is_drum"]]
        order = np.lexsort((notes["pitch"], notes["start_time"]))
        self.sequence = sequence
        self.pitch: Ints = notes["pitch"][order].astype(np.int64)
        self.velocity: Ints = notes["velocity"][order].astype(np.int64)
        self.start: Floats = np.ascontiguousarray(notes["start_time"][order])
        self.end: Floats = np.maximum(notes["end_time"][order], self.start)  # seconds

    def __len__(self) -> int:
        return len(self.pitch)

    @functools.cached_property
    def pitches(self) -> Ints:
        """The number of notes of each pitch, `[128]`."""
        return np.bincount(np.clip(self.pitch, 0, 127), minlength=128)

    @functools.cached_property
    def classes(self) -> Ints:
        """The number of notes of each pitch class, `[12]`."""
        return np.bincount(self.pitch % 12, minlength=12)

    @functools.cached_property
    def velocities(self) -> Ints:
        """The number of notes in each step of velocity, `[32]`: 1 to 4, 5 to 8, ... 125 to 127."""
        return np.bincount(np.clip((self.velocity - 1) // 4, 0, 31), minlength=32)

    @functools.cached_property
    def first(self) -> Ints:
        """The first note of each chord, `[chords]`."""
        return np.flatnonzero(np.append(True, np.diff(self.start) > TOGETHER)[: len(self)])

    @functools.cached_property
    def chord(self) -> Ints:
        """The chord of each note, `[notes]`."""
        sizes = np.diff(np.append(self.first, len(self)))
        return np.repeat(np.arange(len(self.first)), sizes)

    @functools.cached_property
    def onsets(self) -> Floats:
        """When each chord begins, in seconds `[chords]`."""
        return self.start[self.first]

    @functools.cached_property
    def gaps(self) -> Floats:
        """Seconds from each chord to the next, `[chords - 1]`."""
        return np.diff(self.onsets)

    @functools.cached_property
    def steps(self) -> Ints:
        """Semitones from the top note of each chord to that of the next, `[chords - 1]`."""
        if not len(self):
            return np.zeros(0, np.int64)
        return np.diff(np.maximum.reduceat(self.pitch, self.first))

    @functools.cached_property
    def chord_classes(self) -> Ints:
        """The pitch classes of the notes of each chord, as bits, `[chords]`."""
        if not len(self):
            return np.zeros(0, np.int64)
        return np.bitwise_or.reduceat(1 << self.pitch % 12, self.first)

    @functools.cached_property
    def sounding(self) -> tuple[Floats, Ints]:
        """The times of changes, in seconds `[n]`, and the pitch classes that sound from then on.

        The classes are bits, `[n]`; n > 0.
        """
        classes, begin, finish = unions(self.pitch % 12, self.start, self.end)
        return levels(begin, finish, 1 << classes)

    @functools.cached_property
    def ticks(self) -> Ticks:
        """All notes as ticks: those of the file, or the nearest for other pieces."""
        notes = self.sequence.notes
        at = meter.quarters(
            self.sequence,
            np.stack([notes["start_time"], np.maximum(notes["end_time"], notes["start_time"])]),
        )
        quarter = max(self.sequence.ticks_per_quarter, 1)
        start, end = np.rint(at * quarter).astype(np.int64)
        return Ticks(start, end, notes["is_drum"], quarter)

    @functools.cached_property
    def pitches_at_once(self) -> tuple[Ints, Ints]:
        """Spans in which the number of sounding pitches is constant: (ticks, pitches), `[n]`."""
        pitched = ~self.ticks.drum
        _, begin, finish = unions(
            self.sequence.notes["pitch"][pitched].astype(np.int64),
            self.ticks.start[pitched],
            self.ticks.end[pitched],
        )
        times, level = levels(begin, finish, np.ones(len(begin), np.int64))
        return np.diff(times), level[:-1]


def unions(group: Ints, start: Array, end: Array) -> tuple[Ints, Array, Array]:
    """Join spans of one group that overlap or touch.

    Return (group, start, end) of the joined spans, sorted by group and start.
    """
    order = np.lexsort((start, group))
    group = group[order]
    start = start[order]
    end = end[order]
    if not len(group):
        return group, start, end
    rank = np.empty(len(end), np.int64)
    rank[np.argsort(end, kind="stable")] = np.arange(len(end))
    by_end = np.sort(end)
    latest = np.maximum.accumulate(group * len(end) + rank) - group * len(end)  # end so far
    separate = heads(group)
    separate[1:] |= start[1:] > by_end[latest[:-1]]
    first = np.flatnonzero(separate)
    return group[first], start[first], np.maximum.reduceat(end, first)


def levels(begin: Array, finish: Array, weight: Ints) -> tuple[Array, Ints]:
    """Return the sorted times of all changes, and the sum of active weights from each on."""
    times = np.concatenate([begin, finish])
    order = np.argsort(times, kind="stable")
    return times[order], np.cumsum(np.concatenate([weight, -weight])[order])
