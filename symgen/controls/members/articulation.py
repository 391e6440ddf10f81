"""Articulation: how long notes last beside the time to the next onset; 0.5 is staccato, 1 legato.

For each note it is the length over the inter-onset interval: the time to the next onset of the
piece, in any voice. The value is the median of the notes that begin in the next 3 seconds. Notes
last as long as they are held, by the pedal too where the encoding has it.

The ratio is that of Bresin and Battel ("Articulation Strategies in Expressive Piano Performance",
Journal of New Music Research 29, 2000), who measure it for two notes in a row: 1 plus their key
overlap ratio, or 1 minus their key detached ratio. Here it is counted in music of many voices:

    onsets up to 0.05 s apart are one chord, whose notes share the next onset
    a note with no onset in the 2 s after it ends a phrase, and does not count
    ratios are rounded to an eighth of an octave, from 1/8 to 8, so that medians are counts
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from symgen.controls.scalar import Windowed
from symgen.controls.timeline import Timeline
from symgen.types import Array, Floats, Ints

LONGEST_GAP = 2.0  # seconds
PER_OCTAVE = 8
LEVELS = 6 * PER_OCTAVE + 1  # ratios from 1/8 to 8


@dataclasses.dataclass(frozen=True)
class Articulation(Windowed):
    """Columns: presence, log2 of the ratio, and its knots."""

    name: ClassVar[str] = "articulation"
    unit: ClassVar[str] = "note length over the time to the next onset"
    low: ClassVar[float] = 0.125
    high: ClassVar[float] = 8.0
    tolerance: ClassVar[float | None] = 0.25
    relative: ClassVar[bool] = True
    # fmt: off
    knots: ClassVar[tuple[float, ...]] = (
        0.125, 0.18, 0.25, 0.35, 0.5, 0.6, 0.7, 0.85, 1, 1.2, 1.4, 2, 2.8, 4, 5.6, 8,
    )
    # fmt: on

    def values(self, line: Timeline) -> Floats:
        """Return float64 `[moments]`."""
        before = _before(line)
        return _median(before[line.until(self.window)] - before[:-1])

    def overall(self, line: Timeline) -> float:
        """Return the median of all notes."""
        return float(_median(_before(line)[-1:])[0])

    def scale(self, values: npt.ArrayLike) -> Floats:
        """Return log2 of the ratio."""
        return np.log2(np.asarray(values, np.float64))


def _before(line: Timeline) -> Ints:
    """Return `[G + 1, LEVELS]`: the number of onsets with each ratio before each moment."""
    counted = (line.gap > 0) & (line.gap <= LONGEST_GAP * line.rate)
    ratio = np.maximum(line.length[counted], 1) / line.gap[counted]
    middle = LEVELS // 2
    steps = np.rint(PER_OCTAVE * np.log2(ratio))
    level = np.clip(steps, -middle, middle).astype(np.int64) + middle
    places = (line.onset[counted] + 1) * LEVELS + level
    counts = np.bincount(places, minlength=(line.moments + 1) * LEVELS)
    return np.cumsum(counts.reshape(-1, LEVELS), axis=0)


def _median(counts: Array) -> Floats:
    """Return float64 `[n]`: the median ratio for counts `[n, LEVELS]`; NaN where there are none."""
    upto = np.cumsum(counts, axis=1)
    total = upto[:, -1:]
    lower = (2 * upto >= total).argmax(axis=1)
    upper = (2 * upto > total).argmax(axis=1)
    ratio = 2 ** (((lower + upper) / 2 - LEVELS // 2) / PER_OCTAVE)
    return np.where(total[:, 0] > 0, ratio, np.nan)
