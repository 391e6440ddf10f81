"""A tone of one voice only, read on and on: its pitch is bent, or it leaves its loop when the key
is released, so that no other note can share it.
"""

from __future__ import annotations

import math

import numpy as np

from symgen.rendering.soundfont.envelope import Wave, glide
from symgen.rendering.soundfont.moves import Ramp, follow
from symgen.rendering.soundfont.tone import SINGLE, Voicebox, window
from symgen.types import Floats


class Flow:
    """Reads a region on `key` from a frame on. Frames that were read stay as they are."""

    def __init__(self, box: Voicebox, key: int, cutoff: float, first: int) -> None:
        self.box, self.key, self.cutoff = box, key, cutoff
        self.filters = box.filters(cutoff)
        self.begin = box.needed(first, 1)[0] if self.filters else first
        self.raw = np.zeros(0, SINGLE)  # from frame `begin` on
        self.leave = math.inf  # the place at which the loop is left
        self.place = self._start()

    def wave(self, first: int, count: int, held: int, bends: list[Ramp]) -> Wave:
        """Return `count` frames from frame `first` on, which is never less than before.

        `held` is the frame of the release, `bends` are in cents and frames of the note.
        """
        begin, end = self.box.needed(first, count) if self.filters else (first, first + count)
        begin = min(begin, self.begin + len(self.raw))
        self.raw = self.raw[begin - self.begin :]
        self.begin = begin
        missing = end - begin - len(self.raw)
        if missing > 0:
            self.raw = np.concatenate(
                [self.raw, self._more(begin + len(self.raw), missing, held, bends)]
            )
        if not self.filters:
            return self.raw[first - begin : first - begin + count]
        out = self.box.filtered(self.raw[: end - begin], begin, self.key, self.cutoff)
        return out[first - begin : first - begin + count]

    def _start(self) -> float:
        """Return the place in the table at which frame `begin` is read without bends."""
        region, step = self.box.region, self.box.step(self.key)
        if not region.bend:
            return self.begin * step
        return float(self._steps(0, self.begin, []).sum())

    def _steps(self, first: int, count: int, bends: list[Ramp]) -> Floats:
        """Return how far each frame moves in the table."""
        region, rate = self.box.region, self.box.rate
        cents = np.zeros(count)
        if region.bend:
            seconds = np.arange(first, first + count) / rate
            cents += region.bend * glide(region.modulation(self.key), seconds)
        if bends:
            cents += follow(bends, first, count, rate)
        steps: Floats = self.box.step(self.key) * np.exp2(cents / 1200)
        return steps

    def _more(self, first: int, count: int, held: int, bends: list[Ramp]) -> Wave:
        """Read on."""
        if bends or self.box.region.bend:
            steps = self._steps(first, count, bends)
            places = np.cumsum(steps)
            following = self.place + float(places[-1])
            places += self.place - steps
        else:
            step = self.box.step(self.key)
            places = np.arange(first, first + count, dtype=np.float64) * step
            following = (first + count) * step
        if self.box.region.leaves_loop and math.isinf(self.leave) and held < first + count:
            self.leave = float(places[max(held - first, 0)])
        self.place = following
        out = np.empty(count, SINGLE)
        self.box.read(places, self.leave, out)
        return out


def ahead(rate: int) -> int:
    """Return how many frames after those that are wanted are read for the filter."""
    return window(rate)
