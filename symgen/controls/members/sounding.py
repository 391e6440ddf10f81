"""Sounding: when the notes that sound will end, where an encoding says so at their beginning.

In piano music about half of all notes end together with one that began before (those under one
pedal do), and many begin where one ends. A recurrent network would have to add up lengths and
shifts to know these moments. Here it is told them, and a head of the kind "pointer" can choose
them by name (see `symgen.models.recurrent.pointer`).
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from symgen.checks import whole
from symgen.controls.base import Control, Follower, Rows
from symgen.encodings.base import Encoding, Events
from symgen.errors import BadOption
from symgen.types import Array, Ints

PITCHES = 128
BINS = np.array([1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024])  # steps
WIDTH = 1 + len(BINS)  # columns of one end
NEVER = np.iinfo(np.int64).max
SCALE = 1 << 16  # float32 holds a number of steps over it exactly
NONE = -1  # the row of a pitch that has not sounded


@dataclasses.dataclass(frozen=True)
class Sounding(Control):
    """Columns: presence, and for each of the next `ends` moments at which notes end its time.

    The time counts from the step before, in steps of the encoding over SCALE, followed by its bin,
    one-hot; all are 0 for none. Ends SCALE steps away or more are left out. Of two notes of a pitch
    the later one counts.
    """

    ends: int = 6

    name: ClassVar[str] = "sounding"
    local: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("controls.ends =", self.ends, 1, 32)

    def about(self) -> str:
        """Return one line for people."""
        return "when the notes that sound will end"

    def width(self, encoding: Encoding) -> int:
        """Return the number of columns; BadOption unless steps of `encoding` are whole notes."""
        if not _whole_notes(encoding):
            raise BadOption(
                "sounding needs an encoding whose steps are notes that begin after their shift and "
                f"have a length, such as notes; {encoding.name} is none; remove the control"
            )
        return 1 + self.ends * WIDTH

    def times(self) -> range:
        """Return the columns of this control that hold times."""
        return range(1, 1 + self.ends * WIDTH, WIDTH)

    def compute(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any], outline: Any = None
    ) -> Rows:
        """Return float32 `[steps, width]`: row t depends only on the steps before t."""
        return self.compute_from(encoding, events, 0)

    def compute_from(self, encoding: Encoding, events: Events, start: int) -> Rows:
        """Return the rows of `compute` from `start` on."""
        notes = _Notes.of(encoding, events)
        onset = np.cumsum(notes.shift)
        now = np.concatenate([[0], onset])[start : len(events)]
        ends = np.append(onset + notes.length, 0)  # the last is that of NONE
        left = ends[_latest(notes.pitch, start)] - now[:, None]
        return self._columns(left)

    def follow(self, encoding: Encoding, batch: int, context: Mapping[str, Any]) -> Follower:
        """Return what computes the same while music is sampled."""
        return SoundingFollower(self, encoding, batch)

    def _columns(self, left: Ints) -> Rows:
        """Return float32 `[n, width]` for the steps left to each pitch `[n, 128]`, 0 for none."""
        soonest = np.sort(np.where((left > 0) & (left < SCALE), left, NEVER), axis=1)
        soonest[:, 1:][soonest[:, 1:] == soonest[:, :-1]] = NEVER  # each moment once
        soonest = np.sort(soonest, axis=1)[:, : self.ends]
        known = soonest != NEVER
        out = np.zeros((len(left), self.ends, WIDTH), np.float32)
        out[:, :, 0] = np.where(known, soonest, 0) / SCALE
        bins = np.searchsorted(BINS, soonest, "right") - 1
        one_hot = bins[:, :, None] == np.arange(len(BINS))
        out[:, :, 1:] = one_hot & known[:, :, None]
        presence = np.ones((len(left), 1), np.float32)
        return np.concatenate([presence, out.reshape(len(left), self.ends * WIDTH)], axis=1)


@dataclasses.dataclass(frozen=True)
class _Notes:
    """What each step adds: int64 `[n]` shift and length in steps, pitch (-1 for no note)."""

    shift: Ints
    length: Ints
    pitch: Ints

    @classmethod
    def of(cls, encoding: Encoding, events: Events) -> _Notes:
        """Return it for int32 `[n, fields]` events; a length of 0 is a step, as in decoding."""
        shift, length = np.zeros((2, len(events)), np.int64)
        pitch = np.full(len(events), -1, np.int64)
        for field in range(len(encoding.fields)):
            table, values = encoding.table(field), events[:, field]
            shift += table["advance"][values]
            length += table["duration"][values]
            pitch = np.maximum(pitch, table["pitch"][values])
        return cls(shift, np.maximum(length, 1), pitch)


@functools.lru_cache(16)
def _whole_notes(encoding: Encoding) -> bool:
    """Return whether `_Notes` has the notes that `encoding` itself gives, in three steps."""
    tables = [encoding.table(k) for k in range(len(encoding.fields))]
    events = np.array([[_value(table, pitch) for table in tables] for pitch in (60, 62, 64)])
    events = events.astype(np.int32)
    notes = _Notes.of(encoding, events)
    spans = encoding.spans(events)
    start = np.cumsum(notes.shift)
    return (
        any(table["duration"].any() for table in tables)
        and np.array_equal(spans.start, start)
        and np.array_equal(spans.end, start + notes.length)
        and np.array_equal(spans.pitch, notes.pitch)
    )


def _value(table: Array, pitch: int) -> int:
    """Return a value of a field for a note of `pitch` that takes time, 0 where there is none."""
    matches = (table["pitch"] == pitch) | (table["advance"] > 0) | (table["duration"] > 0)
    return int(matches.argmax())


def _latest(pitch: Ints, start: int) -> Ints:
    """Return int64 `[n - start, 128]`: the last row of each pitch before each row from `start` on.

    It is NONE where there is none.
    """
    steps, rows = len(pitch), np.arange(len(pitch))
    latest = np.full((steps - start + 1, PITCHES), NONE, np.int64)
    before = np.flatnonzero(pitch[:start] >= 0)
    np.maximum.at(latest[0], pitch[before], before)
    inside = rows[start:][pitch[start:] >= 0]
    latest[inside - start + 1, pitch[inside]] = inside
    latest = np.maximum.accumulate(latest, axis=0)
    return latest[: steps - start]


class SoundingFollower(Follower):
    """The control for streams that are being sampled."""

    def __init__(self, control: Sounding, encoding: Encoding, batch: int) -> None:
        self.control, self.encoding = control, encoding
        self._now = np.zeros((batch, 1), np.int64)
        self._ends = np.zeros((batch, PITCHES), np.int64)

    def rows(self) -> Rows:
        """Return float32 `[batch, width]`."""
        return self.control._columns(self._ends - self._now)

    def update(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` of this step."""
        notes = _Notes.of(self.encoding, events)
        self._now[:, 0] += notes.shift
        streams = np.flatnonzero(notes.pitch >= 0)
        ends = self._now[streams, 0] + notes.length[streams]
        self._ends[streams, notes.pitch[streams]] = ends

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self._now, self._ends = self._now[rows], self._ends[rows]
