"""Events as they come, heard as strikes and releases: the decoding of a stream that has no end.

It reads the encoding's table. In a field that releases pitches by name, a release ends the oldest strike of its pitch;
in any other, one note sounds at a time, until the next strike, `note_off` or `rest`. A `sounding` value is a strike where
its pitch does not sound already.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import NamedTuple

import numpy as np

from symgen.encoding import Encoding, Events

UNSAID = 64    # the velocity of a strike that decodes to none
KNOWN = 10_000  # velocities that are remembered


class StreamEvent(NamedTuple):
    """A strike (`kind` "on") or a release ("off") of a pitch, with the velocity of its strike, at `time` in seconds."""

    kind: str
    time: float
    pitch: int
    velocity: int


class StreamNote(NamedTuple):
    """A note whose release has come; times in seconds."""

    pitch: int
    velocity: int
    start_time: float
    end_time: float


class Hearing:
    """Follows one stream; it remembers what sounds, and nothing else."""

    def __init__(self, encoding: Encoding, rate: float | None = None) -> None:
        self.encoding, self.rate = encoding, rate or encoding.steps_per_second
        self._tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._named = [bool(((t["kind"] == "note_off") & (t["pitch"] >= 0)).any()) for t in self._tables]
        self._longest = np.array([[int(t["advance"].argmax()) for t in self._tables]], np.int32)
        self._sounding: dict[tuple[int, int], deque[int]] = defaultdict(deque)
        self._said = np.zeros((0, len(self._tables)), np.int32)
        self._velocities: dict[bytes, int] = {}
        self.steps = 0

    def hear(self, row: Events) -> list[StreamEvent]:
        """Take one event int32 `[fields]` and return what is struck and released by it."""
        time, heard = self.steps / self.rate, list[StreamEvent]()
        for field, value in enumerate(row):
            kind, pitch, advance, *_ = self._tables[field][value]
            if kind == "sounding":
                kind = "hold" if (field, int(pitch)) in self._sounding else "note_on"
            if kind == "velocity":
                self._said = row[None]
            if kind == "note_off" and pitch >= 0:
                heard += self._release(time, field, int(pitch))
            elif kind in ("note_on", "note_off", "rest") and not self._named[field]:
                heard += [e for f, p in list(self._sounding) if f == field for e in self._release(time, f, p)]
            if kind == "note_on" and pitch >= 0:
                velocity = self._velocity(row, int(pitch))
                self._sounding[field, int(pitch)].append(velocity)
                heard.append(StreamEvent("on", time, int(pitch), velocity))
            self.steps += int(advance)
        return heard

    def silence(self) -> list[StreamEvent]:
        """Return the releases of all that still sounds."""
        time = self.steps / self.rate
        return [e for f, p in sorted(self._sounding) for _ in range(len(self._sounding[f, p])) for e in self._release(time, f, p)]

    def _release(self, time: float, field: int, pitch: int) -> list[StreamEvent]:
        strikes = self._sounding.get((field, pitch))
        if not strikes:
            return []
        velocity = strikes.popleft()
        if not strikes:
            del self._sounding[field, pitch]
        return [StreamEvent("off", time, pitch, velocity)]

    def _velocity(self, row: Events, pitch: int) -> int:
        """Return the velocity that the encoding decodes for a strike, which is asked once for each pair of said and struck."""
        key = self._said.tobytes() + row.tobytes()
        if key not in self._velocities:
            if len(self._velocities) >= KNOWN:
                self._velocities.clear()
            last = self._longest if len(row) == 1 else row[None]
            notes = self.encoding.decode(np.concatenate([self._said, row[None], last])).notes
            found = notes["velocity"][notes["pitch"] == pitch]
            self._velocities[key] = int(found[0]) if len(found) else UNSAID
        return self._velocities[key]
