"""Density: notes per second over the next 3 seconds, as note_seq counts it.

It is the number of onsets in the window over its length; at the end of the piece over what is left,
and 0 if nothing is left. `form = "bins"` gives the bin, up to 1, 2, 4, 8, 16, 32, 64 and beyond:
the input of Magenta's Performance RNN. `form = "number"` gives a log scale, so that 2 and 3 differ.
Music is steered to it in `symgen.sampling.processors.density`.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from symgen.checks import one_of
from symgen.controls.base import Rows
from symgen.controls.scalar import Windowed
from symgen.controls.timeline import Timeline
from symgen.encodings.base import Encoding
from symgen.types import Floats

FORMS = ("number", "bins")
BINS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)


@dataclasses.dataclass(frozen=True)
class Density(Windowed):
    """Columns: presence, log2(1 + density) and its knots; of `bins` the bin (one-hot)."""

    form: str = "number"

    name: ClassVar[str] = "density"
    unit: ClassVar[str] = "notes per second"
    low: ClassVar[float] = 0.0
    high: ClassVar[float] = 50.0
    above: ClassVar[bool] = True
    tolerance: ClassVar[float | None] = 0.25
    relative: ClassVar[bool] = True
    # fmt: off
    knots: ClassVar[tuple[float, ...]] = (
        0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 26, 34, 48, 64,
    )
    # fmt: on

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("controls.form =", self.form, FORMS)

    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]`, as note_seq's NoteDensityPerformanceControlSignal."""
        window = round(self.window * line.rate)
        count = line.before()
        steps = np.minimum(line.time[-1] - line.time[:-1], window)
        onsets = count[line.until(self.window)] - count[:-1]
        out = np.zeros(line.moments)
        np.divide(onsets * line.rate, steps, out=out, where=steps > 0)
        return out

    def overall(self, line: Timeline) -> float:
        """Return the onsets over the length."""
        return len(line.onset) / line.seconds if line.seconds else np.nan

    def scale(self, values: npt.ArrayLike) -> Floats:
        """Return log2(1 + density)."""
        return np.log2(1 + np.asarray(values, np.float64))

    def width(self, encoding: Encoding) -> int:
        """Return the number of columns."""
        return 2 + len(BINS) if self.form == "bins" else super().width(encoding)

    def code(self, values: Floats) -> Rows:
        """Return float32 `[n, width]`."""
        if self.form == "number":
            return super().code(values)
        out = np.zeros((len(values), 2 + len(BINS)), np.float32)
        out[:, 0] = 1
        out[np.arange(len(values)), 1 + np.searchsorted(BINS, values, "right")] = 1
        return out

    def about(self) -> str:
        """Return the unit, the range, the window and the bins."""
        text = f"{super().about()}, over the next {self.window:g} s"
        if self.form == "number":
            return text
        return f"{text}, in bins up to {', '.join(f'{b:g}' for b in BINS)} and beyond"
