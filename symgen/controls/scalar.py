"""Controls that are one number: how it is told, asked, and what of it was seen.

The number is told twice: on a scale, and between two knots of that scale, each of which has a column that is 1 at it
and falls to 0 at its neighbours. The first layer of a network can so answer to any part of the range by itself.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from symgen.controls.base import Rows, TimelineControl
from symgen.controls.timeline import Floats, Timeline, timeline
from symgen.encodings.base import Encoding, Events
from symgen.errors import BadOption

SURVEYED = 100  # pieces that a survey hears, spread over all
QUANTILES = (5, 50, 95)  # per cent of the time


@dataclasses.dataclass(frozen=True)
class Scalar(TimelineControl):
    """A number at each moment. Columns: presence, the number on its scale, and one for each knot of `knots`."""

    low: ClassVar[float]  # of what may be asked
    high: ClassVar[float]
    knots: ClassVar[tuple[float, ...]]  # in the unit, rising

    @abc.abstractmethod
    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]` in the unit; NaN where there is nothing to tell."""

    @abc.abstractmethod
    def overall(self, line: Timeline) -> float:
        """Return the value of the whole piece, NaN where it has none."""

    def scale(self, values: npt.ArrayLike) -> Floats:
        """Return the values on the scale that the knots stand on; rising."""
        return np.asarray(values, np.float64)

    def width(self, encoding: Encoding) -> int:
        """Return the number of columns."""
        return 2 + len(self.knots)

    def moments(self, line: Timeline, context: Mapping[str, Any]) -> Rows:
        """Return float32 `[moments, width]`."""
        return self.code(self.values(line))

    def code(self, values: Floats) -> Rows:
        """Return float32 `[n, width]` for float64 `[n]`; zeros for NaN. What lies beyond the knots is told as the outermost."""
        known = ~np.isnan(values)
        knots = self.scale(self.knots)
        at = np.clip(self.scale(np.where(known, values, self.knots[0])), knots[0], knots[-1])
        out = np.zeros((len(values), 2 + len(knots)), np.float32)
        left = np.clip(np.searchsorted(knots, at, "right") - 1, 0, len(knots) - 2)
        share = (at - knots[left]) / (knots[left + 1] - knots[left])
        rows = np.arange(len(values))
        out[rows, 2 + left], out[rows, 3 + left] = 1 - share, share
        out[:, 0], out[:, 1] = 1, (at - knots[0]) / (knots[-1] - knots[0])
        out[~known] = 0
        return out

    def row(self, encoding: Encoding, value: Any) -> Rows:
        """Return float32 `[width]`: what is told where `value` is asked."""
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not self.low <= value <= self.high
        ):
            raise BadOption(
                f"{self.name} {value!r}: expected {self.unit}, a number from {self.low:g} to {self.high:g}"
            )
        told: Rows = self.code(np.array([value], np.float64))[0]
        return told

    def rows_of(self, encoding: Encoding, values: Sequence[Any]) -> Rows:
        """Return float32 `[values, width]`: what `row` says of each, all at once."""
        for value in (min(values), max(values)):
            self.row(encoding, value)
        return self.code(np.array(values, np.float64))

    def reached(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any] | None = None
    ) -> float | None:
        """Return the value that music had as a whole; None where it has none."""
        value = self.overall(timeline(encoding, events, context)) if len(events) else np.nan
        return None if np.isnan(value) else float(value)

    def about(self) -> str:
        """Return the unit and the range."""
        return f"{self.unit}, {self.low:g} to {self.high:g}"

    def survey(
        self,
        encoding: Encoding,
        contexts: Sequence[Mapping[str, Any]],
        events: Callable[[int], Events],
    ) -> dict[str, Any]:
        """Return `unit`, and `seen`: the values that music stays below for 5, 50 and 95 % of its time; none where none is told."""
        lines = [
            timeline(encoding, events(i), contexts[i])
            for i in range(0, len(contexts), max(len(contexts) // SURVEYED, 1))
        ]
        values = np.concatenate([np.zeros(0), *(self.values(line) for line in lines)])
        lasts = np.concatenate([np.zeros(0), *(np.diff(line.time) / line.rate for line in lines)])
        told = ~np.isnan(values) & (lasts > 0)
        values, lasts = values[told], lasts[told]
        order = np.argsort(values, kind="stable")
        upto = np.cumsum(lasts[order])
        places = np.searchsorted(upto, np.array(QUANTILES) / 100 * upto[-1:]) if len(values) else []
        return {
            "unit": self.unit,
            "seen": [float(f"{values[order[place]]:.4g}") for place in places],
        }


def seconds(name: str, value: Any) -> float:
    """Return the length of a window as an option gives it; BadOption where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.1 <= value <= 60:
        raise BadOption(f"controls.{name} = {value!r}: expected seconds, from 0.1 to 60")
    return float(value)


@dataclasses.dataclass(frozen=True)
class Windowed(Scalar):
    """A number that is counted over the next `window` seconds."""

    window: float = 3.0

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "window", seconds("window", self.window))

    @property
    def ahead(self) -> float | None:
        """The window."""
        return self.window


def mean(total: npt.NDArray[Any], count: npt.NDArray[Any]) -> Floats:
    """Return total / count, NaN where the count is 0."""
    out = np.full(len(total), np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def strikes_mean(
    line: Timeline,
    window: float,
    weights: npt.NDArray[Any],
    counted: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """Return float64 `[moments]`: the mean of `weights` `[N]` over the strikes of the next `window` seconds, or those `counted`."""
    stop = line.until(window)
    total = line.before(weights.astype(np.float64))
    count = line.before(None if counted is None else counted.astype(np.float64))
    return mean(total[stop] - total[:-1], count[stop] - count[:-1])
