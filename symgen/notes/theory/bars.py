"""Meters, bars and tempo as a user gives them: `6/8` and 110.

They become bars in steps of a grid, and quarter notes per minute. A tempo counts beats of the
meter: dotted notes in compound meters (6/8, 9/8, 12/8 and 3/8), half notes in 2/2 and 3/2, else
quarter notes. `3/8=110` counts any note, as in ABC.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from symgen.checks import number
from symgen.errors import BadOption
from symgen.notes.theory import meter as meters
from symgen.types import Bools

NAMES = {
    Fraction(1, 2): "half note",
    Fraction(1, 4): "quarter note",
    Fraction(1, 8): "eighth note",
    Fraction(3, 4): "dotted half note",
    Fraction(3, 8): "dotted quarter note",
    Fraction(3, 16): "dotted eighth note",
}
SLOWEST, FASTEST = 10.0, 600.0  # beats per minute, and quarter notes per minute


class Meter(NamedTuple):
    """Beats per bar and the note of one beat, as they are written."""

    numerator: int
    denominator: int

    @property
    def name(self) -> str:
        """As it is written, such as 6/8."""
        return f"{self.numerator}/{self.denominator}"

    @property
    def compound(self) -> bool:
        """Whether three written beats make one beat of the tempo."""
        return meters.compound(*self)

    @property
    def beat(self) -> Fraction:
        """The note that a tempo counts, as a share of a whole note."""
        return meters.beat(*self)

    @property
    def change(self) -> Fraction:
        """The note on which chords may change, as a share of a whole note.

        It is the dotted note in compound meters, else the written beat, at most a quarter note.
        """
        if self.compound and self.numerator > 3:
            return Fraction(3, self.denominator)
        return min(Fraction(1, 4), Fraction(1, self.denominator))

    def bar(self, grid: int) -> int:
        """Return the steps of a bar, `grid` per quarter note; BadOption if they are not whole."""
        steps = Fraction(4 * grid * self.numerator, self.denominator)
        if steps.denominator != 1:
            raise BadOption(
                f"meter {self.name}: a bar has {float(steps):g} steps on a grid of {grid} "
                "per quarter note; use another meter"
            )
        return int(steps)

    def strong(self, grid: int) -> int:
        """Return the latest step of the last bar on which the last note may begin.

        It is the middle of the bar in 4/4, 2/2, 6/8 and 12/8, else its first step.
        """
        beats = self.numerator // 3 if self.compound else self.numerator
        halves = beats == 4 or (beats == 2 and (self.compound or self.denominator == 2))
        return self.bar(grid) // 2 if halves else 0


class Bar(NamedTuple):
    """One bar: its first step, the step after its last, and its meter."""

    start: int
    stop: int
    meter: Meter


def meter(text: str) -> Meter:
    """Return the meter that `text` names; BadOption shows how meters are written."""
    plain = {"C": "4/4", "C|": "2/2"}.get(str(text).strip(), str(text).strip())
    found = re.fullmatch(r"(\d{1,2})\s*/\s*(\d{1,2})", plain)
    if not found or not 1 <= int(found[1]) <= 32 or int(found[2]) not in (1, 2, 4, 8, 16, 32):
        raise BadOption(
            f"meter {text!r}: expected beats per bar, up to 32, over 1, 2, 4, 8, 16 or 32, "
            "such as 4/4, 3/4 or 6/8"
        )
    return Meter(int(found[1]), int(found[2]))


class Tempo(NamedTuple):
    """`rate` notes per minute of the length `note`, a share of a whole note."""

    note: Fraction
    rate: float

    @property
    def qpm(self) -> float:
        """Quarter notes per minute."""
        return float(4 * self.note) * self.rate

    @property
    def text(self) -> str:
        """As ABC writes it, such as 3/8=110."""
        return f"{self.note.numerator}/{self.note.denominator}={self.rate:g}"

    def __str__(self) -> str:
        return f"{NAMES.get(self.note, self.text.split('=')[0] + ' note')} = {self.rate:g}"


def tempo(text: str | float, of: Meter) -> Tempo:
    """Return the tempo that `text` means: beats of the meter `of` per minute, or 3/8=110.

    BadOption names the limits.
    """
    note, count = of.beat, text
    if isinstance(text, str):
        found = re.fullmatch(r"\s*(?:(\d{1,2})\s*/\s*(\d{1,2})\s*=)?\s*(\d+(?:\.\d+)?)\s*", text)
        if not found or (found[1] and not int(found[1]) * int(found[2])):
            raise BadOption(
                f"tempo {text!r}: expected beats per minute, such as 110, "
                "or a note and its count, such as 3/8=110"
            )
        note = Fraction(int(found[1]), int(found[2])) if found[1] else note
        count = float(found[3])
    made = Tempo(note, number("tempo", count, SLOWEST, FASTEST))
    number(f"tempo {made.text} in quarter notes per minute:", made.qpm, SLOWEST, FASTEST)
    return made


def layout(bars: Sequence[int], total: int, grid: int) -> list[Bar]:
    """Return the bars up to step `total` from triples: a step that begins a bar, and its meter.

    Bars follow from each triple until the next. A bar may be cut short by the next triple or by the
    end. A pickup before the first triple is not a bar.
    """
    rows = [tuple(bars[i : i + 3]) for i in range(0, len(bars), 3)]
    ends = [*(row[0] for row in rows[1:]), total]
    made = list[Bar]()
    for (begin, numerator, denominator), after in zip(rows, ends, strict=True):
        each = Fraction(4 * grid * numerator, denominator)
        stop = min(after, total)
        count = -int(-(stop - begin) // each)
        edges = [*(round(begin + k * each) for k in range(count)), stop]
        of = Meter(numerator, denominator)
        made += [Bar(a, b, of) for a, b in itertools.pairwise(edges)]
    return made


def changes(bars: list[Bar], total: int, grid: int) -> Bools:
    """Return bool `[total]`: the steps on which a chord may change, which are the beats.

    The beats of a pickup count back from the first bar.
    """
    out = np.zeros(total, bool)
    out[:1] = True

    def mark(start: int, stop: int, of: Meter, back: int = 1) -> None:
        beat = max(float(4 * grid * of.change), 1.0)
        out[np.arange(start, stop, back * beat).astype(np.int64)] = True

    for bar in bars:
        mark(bar.start, bar.stop, bar.meter)
    if bars:
        mark(bars[0].start, 0, bars[0].meter, back=-1)
    return out
