"""A drawing: a list of marks, which `svg` writes as text and `png` as pixels.

Units are CSS pixels; y grows downwards. Colours are roles, so that a page can be light or dark:
"ink" (text), "faint" (secondary text), "grid", "edge" (axes), "paper", "shade", and "a" to "f" for
data. The data colours follow the palette of Okabe and Ito for all kinds of colour vision
(https://jfly.uni-koeln.de/color/, 2008). Colour is never the only difference: lines are dashed,
areas filled or outlined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from symgen.types import Array

SERIES = "abcdef"
LIGHT = {
    "ink": "#1b1f24",
    "faint": "#57606a",
    "grid": "#d8dee4",
    "edge": "#6e7781",
    "paper": "#ffffff",
    "shade": "#eff2f5",
    "a": "#0072b2",
    "b": "#d55e00",
    "c": "#009e73",
    "d": "#b6558f",
    "e": "#a36a00",
    "f": "#2f7fb0",
}
DARK = {
    "ink": "#e8edf2",
    "faint": "#9aa5b1",
    "grid": "#343c46",
    "edge": "#8b949e",
    "paper": "#14181d",
    "shade": "#1e242b",
    "a": "#56b4e9",
    "b": "#ff8f3f",
    "c": "#2fc79b",
    "d": "#e29cc6",
    "e": "#e6b34a",
    "f": "#8ccbf0",
}
DASHES = {"a": (), "b": (6, 3), "c": (2, 2), "d": (8, 3, 2, 3), "e": (4, 4), "f": (1, 3)}


class Boxes(NamedTuple):
    """Filled rectangles `[n, 4]` (x, y, width, height) of one colour."""

    at: Array
    role: str
    opacity: float = 1.0


class Path(NamedTuple):
    """A line through points `[n, 2]`; NaN breaks it. With `fill` it is also closed and filled."""

    points: Array
    role: str
    width: float = 1.5
    dash: tuple[float, ...] = ()
    fill: float = 0.0  # opacity


class Text(NamedTuple):
    """Text whose baseline begins, is centred or ends at (x, y).

    `turned` text is rotated by 90 degrees and reads upwards.
    """

    x: float
    y: float
    text: str
    anchor: str = "start"  # or "middle" or "end"
    role: str = "ink"
    size: float = 11.0
    turned: bool = False


Mark = Boxes | Path | Text


@dataclass(frozen=True)
class Drawing:
    """Marks on a sheet; later marks are on top."""

    width: float
    height: float
    marks: tuple[Mark, ...]


def points(x: Any, y: Any) -> Array:
    """Return points `[n, 2]` from two columns."""
    return np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)], axis=1)
