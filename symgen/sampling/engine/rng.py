"""Random numbers of many streams, one generator for each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


class SampleStreams:
    """Uniform numbers for the streams first, first + 1, ... of a seed.

    Stream i has a generator of its own, keyed by (seed, i). With `copies` each of them is that many
    streams, and the first of these draws the same numbers as without. `again` is the number of a
    later draw, which has other numbers.
    """

    BLOCK = 512

    def __init__(self, seed: int, first: int, batch: int, copies: int = 1, again: int = 0) -> None:
        pairs = [(i, c) for i in range(batch) for c in range(copies)]
        self._streams = [
            np.random.Generator(
                np.random.Philox(
                    key=np.array([seed, first + i], np.uint64), counter=[0, again, 0, c]
                )
            )
            for i, c in pairs
        ]
        batch = len(pairs)
        self._block = np.zeros((0, batch))
        self._next = 0

    def next(self) -> npt.NDArray[np.float64]:
        """Return float64 `[batch]` in [0, 1): the next number of each stream."""
        if self._next == len(self._block):
            # a hair below 1 stays below it once multiplied by a sum
            self._block = np.ascontiguousarray(
                np.stack([s.random(self.BLOCK) for s in self._streams], axis=1)
            ) * (1 - 2.0**-40)
            self._next = 0
        self._next += 1
        row: npt.NDArray[np.float64] = self._block[self._next - 1]
        return row
