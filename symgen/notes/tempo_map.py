"""Convert ticks to seconds and back with a tempo map, in float64.

The arithmetic is that of pretty_midi, to the last bit, so that times near the edge of a grid step
are rounded equally.
"""

from __future__ import annotations

import numpy as np

from symgen.arrays import heads
from symgen.types import Array, Floats, Ints

DEFAULT_QPM = 120.0


class TempoMap:
    """Spans of constant tempo: `ticks` and `times` of their starts, `scales` in s per tick."""

    def __init__(self, ticks: Array, scales: Array) -> None:
        self.ticks = np.asarray(ticks, np.int64)
        self.scales = np.asarray(scales, np.float64)
        self.times = np.append(0.0, np.cumsum(self.scales[:-1] * np.diff(self.ticks)))

    @classmethod
    def of_events(cls, ticks: Array, microseconds: Array, ticks_per_quarter: int) -> TempoMap:
        """Build the map from tempo events (microseconds per quarter, not 0), sorted by tick.

        The tempo before the first event is 120 qpm.
        """
        ticks = np.append(0, ticks)
        qpm = np.append(DEFAULT_QPM, 6e7 / np.asarray(microseconds, np.float64))
        begin = int(np.searchsorted(ticks, 0, "right")) - 1  # at tick 0 the last one counts
        ticks = ticks[begin:]
        scales = 60.0 / (qpm[begin:] * ticks_per_quarter)
        changes = heads(scales)
        return cls(ticks[changes], scales[changes])

    def seconds(self, ticks: Array) -> Floats:
        """Return the time of each tick in seconds."""
        if len(self.ticks) == 1:
            return np.asarray(self.scales[0] * (ticks - self.ticks[0]), np.float64)
        at = np.searchsorted(self.ticks, ticks, "right") - 1
        since = ticks - self.ticks[at]
        return np.asarray(self.times[at] + self.scales[at] * since, np.float64)

    def nearest(self, seconds: Array) -> Ints:
        """Return the tick nearest to each time in seconds."""
        at = np.maximum(np.searchsorted(self.times, seconds, "right") - 1, 0)
        ticks = self.ticks[at] + (seconds - self.times[at]) / self.scales[at]
        return np.asarray(np.rint(ticks), np.int64)
