"""Meters, bars and tempo as they are asked for: `6/8`, 110 -> bars in steps of a grid and quarter notes per minute.

A tempo counts beats of the meter: dotted notes in compound meters (6/8, 9/8, 12/8 and 3/8), half notes in 2/2 and 3/2,
else quarter notes. `3/8=110` counts any note, as in ABC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.checks import number
from symgen.errors import BadOption
from symgen.notes.theory import meter as meters

Bools = npt.NDArray[np.bool_]

NAMES = {
    Fraction(1, 2): "half note",
    Fraction(1, 4): "quarter note",
    Fraction(1, 8): "eighth note",
    Fraction(3, 4): "dotted half note",
    Fraction(3, 8): "dotted quarter note",
    Fraction(3, 16): "dotted eighth note",
}
SLOWEST, FASTEST = 10.0, 600.0  # beats a minute, and quarter notes per minute


class Meter(NamedTuple):
    """Beats a bar and the note that counts one, as they are written."""

    numerator: int
    denominator: int

    @property
    def name(self) -> str:
        """As it is written, such as 6/8."""
        return f"{self.numerator}/{self.denominator}"

    @property
    def compound(self) -> bool:
        """Whether three written beats make one that is counted."""
        return meters.compound(*self)

    @property
    def beat(self) -> Fraction:
        """The note that a tempo counts, as a share of a whole note."""
        return meters.beat(*self)

    @property
    def change(self) -> Fraction:
        """The note on which chords may change: the dotted one in compound meters, else the written one, a quarter at most."""
        if self.compound and self.numerator > 3:
            return Fraction(3, self.denominator)
        return min(Fraction(1, 4), Fraction(1, self.denominator))

    def bar(self, grid: int) -> int:
        """Return the steps of a bar, `grid` of them a quarter note; BadOption where they are not whole."""
        steps = Fraction(4 * grid * self.numerator, self.denominator)
        if steps.denominator != 1:
            raise BadOption(
                f"meter {self.name}: a bar is {float(steps):g} steps of this model's grid, {grid} a quarter note; take another"
            )
        return int(steps)

    def strong(self, grid: int) -> int:
        """Return the step of the bar on which a last note comes at the latest: the middle in 4/4, 2/2, 6/8 and 12/8, else the first."""
        beats = self.numerator // 3 if self.compound else self.numerator
        halves = beats == 4 or (beats == 2 and (self.compound or self.denominator == 2))
        return self.bar(grid) // 2 if halves else 0


class Bar(NamedTuple):
    """One bar: its first step, the step after its last, and its meter."""

    start: int
    stop: int
    meter: Meter


def meter(text: str) -> Meter:
    """Read a meter; BadOption says how they are written."""
    plain = {"C": "4/4", "C|": "2/2"}.get(str(text).strip(), str(text).strip())
    found = re.fullmatch(r"(\d{1,2})\s*/\s*(\d{1,2})", plain)
    if not found or not 1 <= int(found[1]) <= 32 or int(found[2]) not in (1, 2, 4, 8, 16, 32):
        raise BadOption(
            f"meter {text!r}: expected beats a bar, to 32, over 1, 2, 4, 8, 16 or 32, such as 4/4, 3/4 or 6/8"
        )
    return Meter(int(found[1]), int(found[2]))


class Tempo(NamedTuple):
    """So many of a note (a share of a whole one) a minute."""

    note: Fraction
    rate: float  # a minute

    @property
    def qpm(self) -> float:
        """Quarter notes a minute."""
        return float(4 * self.note) * self.rate

    @property
    def text(self) -> str:
        """As ABC writes it, such as 3/8=110."""
        return f"{self.note.numerator}/{self.note.denominator}={self.rate:g}"

    def __str__(self) -> str:
        return f"{NAMES.get(self.note, self.text.split('=')[0] + ' note')} = {self.rate:g}"


def tempo(asked: str | float, of: Meter) -> Tempo:
    """Read a tempo, beats of the meter `of` a minute or a note and its count; BadOption names the limits."""
    note, count = of.beat, asked
    if isinstance(asked, str):
        found = re.fullmatch(r"\s*(?:(\d{1,2})\s*/\s*(\d{1,2})\s*=)?\s*(\d+(?:\.\d+)?)\s*", asked)
        if not found or (found[1] and not int(found[1]) * int(found[2])):
            raise BadOption(
                f"tempo {asked!r}: expected beats a minute, such as 110, or a note and its count, such as 3/8=110"
            )
        note, count = Fraction(int(found[1]), int(found[2])) if found[1] else note, float(found[3])
    made = Tempo(note, number("tempo", count, SLOWEST, FASTEST))
    number(f"tempo {made.text} in quarter notes per minute:", made.qpm, SLOWEST, FASTEST)
    return made


def layout(bars: Sequence[int], total: int, grid: int) -> list[Bar]:
    """Return the bars up to step `total` from triples of (a step that begins a bar, numerator, denominator).

    Bars go on from each triple to the next, which may cut one short; so may the end. A pickup before the first is no bar.
    """
    rows = [tuple(bars[i : i + 3]) for i in range(0, len(bars), 3)]
    made = list[Bar]()
    for (begin, numerator, denominator), after in zip(
        rows, [*(row[0] for row in rows[1:]), total], strict=True
    ):
        each = Fraction(4 * grid * numerator, denominator)
        edges = [round(begin + k * each) for k in range(-int(-(min(after, total) - begin) // each))]
        made += [
            Bar(a, b, Meter(numerator, denominator))
            for a, b in zip(edges, [*edges[1:], min(after, total)], strict=True)
        ]
    return made


def changes(bars: list[Bar], total: int, grid: int) -> Bools:
    """Return bool `[total]`: the steps on which a chord may change, the beats; those of a pickup count back from the first bar."""
    out = np.zeros(total, bool)
    out[:1] = True
    for bar in bars:
        out[
            np.arange(bar.start, bar.stop, max(float(4 * grid * bar.meter.change), 1.0)).astype(
                np.int64
            )
        ] = True
    if bars:
        out[
            np.arange(bars[0].start, 0, -max(float(4 * grid * bars[0].meter.change), 1.0)).astype(
                np.int64
            )
        ] = True
    return out
