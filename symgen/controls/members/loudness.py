"""Loudness: the mean velocity of the notes that begin in the next 3 seconds.

It is absent where no note begins, or where the events hold no velocities.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from symgen.controls.scalar import Windowed, onset_mean
from symgen.controls.timeline import Timeline
from symgen.types import Floats


@dataclasses.dataclass(frozen=True)
class Loudness(Windowed):
    """Columns: presence, velocity over its range, and its knots, 12 apart."""

    name: ClassVar[str] = "loudness"
    unit: ClassVar[str] = "mean velocity"
    low: ClassVar[float] = 1.0
    high: ClassVar[float] = 127.0
    tolerance: ClassVar[float | None] = 8.0
    knots: ClassVar[tuple[float, ...]] = (12, 24, 36, 48, 60, 72, 84, 96, 108, 120)

    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]`."""
        return onset_mean(line, self.window, line.velocity, line.velocity > 0)

    def overall(self, line: Timeline) -> float:
        """Return the mean velocity of all notes that have one."""
        known = line.velocity[line.velocity > 0]
        return float(known.mean()) if len(known) else np.nan
