"""What may come next in a performance stream, for many streams side by side.

The rules hold in every stream that `Performance.encode` writes: no release of a silent pitch; within a step releases
come before strikes, so that no note is without length; a velocity is not said twice and is followed by a strike; the
first strike follows a velocity; no shift follows a shift that was not the longest, nor a velocity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from symgen.encoding.base import Events, Grammar, Mask

if TYPE_CHECKING:
    from symgen.encoding.performance import Performance

PITCHES = 128


class PerformanceGrammar(Grammar):
    """State `[batch]`: open strikes of each pitch, the current velocity bin (-1 none yet), and what the last event bars."""

    def __init__(self, encoding: Performance, batch: int) -> None:
        self.encoding = encoding
        self.rows = np.arange(batch)
        self.open = np.zeros((batch, PITCHES), np.int32)
        self.struck = np.zeros(batch, bool)          # the last event was a strike
        self.velocity = np.full(batch, -1)
        self.said = np.zeros(batch, bool)            # the last event was a velocity
        self.shifted = np.zeros(batch, bool)         # the last event was a shift under the longest
        self._mask = np.zeros((batch, encoding.fields[0].size), bool)

    def legal(self, field: int = 0) -> Mask:
        """Return bool `[batch, 388]`."""
        mask, shift, velocity = self._mask, self.encoding.first_shift, self.encoding.first_velocity
        mask[:, :PITCHES] = True if velocity == mask.shape[1] else (self.velocity >= 0)[:, None]
        np.greater(self.open, 0, out=mask[:, PITCHES:shift])
        mask[self.struck | self.said, PITCHES:shift] = False
        mask[:, shift:velocity] = ~(self.said | self.shifted)[:, None]
        mask[:, velocity:] = ~self.said[:, None]
        known = self.rows[self.velocity >= 0]
        mask[known, velocity + self.velocity[known]] = False
        return mask

    def choose(self, field: int, values: npt.NDArray[Any], rows: npt.NDArray[Any] | None = None) -> None:
        """Take one id for each stream of `rows` (all of them where it is None)."""
        rows = self.rows if rows is None else rows
        values = np.asarray(values, np.int64)
        shift, velocity = self.encoding.first_shift, self.encoding.first_velocity
        on, off = values < PITCHES, (values >= PITCHES) & (values < shift)
        is_shift, is_velocity = (values >= shift) & (values < velocity), values >= velocity
        self.open[rows[on], values[on]] += 1
        self.open[rows[off], values[off] - PITCHES] -= 1
        self.velocity[rows[is_velocity]] = values[is_velocity] - velocity
        self.said[rows] = is_velocity
        self.shifted[rows] = is_shift & (values < velocity - 1)
        self.struck[rows] = on

    def closing(self, row: int) -> Events:
        """Return the releases `[n, 1]` of everything open in stream `row`."""
        pitches = np.repeat(np.arange(PITCHES), np.maximum(self.open[row], 0))
        return (pitches + PITCHES).astype(np.int32)[:, None]

    def open_pitches(self) -> Mask:
        """Return bool `[batch, 128]`: the pitches that sound."""
        return self.open > 0
