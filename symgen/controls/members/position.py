"""Position: the share of the piece that is over, so that music with a length comes to an end.

The length is that of the events, or `steps` of the context if it has them. It is not a target:
`symgen.sampling` sets it from the length of the sample.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from symgen.controls.base import Rows
from symgen.controls.scalar import Scalar
from symgen.controls.timeline import Timeline
from symgen.types import Floats


@dataclasses.dataclass(frozen=True)
class Position(Scalar):
    """Columns: presence, the share, and its knots, closest at the beginning and at the end."""

    name: ClassVar[str] = "position"
    unit: ClassVar[str] = "share of the piece that is over"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 1.0
    knots: ClassVar[tuple[float, ...]] = (0, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 1)

    @property
    def ahead(self) -> float | None:
        """Nothing: for a part of a piece the context holds the length of the whole."""
        return 0.0

    def moments(self, line: Timeline, context: Mapping[str, Any]) -> Rows:
        """Return float32 `[moments, width]`."""
        if context.get("steps", 0) > 0:
            line = dataclasses.replace(line, time=np.append(line.time[:-1], context["steps"]))
        return self.code(np.minimum(self.values(line), 1))

    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]`; NaN in a piece that takes no time."""
        end = line.time[-1]
        if not end:
            return np.full(line.moments, np.nan)
        share: Floats = line.time[:-1] / end
        return share

    def overall(self, line: Timeline) -> float:
        """Return NaN: a whole piece has no position in itself."""
        return np.nan
