"""Split notes into a lower and an upper stream, onset by onset, at the least cost.

The notes that begin together are sorted by pitch, and a cut sends those below it to the lower
stream. The cheapest cuts are found by a beam search, an approximation of the dynamic programming
over the cuts of chords with which notation programs tell the hands of a pianist apart.

Times are ticks, or any other unit in which a quarter note is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

WIDTH = 10  # paths that are followed at once

Note = tuple[int, int, int]  # begin, end, pitch


class Stream(NamedTuple):
    """A stream at an onset: the notes that still sound, and where and when it last began some."""

    held: tuple[Note, ...]
    pitch: float  # the mean of its last chord
    last: float  # the onset of that chord
    end: float  # the last end of what it had

    def at(self, now: int) -> Stream:
        """Return the stream without the notes that ended by `now`."""
        if all(end > now for _, end, _ in self.held):
            return self
        return self._replace(held=tuple(note for note in self.held if note[1] > now))

    def plus(self, now: int, chord: tuple[Note, ...]) -> Stream:
        """Return the stream after it began a chord."""
        if not chord:
            return self
        mean = sum(pitch for _, _, pitch in chord) / len(chord)
        end = max(self.end, *(end for _, end, _ in chord))
        return Stream(self.held + chord, mean, now, end)


Cost = Callable[[int, Stream, tuple[Note, ...], Stream, tuple[Note, ...]], float]
"""What a cut costs: onset, lower stream and its chord, upper stream and its chord."""


class _Path(NamedTuple):
    cost: float
    low: Stream
    high: Stream
    cut: int
    before: _Path | None


def split(notes: Sequence[Note], cost: Cost, low: float, high: float) -> list[bool]:
    """Return for each note whether it is in the upper stream; the notes are in order of begin.

    `low` and `high` are the pitches about which the streams begin.
    """
    far = float("-inf")
    start = _Path(0.0, Stream((), low, far, far), Stream((), high, far, far), 0, None)
    paths = [start]
    order: list[list[int]] = []
    for now, group in itertools.groupby(range(len(notes)), key=lambda row: notes[row][0]):
        rows = sorted(group, key=lambda row: (notes[row][2], notes[row][1]))
        order.append(rows)
        paths = _step(now, tuple(notes[row] for row in rows), paths, cost)
    return _followed(paths[0], order, len(notes))


def _step(now: int, chord: tuple[Note, ...], paths: list[_Path], cost: Cost) -> list[_Path]:
    """Return the best paths after the notes that begin at `now`."""
    found: list[tuple[float, int, Stream, Stream, _Path]] = []
    for path in paths:
        low, high = path.low.at(now), path.high.at(now)
        for cut in range(len(chord) + 1):
            more = cost(now, low, chord[:cut], high, chord[cut:])
            found.append((path.cost + more, cut, low, high, path))
    found.sort(key=lambda row: row[0])
    out: dict[tuple[object, ...], _Path] = {}
    for total, cut, low, high, path in found:
        after = low.plus(now, chord[:cut]), high.plus(now, chord[cut:])
        # paths that differ in their past alone go on in the same way
        state = tuple((one.held, one.pitch, max(one.end, now)) for one in after)
        if state not in out:
            out[state] = _Path(total, *after, cut, path)
            if len(out) == WIDTH:
                break
    return list(out.values())


def _followed(path: _Path, order: list[list[int]], count: int) -> list[bool]:
    """Return which notes are in the upper stream on a path."""
    upper = [False] * count
    for rows in reversed(order):
        for row in rows[path.cut :]:
            upper[row] = True
        assert path.before is not None
        path = path.before
    return upper
