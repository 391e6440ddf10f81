"""What a listener has heard lately, so that it can be saved after the fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from symgen.serve.live.music import Row

KEPT = 25 * 60.0 + 10.0  # seconds of notes that are kept
OVER = 20.0  # seconds after its end when nothing of a note can change any more
MANY = 512  # rows that are packed at once

PACKED = np.dtype(
    [("start", "f8"), ("end", "f8"), ("pitch", "u1"), ("velocity", "u1"), ("track", "u1")]
)


class Heard:
    """The notes of the last `KEPT` seconds. What is long over is packed, in 19 bytes."""

    def __init__(self) -> None:
        self._latest: dict[tuple[float, int, int], Row] = {}
        self._packed = np.zeros(0, PACKED)

    def __len__(self) -> int:
        return len(self._latest) + len(self._packed)

    def __iter__(self) -> Iterator[Row]:
        yield from map(Row._make, self._packed.tolist())
        yield from self._latest.values()

    def keep(self, rows: Iterable[Row], oldest: float) -> None:
        """Take rows, which replace those of the same note; forget what began before `oldest`."""
        newest = 0.0
        for row in rows:
            self._latest[row.start, row.pitch, row.track] = row
            newest = max(newest, row.end)
        if len(self._latest) >= 2 * MANY:
            self._pack(newest - OVER, oldest)

    def cut(self, time: float) -> None:
        """Forget what begins at `time` or later: it is not heard after all."""
        self._latest = {key: row for key, row in self._latest.items() if row.start < time}

    def _pack(self, over: float, oldest: float) -> None:
        done = {key: row for key, row in self._latest.items() if row.end < over}
        self._latest = {key: row for key, row in self._latest.items() if key not in done}
        both = np.concatenate([self._packed, np.array(list(done.values()), PACKED)])
        self._packed = both[both["start"] >= oldest]
