"""The pitch histogram: how long each of the twelve pitch classes sounds in the next 5 seconds, as note_seq counts it.

Notes sound as long as they are held, the pedal's holding included where the encoding has it, and each pitch by itself. The
window ends with the first shift of time that passes its end. To each class 0.01 s is added, and the twelve are told as
shares of their sum.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from symgen.controls.base import Rows, TimelineControl
from symgen.controls.scalar import seconds
from symgen.controls.timeline import Floats, Timeline, timeline
from symgen.encodings.base import Encoding, Events
from symgen.errors import BadOption

CLASSES = 12
PRIOR = 0.01  # seconds


@dataclasses.dataclass(frozen=True)
class PitchHistogram(TimelineControl):
    """Columns: presence, and the share of each pitch class from C to B."""

    window: float = 5.0

    name: ClassVar[str] = "pitch_histogram"
    unit: ClassVar[str] = "shares of the sounding time, of C to B"
    gain: ClassVar[float] = float(
        CLASSES
    )  # the shares are a twelfth on the mean, and went unheard so

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
        """Return float64 `[moments, 12]`, as `extract` of note_seq's PitchHistogramPerformanceControlSignal."""
        sounding = line.sounding(line.pitch % CLASSES, CLASSES)
        return (sounding.take(line.until(self.window), axis=0) - sounding[:-1]) / line.rate + PRIOR

    def moments(self, line: Timeline, context: Mapping[str, Any]) -> Rows:
        """Return float32 `[moments, 13]`."""
        told = self.seconds(line)
        rows = np.empty((line.moments, 1 + CLASSES), np.float32)
        rows[:, 0] = 1
        np.divide(told, told.sum(axis=1, keepdims=True), out=rows[:, 1:], casting="same_kind")
        return rows

    def row(self, encoding: Encoding, value: Any) -> Rows:
        """Return float32 `[13]`: what is told where the twelve weights `value`, of C to B, are asked."""
        try:
            weights = np.asarray(value, np.float64)
        except (TypeError, ValueError):
            weights = np.zeros(0)
        if (
            weights.shape != (CLASSES,)
            or not np.isfinite(weights).all()
            or (weights < 0).any()
            or not weights.any()
        ):
            raise BadOption(
                f"pitch_histogram {value!r}: expected {CLASSES} weights of C to B, none below 0 and not all 0, "
                "such as 2,0,1,0,1,1,0,1,0,1,0,1"
            )
        return np.append(1, weights / weights.sum()).astype(np.float32)

    def reached(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any] | None = None
    ) -> Floats:
        """Return float64 `[12]`: the shares of the whole; zeros where nothing sounds."""
        line = timeline(encoding, events, context)
        total = (
            line.sounding(line.pitch % CLASSES, CLASSES)[-1] if len(events) else np.zeros(CLASSES)
        )
        shares: Floats = total / max(float(total.sum()), 1e-9)
        return shares

    def survey(
        self,
        encoding: Encoding,
        contexts: Sequence[Mapping[str, Any]],
        events: Callable[[int], Events],
    ) -> dict[str, Any]:
        """Return the unit; any key may be asked."""
        return {"unit": self.unit}
