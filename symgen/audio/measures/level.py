"""Peak, mean level, clipping, silence and offset of a recording."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from symgen.audio.measures.base import Measure
from symgen.audio.reading import Sound

SILENT = -60.0  # dBFS: a stretch of WINDOW seconds is silent below it
WINDOW = 0.05
FULL = 0.9985  # of full scale: 16-bit values from 32,719 on
RUN = 3  # values in a row at full scale that count as clipped


class Level(Measure):
    """What the values of a recording tell.

    `peak` and `rms` in dBFS; `clipped`: places where at least 3 values in a row of a channel are at
    full scale; `silence`: the share of the time below -60 dBFS, `lead` and `tail` the seconds of it
    at both ends; `offset`: the mean value; `same`: whether all channels are equal.
    """

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self.frames = self.clipped = 0
        self.peak = self.squares = self.total = 0.0
        self.hop = max(1, round(WINDOW * rate))
        self.rest = np.zeros((0, channels), np.float32)
        self.last = np.zeros((RUN, channels), np.bool_)  # of the values before the block
        self.quiet = list[bool]()
        self.same = channels > 1

    def feed(self, block: Sound) -> None:
        """Take the next block."""
        self.frames += len(block)
        self.peak = max(self.peak, float(block.max(initial=0)), -float(block.min(initial=0)))
        self.squares += float(np.vdot(block, block))
        self.total += float(block.sum(dtype=np.float64))
        self.same = self.same and bool((block[:, :1] == block).all())
        self._clip(block)
        joined = np.concatenate([self.rest, block])
        count = len(joined) // self.hop
        self.rest = joined[count * self.hop :]
        parts = joined[: count * self.hop].reshape(count, self.hop * self.channels)
        power = np.einsum("nf,nf->n", parts, parts) / max(parts.shape[1], 1)
        self.quiet += (power < 10 ** (SILENT / 10)).tolist()

    def _clip(self, block: Sound) -> None:
        """Count where a run of values at full scale reaches the length RUN."""
        if self.peak < FULL:
            self.last[:] = False
            return
        full = np.concatenate([self.last, np.abs(block) >= FULL])
        self.last = full[len(full) - RUN :]
        # a run is counted at its third value, if there is one, and not at the later ones
        runs = full[2:] & full[1:-1] & full[:-2]
        self.clipped += int((runs[1:] & ~runs[:-1]).sum())

    def result(self) -> dict[str, Any]:
        """Return the figures."""
        values = max(self.frames * self.channels, 1)
        lead, tail = _ends(self.quiet)
        return {
            "seconds": round(self.frames / self.frames_per_second, 3),
            "peak": decibels(self.peak),
            "rms": decibels(math.sqrt(self.squares / values)),
            "clipped": self.clipped,
            "silence": round(sum(self.quiet) / max(len(self.quiet), 1), 4),
            "lead": round(lead * WINDOW, 2),
            "tail": round(tail * WINDOW, 2),
            "offset": round(self.total / values, 5),
            "same": self.same,
        }


def _ends(quiet: list[bool]) -> tuple[int, int]:
    """Return how many windows are silent at the beginning and at the end."""
    if False not in quiet:
        return len(quiet), len(quiet)
    return quiet.index(False), quiet[::-1].index(False)


def decibels(value: float) -> float | None:
    """Return an amplitude in dBFS; None for silence."""
    return round(20 * math.log10(value), 2) if value > 1e-10 else None
