"""Never the same passage twice: what was played, as passages of `NOTES` notes in a row.

A passage is the intervals between its notes, which of them begin together, and the rhythm in five
classes of how a gap compares with the gap before, so it is the same in any key and at any speed
(`symgen.similarity.letters`). A passage of the training music is found through its index, where
the server has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

import numpy as np

from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.serve.live.music import Row
from symgen.similarity.letters import CLASSES, spell
from symgen.similarity.passages import Index

NOTES = 16
REACH = 64
"""Notes in which passages that end now are looked for."""

MOST = 500_000
"""Passages that are remembered, some ten hours; then the oldest is forgotten."""


class Played:
    """The passages that one listener has heard, each with the part of the music that it is in."""

    def __init__(self, index: Index | None = None, notes: int = NOTES) -> None:
        self.index, self.notes = index, notes
        self._known: dict[int, int | None] = {}

    def __len__(self) -> int:
        return len(self._known)

    def repeated(self, recent: Iterable[Row], since: float, part: int | None = None) -> bool:
        """Return whether a passage that ends at `since` or later was played, or trained on.

        `recent` are the latest notes, in the order of their beginnings; they hold the passage.
        What was played in the same `part`, a tune with strains that come again, does not count.
        """
        found = list(self._passages(recent, since))
        if any(p in self._known and (part is None or self._known[p] != part) for p in found):
            return True
        if part is None and len(set(found)) < len(found):
            return True
        if self.index is None or not found:
            return False
        copied = self.index.longest(_sequence(list(recent)[-REACH:]))
        return copied is not None and copied.notes >= self.notes and copied.at[1] >= since

    def add(
        self, recent: Iterable[Row], since: float, until: float, part: int | None = None
    ) -> list[int]:
        """Remember the passages that end from `since` to before `until`; return the new ones."""
        found = [p for p in self._passages(recent, since, until) if p not in self._known]
        self._known |= dict.fromkeys(found, part)
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]
        return found

    def forget(self, passages: Iterable[int]) -> None:
        """Forget passages that are not played after all."""
        for passage in passages:
            self._known.pop(passage, None)

    def _passages(
        self, recent: Iterable[Row], since: float, until: float = float("inf")
    ) -> Iterator[int]:
        """Yield the passages whose last notes begin in this time, as numbers of 64 bits."""
        words = spell(_sequence(list(recent)[-REACH:]))
        inside = (words.starts >= since - 1e-4) & (words.starts < until - 1e-4)
        for last in np.flatnonzero(inside).tolist():
            first = last - self.notes + 2
            if first < 1:
                continue
            letters = words.letters[first : last + 1].copy()
            letters[-1] //= CLASSES  # the rhythm after the last note does not count
            yield int.from_bytes(blake2b(letters.tobytes(), digest_size=8).digest(), "little")


def _sequence(rows: Sequence[Row]) -> NoteSequence:
    starts, ends, pitches, velocities, _ = zip(*rows, strict=True) if rows else ((),) * 5
    return NoteSequence(
        notes=table(NOTE, start_time=starts, end_time=ends, pitch=pitches, velocity=velocities)
    )
