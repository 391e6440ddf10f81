"""The meter as a control: where in the bar the next step lies, in what meter, and how many bars are left.

It needs a context with `bars` (see `symgen.encodings.melody_chords.encoding`): triples of a step that begins a bar, numerator and
denominator. Bars go on from there until the next triple; what lies before the first is the end of a bar (a pickup).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.controls.base import Control, Rows, steps_before
from symgen.encodings.base import Encoding, Events

Ints = npt.NDArray[np.int64]

PLACES = 24  # sixteenths of a bar that have a column; later ones have none but the share of the bar
METERS = (
    (4, 4),
    (2, 2),
    (2, 4),
    (3, 4),
    (6, 8),
    (9, 8),
    (12, 8),
    (3, 2),
    (3, 8),
    (6, 4),
)  # and one column for all others
STRENGTHS = 5  # bar line, middle of the bar, beat, half or third of a beat, anything else
LAST = 4  # bars at the end that have a column each
WIDTH = 1 + PLACES + 2 + STRENGTHS + len(METERS) + 1 + 1 + 4 + 8 + LAST


class Place(NamedTuple):
    """Where steps lie: the bar (0 the first whole one), the place in it and its length in steps, the meter, and the bar of the end."""

    bar: Ints  # [steps]
    place: npt.NDArray[np.float64]  # [steps], at least 0 and less than length
    length: npt.NDArray[np.float64]  # [steps]
    numerator: Ints  # [steps]
    denominator: Ints  # [steps]
    last: int  # the bar that the last step of the piece lies in


@dataclasses.dataclass(frozen=True)
class Meter(Control):
    """Columns: presence, place in sixteenths (one-hot), share inside the sixteenth, share of the bar, strength of the place
    (one-hot), meter (one-hot), share of the bars that are left, and one-hots of their count modulo 4, modulo 8, and up to 3."""

    name: ClassVar[str] = "meter"

    def about(self) -> str:
        """Return in a line what it tells."""
        return "where in the bar the next step lies, in what meter, and how many bars are left"

    def width(self, encoding: Encoding) -> int:
        """Return the number of columns."""
        return WIDTH

    def compute(
        self, encoding: Encoding, events: Events, context: Mapping[str, Any], outline: Any = None
    ) -> Rows:
        """Return float32 `[steps, width]`; all zero where the context has no `bars`."""
        steps = steps_before(encoding, events)
        if not context.get("bars") or not (grid := encoding.steps_per_quarter):
            return np.zeros((len(steps), WIDTH), np.float32)
        return columns(
            places(steps, context["bars"], int(context.get("steps", len(steps))), grid), grid
        )


def places(steps: Ints, bars: list[int], total: int, grid: int) -> Place:
    """Return where `steps` lie in the bars of a piece of `total` steps, `grid` of them a quarter note."""
    begin, numerator, denominator = np.asarray(bars, np.int64).reshape(-1, 3).T
    whole = 4 * grid * numerator  # of a bar, in steps times its denominator
    counts = -(-np.diff(begin) * denominator[:-1] // whole[:-1])
    first = np.concatenate([[0], np.cumsum(counts)])

    def bar_of(step: Ints) -> tuple[Ints, Ints, Ints]:
        row = np.maximum(np.searchsorted(begin, step, "right") - 1, 0)
        bar, rest = np.divmod((step - begin[row]) * denominator[row], whole[row])
        return row, first[row] + bar, rest

    row, bar, rest = bar_of(steps)
    last = int(bar_of(np.array([max(total - 1, 0)]))[1][0])
    return Place(
        bar,
        rest / denominator[row],
        whole[row] / denominator[row],
        numerator[row],
        denominator[row],
        last,
    )


def columns(at: Place, grid: int) -> Rows:
    """Return the columns for places on a grid of `grid` steps a quarter note."""
    sixteenth = at.place * 4 / grid
    kinds = np.full(len(at.bar), len(METERS))
    for k, (numerator, denominator) in enumerate(METERS):
        kinds[(at.numerator == numerator) & (at.denominator == denominator)] = k
    left = np.maximum(at.last - at.bar, 0)
    parts: list[npt.NDArray[Any]] = [
        np.ones((len(at.bar), 1)),
        _one_hot(np.floor(sixteenth).astype(np.int64), PLACES),
        (sixteenth % 1)[:, None],
        (at.place / at.length)[:, None],
        _one_hot(_strength(at, grid), STRENGTHS),
        _one_hot(kinds, len(METERS) + 1),
        (left / (max(at.last, 0) + 1))[:, None],
        _one_hot(left % 4, 4),
        _one_hot(left % 8, 8),
        _one_hot(left, LAST),
    ]
    return np.concatenate(parts, axis=1, dtype=np.float32)


def _strength(at: Place, grid: int) -> Ints:
    """Return 0 at the bar line, 1 in the middle of a bar of two halves, 2 on a beat, 3 on its half or third, 4 elsewhere."""
    compound = (at.numerator % 3 == 0) & (at.numerator > 3)
    beat = 4 * grid / at.denominator * np.where(compound, 3, 1)
    part = np.where(compound, beat / 3, beat / 2)
    beats = np.where(compound, at.numerator // 3, at.numerator)
    middle = (at.place * 2 == at.length) & (beats % 2 == 0)
    conditions: list[npt.NDArray[np.bool_]] = [
        at.place == 0,
        middle,
        at.place % beat == 0,
        at.place % part == 0,
    ]
    found: Ints = np.select(conditions, [0, 1, 2, 3], 4)
    return found


def _one_hot(values: Ints, size: int) -> npt.NDArray[np.float32]:
    """Return float32 `[n, size]`; a row of zeros for a value of `size` or more."""
    return np.asarray(values[:, None] == np.arange(size), np.float32)
