"""Register: the mean pitch of the notes that begin in the next 3 seconds; 60 is middle C.

It is absent where no note begins.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from symgen.controls.scalar import Windowed, onset_mean
from symgen.controls.timeline import Timeline
from symgen.types import Floats


@dataclasses.dataclass(frozen=True)
class Register(Windowed):
    """Columns: presence, pitch over its range, and its knots, half an octave apart."""

    name: ClassVar[str] = "register"
    unit: ClassVar[str] = "mean pitch (60 is middle C)"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 127.0
    tolerance: ClassVar[float | None] = 3.0
    knots: ClassVar[tuple[float, ...]] = tuple(range(24, 109, 6))

    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]`."""
        return onset_mean(line, self.window, line.onset_pitch)

    def overall(self, line: Timeline) -> float:
        """Return the mean pitch of all notes that begin."""
        return float(line.onset_pitch.mean()) if len(line.onset) else np.nan
