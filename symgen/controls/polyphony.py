"""Polyphony: how many pitches sound at once, averaged over the next 3 seconds, silence included.

Notes sound as long as they are held, the pedal's holding included where the encoding has it, and a pitch counts once. The
window ends with the first shift of time that passes its end, or with the piece. Nothing is told at the very end.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from symgen.controls.scalar import Windowed, mean
from symgen.controls.timeline import Floats, Timeline


@dataclasses.dataclass(frozen=True)
class Polyphony(Windowed):
    """Columns: presence, log2(1 + pitches), and its knots."""

    name: ClassVar[str] = "polyphony"
    unit: ClassVar[str] = "pitches at once"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 32.0
    knots: ClassVar[tuple[float, ...]] = (0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 13, 16, 24)

    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]`."""
        sounding, stop = line.sounding()[:, 0], line.until(self.window)
        return mean(sounding[stop] - sounding[:-1], line.time[stop] - line.time[:-1])

    def overall(self, line: Timeline) -> float:
        """Return the mean over the length of the piece."""
        return float(line.sounding()[-1, 0] / line.time[-1]) if line.time[-1] else np.nan

    def scale(self, values: npt.ArrayLike) -> Floats:
        """Return log2(1 + pitches)."""
        return np.log2(1 + np.asarray(values, np.float64))
