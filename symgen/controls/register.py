"""Register: the mean pitch of the strikes in the next 3 seconds, 60 being middle C. Nothing is told where none is struck."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from symgen.controls.scalar import Windowed, strikes_mean
from symgen.controls.timeline import Floats, Timeline


@dataclasses.dataclass(frozen=True)
class Register(Windowed):
    """Columns: presence, pitch over its range, and its knots, half an octave apart."""

    name: ClassVar[str] = "register"
    unit: ClassVar[str] = "mean pitch (60 is middle C)"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 127.0
    knots: ClassVar[tuple[float, ...]] = tuple(range(24, 109, 6))

    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]`."""
        return strikes_mean(line, self.window, line.struck)

    def overall(self, line: Timeline) -> float:
        """Return the mean pitch of all strikes."""
        return float(line.struck.mean()) if len(line.struck) else np.nan
