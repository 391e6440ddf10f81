"""Ticks to seconds and back through a tempo map, in float64.

The arithmetic is that of pretty_midi, to the last bit, so that a time on the edge of a grid step falls on the same side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Times = npt.NDArray[np.float64]

DEFAULT_QPM = 120.0


class TempoMap:
    """Stretches of constant tempo: `ticks` where they begin, `scales` in seconds a tick, `times` in seconds."""

    def __init__(self, ticks: Array, scales: Array) -> None:
        self.ticks = np.asarray(ticks, np.int64)
        self.scales = np.asarray(scales, np.float64)
        self.times = np.append(0.0, np.cumsum(self.scales[:-1] * np.diff(self.ticks)))

    @classmethod
    def of_events(cls, ticks: Array, microseconds: Array, ticks_per_quarter: int) -> TempoMap:
        """Build the map of tempo events (microseconds a quarter, none of them 0), sorted by tick, 120 qpm before the first."""
        ticks, qpm = (
            np.append(0, ticks),
            np.append(DEFAULT_QPM, 6e7 / np.asarray(microseconds, np.float64)),
        )
        begin = int(np.searchsorted(ticks, 0, "right")) - 1  # at tick 0 the last one counts
        ticks, scales = ticks[begin:], 60.0 / (qpm[begin:] * ticks_per_quarter)
        changes = np.append(True, scales[1:] != scales[:-1])
        return cls(ticks[changes], scales[changes])

    def seconds(self, ticks: Array) -> Times:
        """Return the second of each tick."""
        if len(self.ticks) == 1:
            return np.asarray(self.scales[0] * (ticks - self.ticks[0]), np.float64)
        at = np.searchsorted(self.ticks, ticks, "right") - 1
        return np.asarray(self.times[at] + self.scales[at] * (ticks - self.ticks[at]), np.float64)

    def nearest(self, seconds: Array) -> npt.NDArray[np.int64]:
        """Return the tick nearest to each second."""
        at = np.maximum(np.searchsorted(self.times, seconds, "right") - 1, 0)
        return np.asarray(
            np.rint(self.ticks[at] + (seconds - self.times[at]) / self.scales[at]), np.int64
        )
