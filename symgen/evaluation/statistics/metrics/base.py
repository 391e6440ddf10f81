"""What a metric is: one number, or one array of fixed shape, told of a piece.

The class's docstring is the definition, with its unit and its source. `version` goes up when a definition changes, and is
written into every result, so that figures of different definitions are not compared.
"""

from __future__ import annotations

import abc
from typing import Any, ClassVar, Literal, final

import numpy as np
import numpy.typing as npt

from symgen.evaluation.statistics.metrics.view import View
from symgen.notes.sequence import NoteSequence

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Kind = Literal["scalar", "histogram", "matrix"]


class Metric(abc.ABC):
    """A figure of a piece. A scalar has shape (), a histogram (n,), a matrix (n, n); `bins` names the n places.

    Drums count only where a definition says so. Notes last as long as the sequence has them: the pedal is applied before
    (`notes.pedal.sustain`) or not at all.
    """

    name: ClassVar[str]
    unit: ClassVar[str]
    kind: ClassVar[Kind] = "scalar"
    bins: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[int] = 1

    @final
    def measure(self, sequence: NoteSequence) -> float | Floats:
        """Return the figure, a float for a scalar and else float64 of `shape`; NaN where the piece does not define it."""
        return self.of(View(sequence))

    @final
    def of(self, view: View) -> float | Floats:
        """Return the figure of a piece seen through `view`, which several metrics share."""
        value = self.value(view) if len(view) else np.nan
        return (
            float(value)
            if self.kind == "scalar"
            else np.broadcast_to(np.asarray(value, np.float64), self.shape).copy()
        )

    @abc.abstractmethod
    def value(self, view: View) -> float | Floats:
        """Return the figure of a piece that has a pitched note, or NaN."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what is measured."""
        return {"scalar": (), "histogram": (len(self.bins),), "matrix": (len(self.bins),) * 2}[
            self.kind
        ]

    @property
    def definition(self) -> str:
        """The definition as one line."""
        return " ".join((type(self).__doc__ or "").split())


def entropy(counts: Array) -> float:
    """Return the entropy in bits of the distribution that `counts` `[n]` make; their sum is above 0."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def shares(counts: Array) -> Floats:
    """Return float64 of the shape of `counts`, summing to 1; NaN throughout where there is nothing to share."""
    total = counts.sum()
    return np.asarray(counts / total if total else np.full(counts.shape, np.nan), np.float64)
