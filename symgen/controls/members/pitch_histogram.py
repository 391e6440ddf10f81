"""The pitch histogram: how long each pitch class sounds in the next 5 seconds.

It is counted as note_seq does. Notes sound as long as they are held, by the pedal too where the
encoding has it. The window ends with the first shift of time that passes its end. In the model
input 0.01 s is added to each of the twelve classes, which are then shares of their sum.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from symgen.controls.base import Rows, TimelineControl
from symgen.controls.scalar import seconds
from symgen.controls.schedule import Schedule
from symgen.controls.timeline import Timeline
from symgen.encodings.base import Encoding, Events
from symgen.errors import BadOption
from symgen.types import Floats

CLASSES = 12
PRIOR = 0.01  # seconds


@dataclasses.dataclass(frozen=True)
class PitchHistogram(TimelineControl):
    """Columns: presence, and the share of each pitch class from C to B."""

    window: float = 5.0

    name: ClassVar[str] = "pitch_histogram"
    unit: ClassVar[str] = "shares of the sounding time, from C to B"
    gain: ClassVar[float] = float(CLASSES)  # the mean share is 1/12, too faint for a model
    tolerance: ClassVar[float | None] = 0.2

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "window", seconds("window", self.window))

    @property
    def ahead(self) -> float | None:
        """The window."""
        return self.window

    def about(self) -> str:
        """Return the unit and the window."""
        return f"{CLASSES} weights, {self.unit}, over the next {self.window:g} s"

    def width(self, encoding: Encoding) -> int:
        """Return the number of columns."""
        return 1 + CLASSES

    def seconds(self, line: Timeline) -> Floats:
        """Return float64 `[moments, 12]`, as note_seq's PitchHistogramPerformanceControlSignal."""
        sounding = line.sounding(line.pitch % CLASSES, CLASSES)
        steps = sounding.take(line.until(self.window), axis=0) - sounding[:-1]
        return steps / line.rate + PRIOR

    def moments(self, line: Timeline, context: Mapping[str, Any]) -> Rows:
        """Return float32 `[moments, 13]`."""
        lasts = self.seconds(line)
        rows = np.empty((line.moments, 1 + CLASSES), np.float32)
        rows[:, 0] = 1
        np.divide(lasts, lasts.sum(axis=1, keepdims=True), out=rows[:, 1:], casting="same_kind")
        return rows

    def encode(self, encoding: Encoding, value: Any) -> Rows:
        """Return float32 `[13]`: the columns for twelve weights."""
        return self.columns(self.read(value))

    def columns(self, weights: Sequence[float]) -> Rows:
        """Return float32 `[13]`: presence, and the shares of twelve weights."""
        shares = np.asarray(weights, np.float64)
        return np.append(1, shares / shares.sum()).astype(np.float32)

    def read(self, value: Any) -> Any:
        """Return twelve weights of C to B, from numbers or text such as 2,0,1,0,1,1,0,1,0,1,0,1."""
        try:
            weights = tuple(map(float, value.split(",") if isinstance(value, str) else value))
        except (TypeError, ValueError):
            weights = ()
        if len(weights) != CLASSES:
            found = f", not {len(weights)}" if weights else ""
            raise BadOption(
                f"pitch-histogram {value!r}: expected {CLASSES} weights from C to B{found}, "
                "such as 2,0,1,0,1,1,0,1,0,1,0,1"
            )
        if not all(0 <= w < math.inf for w in weights) or not any(weights):
            raise BadOption(f"pitch-histogram {value!r}: expected weights of 0 or more, not all 0")
        return weights

    def measure(self, line: Timeline, target: Schedule | None = None) -> Any:
        """Return the shares of C to B in the sounding time; None where nothing sounds."""
        total = line.sounding(line.pitch % CLASSES, CLASSES)[-1]
        if not total.sum():
            return None
        return [round(float(share), 4) for share in total / total.sum()]

    def error(self, target: Any, measured: Any) -> float:
        """Return the share of the sounding time that is in other classes than in the target."""
        if measured is None:
            return 1 / float(self.tolerance or 1)
        shares = np.asarray(target) / sum(target)
        return float(abs(shares - measured).sum()) / 2 / float(self.tolerance or 1)

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of twelve weights."""
        weights = {"type": "number", "minimum": 0}
        return {"type": "array", "items": weights, "minItems": CLASSES, "maxItems": CLASSES}

    def survey(
        self,
        encoding: Encoding,
        contexts: Sequence[Mapping[str, Any]],
        events: Callable[[int], Events],
    ) -> dict[str, Any]:
        """Return the unit; any histogram may be a target."""
        return {"unit": self.unit}
