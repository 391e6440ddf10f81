"""Meter: where in the bar the next step is, in what meter, and how many bars are left.

It needs a context with `bars` (see `symgen.encodings.melody_chords.encoding`): triples of a step
that begins a bar, numerator and denominator. Bars follow from there until the next triple. What
comes before the first one is the end of a bar (a pickup).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np

from symgen.controls.base import Control, Rows, steps_before
from symgen.encodings.base import Encoding, Events
from symgen.types import Array, Bools, Floats, Floats32, Ints

PLACES = 24  # sixteenths of a bar that have a column; later ones only have the share of the bar
# fmt: off
METERS = (  # and one column for all others
    (4, 4), (2, 2), (2, 4), (3, 4), (6, 8), (9, 8), (12, 8), (3, 2), (3, 8), (6, 4),
)
# fmt: on
STRENGTHS = 5  # bar line, middle of the bar, beat, half or third of a beat, anything else
LAST = 4  # bars at the end that have a column each
WIDTH = 1 + PLACES + 2 + STRENGTHS + len(METERS) + 1 + 1 + 4 + 8 + LAST


class Place(NamedTuple):
    """Where steps are in the bars of a piece; arrays have one entry for each step."""

    bar: Ints  # 0 is the first whole bar
    place: Floats  # steps from the beginning of the bar
    length: Floats  # of the bar in steps
    numerator: Ints
    denominator: Ints
    last: int  # the bar of the last step of the piece


@dataclasses.dataclass(frozen=True)
class Meter(Control):
    """Columns: presence, and where the step is in its bar and in the piece.

    These are the place in sixteenths (one-hot), the share inside the sixteenth, the share of the
    bar, the strength of the place (one-hot), the meter (one-hot), the share of the bars that are
    left, and one-hots of their number modulo 4, modulo 8, and up to 3.
    """

    name: ClassVar[str] = "meter"

    def about(self) -> str:
        """Return one line for people."""
        return "where in the bar the next step is, in what meter, and how many bars are left"

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
        total = int(context.get("steps", len(steps)))
        return columns(places(steps, context["bars"], total, grid), grid)


def places(steps: Ints, bars: list[int], total: int, grid: int) -> Place:
    """Return where `steps` are in a piece of `total` steps, `grid` of which make a quarter note."""
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
    """Return the columns for places on a grid of `grid` steps per quarter note."""
    sixteenth = at.place * 4 / grid
    kinds = np.full(len(at.bar), len(METERS))
    for k, (numerator, denominator) in enumerate(METERS):
        kinds[(at.numerator == numerator) & (at.denominator == denominator)] = k
    left = np.maximum(at.last - at.bar, 0)
    parts: list[Array] = [
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
    """Return how strong each place is, from 0 to 4.

    0 is the bar line, 1 the middle of an even bar, 2 a beat, 3 the half or third of a beat.
    """
    compound = (at.numerator % 3 == 0) & (at.numerator > 3)
    beat = 4 * grid / at.denominator * np.where(compound, 3, 1)
    part = np.where(compound, beat / 3, beat / 2)
    beats = np.where(compound, at.numerator // 3, at.numerator)
    middle = (at.place * 2 == at.length) & (beats % 2 == 0)
    conditions: list[Bools] = [
        at.place == 0,
        middle,
        at.place % beat == 0,
        at.place % part == 0,
    ]
    found: Ints = np.select(conditions, [0, 1, 2, 3], 4)
    return found


def _one_hot(values: Ints, size: int) -> Floats32:
    """Return float32 `[n, size]`; a row of zeros for a value of `size` or more."""
    return np.asarray(values[:, None] == np.arange(size), np.float32)
