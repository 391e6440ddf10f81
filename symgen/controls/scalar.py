"""Controls that are one number.

The model gets the number twice: on a scale, and between two knots of that scale. Each knot has a
column, which is 1 at the knot and falls to 0 at its neighbours. So the first layer of a network can
react to any part of the range on its own.
"""

from __future__ import annotations

import abc
import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from symgen.checks import number
from symgen.controls.base import Rows, TimelineControl
from symgen.controls.schedule import Schedule
from symgen.controls.timeline import Timeline, timeline
from symgen.encodings.base import Encoding, Events
from symgen.errors import BadOption
from symgen.types import Array, Bools, Floats

SURVEYED = 100  # pieces that a survey measures, spread over all
QUANTILES = (5, 50, 95)  # percent of the time


@dataclasses.dataclass(frozen=True)
class Scalar(TimelineControl):
    """A number at each moment. Columns: presence, the number on its scale, one for each knot.

    Targets are numbers from `low` to `high`, `low` itself excluded with `above`.
    """

    numeric: ClassVar[bool] = True
    low: ClassVar[float]
    high: ClassVar[float]
    above: ClassVar[bool] = False
    knots: ClassVar[tuple[float, ...]]  # in the unit, rising

    @abc.abstractmethod
    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]` in the unit; NaN where there is nothing to tell."""

    @abc.abstractmethod
    def overall(self, line: Timeline) -> float:
        """Return the value of the whole of `line`; NaN if it has none."""

    def scale(self, values: npt.ArrayLike) -> Floats:
        """Return the values on the scale of the knots; rising."""
        return np.asarray(values, np.float64)

    def width(self, encoding: Encoding) -> int:
        """Return the number of columns."""
        return 2 + len(self.knots)

    def moments(self, line: Timeline, context: Mapping[str, Any]) -> Rows:
        """Return float32 `[moments, width]`."""
        return self.code(self.values(line))

    def code(self, values: Floats) -> Rows:
        """Return float32 `[n, width]` for float64 `[n]`; zeros for NaN.

        A value beyond the knots gets the columns of the outermost one.
        """
        known = ~np.isnan(values)
        knots = self.scale(self.knots)
        low, high = knots[0], knots[-1]
        at = np.clip(self.scale(np.where(known, values, self.knots[0])), low, high)
        out = np.zeros((len(values), 2 + len(knots)), np.float32)
        left = np.clip(np.searchsorted(knots, at, "right") - 1, 0, len(knots) - 2)
        share = (at - knots[left]) / (knots[left + 1] - knots[left])
        rows = np.arange(len(values))
        out[rows, 2 + left] = 1 - share
        out[rows, 3 + left] = share
        out[:, 0] = 1
        out[:, 1] = (at - low) / (high - low)
        out[~known] = 0
        return out

    def encode(self, encoding: Encoding, value: Any) -> Rows:
        """Return float32 `[width]`: the columns for the target `value`."""
        columns: Rows = self.code(np.array([self.read(value)]))[0]
        return columns

    def encode_all(self, encoding: Encoding, values: Sequence[Any]) -> Rows:
        """Return float32 `[values, width]`: the columns for each value, at once."""
        for value in (min(values), max(values)):
            self.read(value)
        return self.code(np.array(values, np.float64))

    def read(self, value: Any) -> float:
        """Return `value` as a number; BadOption names the unit and the range."""
        fits = (
            isinstance(value, int | float | np.integer | np.floating)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and self.low <= value <= self.high
            and not (self.above and value == self.low)
        )
        if not fits:
            raise BadOption(f"{self.name} {value!r}: expected {self.unit}, {self._range()}")
        return float(value)

    def _range(self) -> str:
        if self.above:
            return f"a number above {self.low:g}, up to {self.high:g}"
        return f"a number from {self.low:g} to {self.high:g}"

    def measure(self, line: Timeline, target: Schedule | None = None) -> float | None:
        """Return the value of the whole of `line`; None if it has none."""
        value = self.overall(line)
        return None if math.isnan(value) else float(value)

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of a number in the range."""
        low = "exclusiveMinimum" if self.above else "minimum"
        return {"type": "number", low: self.low, "maximum": self.high}

    def about(self) -> str:
        """Return the unit and the range."""
        return f"{self.unit}, {self.low:g} to {self.high:g}"

    def survey(
        self,
        encoding: Encoding,
        contexts: Sequence[Mapping[str, Any]],
        events: Callable[[int], Events],
    ) -> dict[str, Any]:
        """Return `unit` and `seen`: the 5, 50 and 95 % quantiles, by time.

        `seen` is empty if nothing has a value.
        """
        every = max(len(contexts) // SURVEYED, 1)
        values, lasts = [np.zeros(0)], [np.zeros(0)]
        for i in range(0, len(contexts), every):
            line = timeline(encoding, events(i), contexts[i])
            values.append(self.values(line))
            lasts.append(np.diff(line.time) / line.rate)
        seen = _quantiles(np.concatenate(values), np.concatenate(lasts))
        return {"unit": self.unit, "seen": [float(f"{value:.4g}") for value in seen]}


def _quantiles(values: Floats, lasts: Floats) -> list[float]:
    """Return the QUANTILES of `values` by how long each lasts; none if no value is known."""
    known = ~np.isnan(values) & (lasts > 0)
    if not known.any():
        return []
    values = values[known]
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(lasts[known][order])
    places = np.searchsorted(upto, np.array(QUANTILES) / 100 * upto[-1])
    found: list[float] = values[order[places]].tolist()
    return found


def seconds(name: str, value: Any) -> float:
    """Return the length of a window as an option gives it; BadOption if it is not one."""
    return number(f"controls.{name} =", value, 0.1, 60, unit="seconds")


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


def mean(total: Array, count: Array) -> Floats:
    """Return total / count, NaN where the count is 0."""
    out = np.full(len(total), np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def onset_mean(
    line: Timeline, window: float, weights: Array, counted: Bools | None = None
) -> Floats:
    """Return float64 `[moments]`: the mean of `weights` `[N]` over the onsets of the next seconds.

    `counted` bool `[N]` leaves out the others; their weights must be 0.
    """
    stop = line.until(window)
    total = line.before(weights.astype(np.float64))
    count = line.before(None if counted is None else counted.astype(np.float64))
    return mean(total[stop] - total[:-1], count[stop] - count[:-1])
