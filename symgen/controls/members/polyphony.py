"""Polyphony: how many pitches sound at once, on average over the next 3 seconds, silence included.

Notes sound as long as they are held, by the pedal too where the encoding has it. A pitch counts
once. The window ends with the first shift of time that passes its end, or with the piece. At the
very end of the piece it is absent.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from symgen.controls.scalar import Windowed, mean
from symgen.controls.timeline import Timeline
from symgen.types import Floats


@dataclasses.dataclass(frozen=True)
class Polyphony(Windowed):
    """Columns: presence, log2(1 + pitches), and its knots."""

    name: ClassVar[str] = "polyphony"
    unit: ClassVar[str] = "pitches at once"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 32.0
    above: ClassVar[bool] = True
    tolerance: ClassVar[float | None] = 0.25
    relative: ClassVar[bool] = True
    knots: ClassVar[tuple[float, ...]] = (0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 13, 16, 24)

    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]`."""
        sounding = line.sounding()[:, 0]
        stop = line.until(self.window)
        sounded = sounding[stop] - sounding[:-1]
        steps = line.time[stop] - line.time[:-1]
        return mean(sounded, steps)

    def overall(self, line: Timeline) -> float:
        """Return the mean over the whole length."""
        if not line.time[-1]:
            return np.nan
        return float(line.sounding()[-1, 0] / line.time[-1])

    def scale(self, values: npt.ArrayLike) -> Floats:
        """Return log2(1 + pitches)."""
        return np.log2(1 + np.asarray(values, np.float64))
