"""A stream of the notes encoding, decoded as its notes come."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from typing import TYPE_CHECKING

from symgen.encodings.base import Change, Decoder, Events

if TYPE_CHECKING:
    from symgen.encodings.notes.encoding import Notes


class NotesDecoder(Decoder):
    """Holds back each release until the time of the stream comes to it; the pedal is passed over.

    A release ends the oldest open note of its pitch, as in `Notes.decode`.
    """

    def __init__(self, encoding: Notes) -> None:
        self._encoding = encoding
        self._releases: list[tuple[int, int, int]] = []  # time, order, pitch
        self._open: dict[int, deque[int]] = defaultdict(deque)  # velocities
        self._count = 0

    def take(self, row: Events) -> list[Change]:
        """Take one note; see Decoder."""
        start, end, pitch, velocity = self._encoding.note(row)
        self.steps += start
        out = self._due(self.steps)
        if pitch >= 0:
            self._count += 1
            heapq.heappush(self._releases, (self.steps + end - start, self._count, pitch))
            self._open[pitch].append(velocity)
            out.append(Change("on", self.steps, pitch, velocity))
        return out

    def finish(self) -> list[Change]:
        """Return the releases that are left, at their times; see Decoder."""
        self.steps = max([self.steps, *(time for time, *_ in self._releases)])
        return self._due(self.steps)

    def _due(self, now: int) -> list[Change]:
        """Return the releases up to `now`."""
        out = []
        while self._releases and self._releases[0][0] <= now:
            time, _, pitch = heapq.heappop(self._releases)
            velocities = self._open[pitch]
            out.append(Change("off", time, pitch, velocities.popleft()))
            if not velocities:
                del self._open[pitch]
        return out
