"""Augmentation of the training split: pieces in other keys and at other speeds, made on reading."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from symgen.errors import BadOption

OCTAVE = 12
SLOWEST, FASTEST = 0.5, 2.0


@dataclasses.dataclass(frozen=True)
class Augment:
    """How pieces are varied.

    `transpose` is the largest number of semitones up and down (0 for none). `stretch` lists the
    factors on time, of which one is drawn ([1.0] for none).
    """

    transpose: int = 3
    stretch: tuple[float, ...] = (0.95, 0.975, 1.0, 1.025, 1.05)

    def __post_init__(self) -> None:
        if not _is_count(self.transpose) or not 0 <= self.transpose <= OCTAVE:
            raise BadOption(
                f"augment.transpose = {self.transpose!r}: expected a whole number of semitones "
                f"from 0 to {OCTAVE}"
            )
        factors = self.stretch if isinstance(self.stretch, list | tuple) else ()
        if not factors or not all(map(_is_factor, factors)):
            raise BadOption(
                f"augment.stretch = {self.stretch!r}: expected a list of factors from {SLOWEST} "
                f"to {FASTEST}, such as [0.95, 1.0, 1.05]; [1.0] stretches nothing"
            )
        object.__setattr__(self, "stretch", tuple(float(f) for f in factors))

    def table(self) -> dict[str, Any]:
        """Return the options as a table, for `dataset.json` and the [augment] of a config."""
        return {"transpose": self.transpose, "stretch": list(self.stretch)}

    def factor(self, chance: float) -> float:
        """Return the factor that `chance` in [0, 1) picks; all are equally likely."""
        return self.stretch[int(chance * len(self.stretch))]

    def semitones(self, chance: float, lowest: int, highest: int) -> int:
        """Return the transposition that `chance` in [0, 1) picks.

        All pitches from `lowest` to `highest` stay within 0 to 127.
        """
        down = max(-self.transpose, -lowest)
        up = min(self.transpose, 127 - highest)
        return down + math.floor(chance * (up - down + 1))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_factor(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and SLOWEST <= value <= FASTEST
    )
