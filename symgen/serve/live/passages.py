"""Never the same passage twice: what was played, as passages of `NOTES` notes in a row.

A passage is the same in any key and at any speed (`symgen.similarity.known`). A passage of the
training music is found through its index where that music is here, else through the passages that
go with the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.serve.live.music import Row
from symgen.similarity.known import NOTES as NOTES
from symgen.similarity.known import Known, numbers
from symgen.similarity.letters import spell
from symgen.similarity.passages import Index

REACH = 48
"""Notes in which passages that end now are looked for."""

NEAR = 1e-4  # seconds, of rounding
MOST = 500_000
"""Passages that are remembered, some ten hours; then the oldest are forgotten."""

LATEST = 2048
"""Passages that may still be taken back, and those of the tune that is played."""


class Passage(NamedTuple):
    """A passage as a number of 64 bits, and when its last note begins."""

    number: int
    time: float


class Played:
    """The passages that one listener has heard, each with the part of the music that it is in."""

    def __init__(self, index: Index | Known | None = None, notes: int = NOTES) -> None:
        self.index, self.notes = index, notes
        self._latest: dict[int, int | None] = {}  # each with its part
        self._before = np.zeros(0, np.uint64)  # in the order in which they were heard
        self._sorted = self._before

    def __len__(self) -> int:
        return len(self._latest) + len(self._before)

    def found(self, recent: Iterable[Row], since: float) -> list[Passage]:
        """Return the passages whose last notes begin at `since` or later.

        `recent` are the latest notes, in the order of their beginnings; they hold the passages.
        """
        rows = list(recent)[-REACH:]
        words = spell(_sequence(rows))
        found, last = numbers(words.letters, self.notes)
        times = words.starts[last]
        late = times >= since - NEAR
        return [
            Passage(*each) for each in zip(found[late].tolist(), times[late].tolist(), strict=True)
        ]

    def repeated(self, found: Sequence[Passage], part: int | None = None) -> bool:
        """Return whether a passage was played before.

        What was played in the same `part`, a tune with strains that come again, does not count.
        """
        numbers = [passage.number for passage in found]
        if any(n in self._latest and (part is None or self._latest[n] != part) for n in numbers):
            return True
        if any(self._was_before(n) for n in numbers):
            return True
        return part is None and len(set(numbers)) < len(numbers)

    def _was_before(self, number: int) -> bool:
        place = int(np.searchsorted(self._sorted, np.uint64(number)))
        return place < len(self._sorted) and int(self._sorted[place]) == number

    def copied(self, recent: Iterable[Row], since: float) -> bool:
        """Return whether a passage of the training music ends at `since` or later."""
        rows = list(recent)[-REACH:]
        if self.index is None or len(rows) < self.notes:
            return False
        copy = self.index.longest(_sequence(rows))
        return copy is not None and copy.notes >= self.notes and copy.at[1] >= since

    def add(self, found: Iterable[Passage], until: float, part: int | None = None) -> list[int]:
        """Remember the passages that end before `until`; return the new ones."""
        ended = [p.number for p in found if p.time < until - NEAR]
        new = [n for n in ended if n not in self._latest and not self._was_before(n)]
        self._latest |= dict.fromkeys(new, part)
        if len(self._latest) > 2 * LATEST:
            self._settle()
        return new

    def _settle(self) -> None:
        """Pack all but the latest passages as an array, 16 bytes for each."""
        old = list(self._latest)[:-LATEST]
        for number in old:
            del self._latest[number]
        self._before = np.append(self._before, np.array(old, np.uint64))[-MOST:]
        self._sorted = np.sort(self._before)

    def forget(self, passages: Iterable[int]) -> None:
        """Forget passages that are not played after all."""
        for passage in passages:
            self._latest.pop(passage, None)


def _sequence(rows: Sequence[Row]) -> NoteSequence:
    starts, ends, pitches, velocities, _ = zip(*rows, strict=True) if rows else ((),) * 5
    return NoteSequence(
        notes=table(NOTE, start_time=starts, end_time=ends, pitch=pitches, velocity=velocities)
    )
