"""The metric contract: one number, or one array of fixed shape, measured on a piece.

The docstring of the class is the definition, with its unit and its source. Raise `version` when a
definition changes. It is written into every result, so that values of different definitions are
not compared.
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
Theme = Literal["pitch", "intervals", "harmony", "rhythm", "structure", "texture", "velocity"]

THEMES: tuple[Theme, ...] = (
    "pitch",
    "intervals",
    "harmony",
    "rhythm",
    "structure",
    "texture",
    "velocity",
)


class Metric(abc.ABC):
    """A measure of a piece.

    A scalar has shape (), a histogram (n,) and a matrix (n, n); `bins` names the n places.
    Drums count only where the definition says so. Notes last as long as the sequence says. To
    include the sustain pedal, apply `notes.pedal.sustain` first.
    """

    name: ClassVar[str]
    theme: ClassVar[Theme]
    unit: ClassVar[str]
    kind: ClassVar[Kind] = "scalar"
    bins: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[int] = 1

    @final
    def measure(self, sequence: NoteSequence) -> float | Floats:
        """Return a float for a scalar, otherwise float64 of `shape`; NaN where undefined."""
        return self.of(View(sequence))

    @final
    def of(self, view: View) -> float | Floats:
        """Return the value for a piece seen through `view`, which several metrics share."""
        value = self.value(view) if len(view) else np.nan
        if self.kind == "scalar":
            return float(value)
        return np.broadcast_to(np.asarray(value, np.float64), self.shape).copy()

    @abc.abstractmethod
    def value(self, view: View) -> float | Floats:
        """Return the value for a piece that has a pitched note, or NaN."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        size = len(self.bins)
        return {"scalar": (), "histogram": (size,), "matrix": (size, size)}[self.kind]

    @property
    def definition(self) -> str:
        """The definition on one line."""
        return " ".join((type(self).__doc__ or "").split())


def entropy(counts: Array) -> float:
    """Return the entropy in bits of the distribution of `counts` `[n]`, whose sum is above 0."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def shares(counts: Array) -> Floats:
    """Return `counts` divided by their sum, as float64; NaN throughout where the sum is 0."""
    total = counts.sum()
    return np.asarray(counts / total if total else np.full(counts.shape, np.nan), np.float64)
