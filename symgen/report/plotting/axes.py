"""Axes: scales from data to drawing, round ticks, and a frame with labels and units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from symgen.report.plotting.drawing import DASHES, Boxes, Mark, Path, Text, points
from symgen.types import Array

WIDTH, HEIGHT = 380.0, 250.0  # of a figure: as wide as a phone, so that it is readable there
LEFT, RIGHT, TOP, BOTTOM = 52.0, 18.0, 26.0, 42.0
LETTER = 5.9  # approximate width of a letter of size 11
Ticks = Sequence[tuple[float, str]]


class Scale(NamedTuple):
    """A linear map from data (`low` to `high`) to drawing (`begin` to `end`)."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, values: Any) -> Array:
        """Return the positions of values in the drawing."""
        span = self.high - self.low or 1.0
        return self.begin + (np.asarray(values, np.float64) - self.low) / span * (
            self.end - self.begin
        )


def reaching(values: Any, zero: bool = False, spare: float = 0.04) -> tuple[float, float]:
    """Return limits around all finite values, with some room; 0 and 1 if there are none.

    With `zero`, the limits include zero.
    """
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low = float(values.min())
    high = float(values.max())
    low, high = (min(low, 0.0), max(high, 0.0)) if zero else (low, high)
    room = (high - low or abs(high) or 1.0) * spare
    return (low - room if low < 0 or not zero else low), high + room


def ticks(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """Return at most `most` round values from `low` to `high`, with their texts.

    The step is 1, 2 or 5 times a power of ten.
    """
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return [(low, number(low))]
    rough = span / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    values = [(first + i) * step for i in range(max(count, 0))]
    return [(value, f"{value + 0.0:,.{decimals}f}") for value in values]


def number(value: float | None, digits: int = 4) -> str:
    """Return a number with `digits` significant digits; a dash for None and NaN."""
    if value is None or not math.isfinite(value):
        return "–"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 10**digits:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def area(
    left: float = LEFT, top: float = TOP, width: float = WIDTH, height: float = HEIGHT
) -> tuple[float, float, float, float]:
    """Return the edges of the plot inside a figure: left, right, top, bottom."""
    return left, width - RIGHT, top, height - BOTTOM


def frame(
    x: Scale,
    y: Scale,
    x_label: str,
    y_label: str,
    x_ticks: Ticks | None = None,
    y_ticks: Ticks | None = None,
) -> list[Mark]:
    """Return grid, axes, ticks and labels; labels include the unit."""
    left, right, top, bottom = x.begin, x.end, y.end, y.begin
    x_ticks = ticks(x.low, x.high) if x_ticks is None else x_ticks
    y_ticks = ticks(y.low, y.high, 6) if y_ticks is None else y_ticks
    marks: list[Mark] = []
    for value, text in y_ticks:
        at = float(y(value))
        marks += [
            Path(points([left, right], [at, at]), "grid", 0.8),
            Text(left - 6, at + 4, text, "end", "faint", 10.5),
        ]
    for value, text in x_ticks:
        at = float(x(value))
        marks += [
            Path(points([at, at], [bottom, bottom + 4]), "edge", 0.8),
            Text(at, bottom + 16, text, "middle", "faint", 10.5),
        ]
    marks.append(Path(points([left, left, right], [top, bottom, bottom]), "edge", 1))
    marks.append(Text((left + right) / 2, bottom + 33, x_label, "middle"))
    marks.append(Text(12, (top + bottom) / 2, y_label, "middle", turned=True))
    return marks


def legend(entries: Sequence[tuple[str, str, bool]], x: float = LEFT, y: float = 13) -> list[Mark]:
    """Return a row of (label, role, filled) keys: a filled patch, or a line dashed as its role."""
    marks: list[Mark] = []
    for label, role, filled in entries:
        if filled:
            marks.append(Boxes(np.array([[x, y - 9, 16, 9]]), role, 0.45))
        marks.append(
            Path(points([x, x + 16], [y - 4, y - 4]), role, 2, DASHES.get(role, ()))
            if not filled
            else Path(points([x, x + 16, x + 16, x, x], [y - 9, y - 9, y, y, y - 9]), role, 1)
        )
        marks.append(Text(x + 20, y, label, size=10.5))
        x += 32 + LETTER * len(label)
    return marks
