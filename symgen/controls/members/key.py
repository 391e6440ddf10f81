"""Key: the share of the sounding time inside the scale of a key, both sixths and sevenths in minor.

A model is not trained with keys. It gets a key as a pitch histogram: the one that 5 seconds of real
music in that key have (`symgen.notes.theory.profiles`). So a key conditions every model that was
trained with `pitch_histogram`.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from symgen.controls.base import Rows
from symgen.controls.members.pitch_histogram import CLASSES, PitchHistogram
from symgen.controls.schedule import Schedule
from symgen.controls.timeline import Timeline
from symgen.encodings.base import Encoding
from symgen.notes.theory.profiles import window
from symgen.notes.theory.scales import STEPS, scale


@dataclasses.dataclass(frozen=True)
class Key(PitchHistogram):
    """Columns: those of the pitch histogram."""

    name: ClassVar[str] = "key"
    unit: ClassVar[str] = ""
    carrier: ClassVar[str] = "pitch_histogram"
    tolerance: ClassVar[float | None] = 0.05

    def about(self) -> str:
        """Return how keys are written."""
        return "a tonic and a mode, such as C, Am, F# minor or D dorian"

    def read(self, value: Any) -> str:
        """Return the full name of a key, such as A minor for Am; BadOption if it is not one."""
        return scale(value).name

    def encode(self, encoding: Encoding, value: Any) -> Rows:
        """Return float32 `[13]`: the histogram of music in the key `value`."""
        return self.columns(window(scale(value)).tolist())

    def measure(self, line: Timeline, target: Schedule | None = None) -> float | None:
        """Return the share of the sounding time in the key of that time; 1 where nothing sounds."""
        if target is None:
            return None
        begin = line.time[line.begin]
        end = line.time[line.end]
        outside = whole = 0.0
        edges = [*(time * line.rate for time in target.times), np.inf]
        for since, until, name in zip(edges, edges[1:], target.values, strict=False):
            lasts = np.clip(np.minimum(end, until) - np.maximum(begin, since), 0, None)
            out = ~scale(name).mask[line.pitch % CLASSES]
            outside = outside + float(lasts[out].sum())
            whole = whole + float(lasts.sum())
        return 1 - outside / whole if whole else 1.0

    def error(self, target: Any, measured: Any) -> float:
        """Return the share of the sounding time outside the key, where 1 is the tolerance."""
        return float(1 - measured) / float(self.tolerance or 1)

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of a key's name."""
        modes = "|".join(STEPS)
        return {
            "type": "string",
            "pattern": f"^[A-Ga-g][#b]{{0,2}}(m| ({modes}))?$",
            "examples": ["C", "Am", "F# minor", "D dorian"],
        }
