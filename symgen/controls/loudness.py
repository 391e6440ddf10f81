"""Loudness: the mean velocity of the strikes in the next 3 seconds. Nothing is told where none is struck, or none says how hard."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from symgen.controls.scalar import Windowed, strikes_mean
from symgen.controls.timeline import Floats, Timeline


@dataclasses.dataclass(frozen=True)
class Loudness(Windowed):
    """Columns: presence, velocity over its range, and its knots, 12 apart."""

    name: ClassVar[str] = "loudness"
    unit: ClassVar[str] = "mean velocity"
    low: ClassVar[float] = 1.0
    high: ClassVar[float] = 127.0
    knots: ClassVar[tuple[float, ...]] = (12, 24, 36, 48, 60, 72, 84, 96, 108, 120)

    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]`."""
        return strikes_mean(line, self.window, line.velocity, line.velocity > 0)

    def overall(self, line: Timeline) -> float:
        """Return the mean velocity of all strikes that say one."""
        said = line.velocity[line.velocity > 0]
        return float(said.mean()) if len(said) else np.nan
