"""A voice while it sounds: one region of the soundfont for one note. Times are in frames."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from symgen.rendering.soundfont.envelope import NEVER, Wave, ramp
from symgen.rendering.soundfont.live.flow import Flow
from symgen.rendering.soundfont.live.sampler import SEGMENT, Sampler
from symgen.rendering.soundfont.moves import Ramp, follow, moved
from symgen.rendering.soundfont.tone import frames
from symgen.rendering.soundfont.voices import Part

Sides = tuple[float, float]
"""Levels on the left and on the right."""


class Sounding:
    """A voice that began at frame `start`; it is held until `let_go` says when it was released."""

    def __init__(
        self, sampler: Sampler, part: Part, key: int, start: int, instrument: int, levels: Sides
    ) -> None:
        self.sampler, self.part, self.key, self.start = sampler, part, key, start
        self.instrument = instrument
        self.held = NEVER
        self.ended: int | None = None  # from where it fades out, in frames of the piece
        self.rival: int | None = None  # where the next voice of its exclusive class begins
        self.levels = [[Ramp(0, level, level)] for level in levels]
        self.bends: list[Ramp] = []
        self.lowest = 0.0
        self.flow: Flow | None = None
        self._limit()

    def __deepcopy__(self, memo: dict[int, Any]) -> Sounding:
        """Return another voice that goes on from here."""
        other = copy.copy(self)
        memo[id(self)] = other
        other.levels = [ramps.copy() for ramps in self.levels]
        other.bends = self.bends.copy()
        other.flow = copy.copy(self.flow)  # what it has read is replaced, never changed
        return other

    @property
    def exclusive(self) -> tuple[int, int] | None:
        """The instrument and the class in which a new note ends the previous one."""
        number = self.part.region.exclusive
        return (self.instrument, number) if number else None

    def let_go(self, frame: int) -> None:
        """Release the key at `frame` of the piece."""
        self.held = max(frame - self.start, 1)
        self._limit()

    def _limit(self) -> None:
        """Set how long it sounds."""
        ends = self.part.contour.end(self.held)
        lasts = frames(self.part.region, self.key, self.sampler.rate, self.held)
        self.length = math.ceil(min(ends, lasts * 2 ** (-self.lowest / 1200)))

    def move(self, frame: int, levels: Sides) -> None:
        """Move to other levels from `frame` of the piece on."""
        at = frame - self.start
        for ramps, level in zip(self.levels, levels, strict=True):
            if at <= 0:
                ramps[:] = [Ramp(0, level, level)]
            else:
                moved(ramps, at, level, self.sampler.rate)

    def bend(self, frame: int, cents: float) -> None:
        """Bend the pitch by `cents` from `frame` of the piece on."""
        at = frame - self.start
        if at >= self.length:
            return
        if at <= 0:
            self.bends = [Ramp(0, cents, cents)] if cents else []
        else:
            self.bends = self.bends or [Ramp(0, 0.0, 0.0)]
            moved(self.bends, at, cents, self.sampler.rate)
        self.lowest = min(self.lowest, cents)
        self._limit()

    def fade(self, frame: int) -> None:
        """Fade it out from `frame` of the piece on, if it sounds then."""
        self.ended = frame if self.ended is None else min(frame, self.ended)

    def settle(self, before: int, cut: int) -> None:
        """Fade out where a rival begins before the frame `before`, if it sounds so long."""
        if self.rival is not None and self.rival < before:
            if self.rival + cut < self.start + self.length:
                self.fade(self.rival)
            self.rival = NEVER

    def drop(self, frame: int) -> None:
        """Take it back if it begins at `frame`, as if it had not been played."""
        if self.start >= frame:
            self.ended = -NEVER

    def end(self, cut: int) -> int:
        """Return the frame of the piece from which it is silent; fading out takes `cut` frames."""
        if self.ended is None:
            return self.start + self.length
        return min(self.start + self.length, self.ended + cut)

    def loudness(self, frame: int) -> float:
        """Return about how loud it is at `frame` of the piece."""
        level = self.part.contour.at(min(frame - self.start, self.held))
        after = max(frame - self.start - self.held, 0)
        sides = sum(ramps[-1].end for ramps in self.levels)
        return sides * level * math.exp(-self.part.contour.release * after)

    def write(self, out: Wave, first: int, cut: int) -> None:
        """Write the sound, without its levels, from its frame `first` on."""
        self._tone(out, first)
        self.part.contour.shape(out, first, self.held)
        if self.ended is None:
            return
        fading = self.ended - self.start - first
        if fading < len(out):
            since = max(fading, 0)
            out[since:] *= 1 - ramp(since, len(out), fading, fading + cut)

    def sides(self, first: int, count: int) -> tuple[Wave, Wave] | Sides:
        """Return the levels at `count` frames from its frame `first` on; numbers if they stay."""
        left, right = self.levels
        if len(left) > 1 or left[0].begin != left[0].end or right[0].begin != right[0].end:
            for ramps in self.levels:
                self._forget(ramps, first)
        if len(left) == len(right) == 1 and all(r.begin == r.end for r in (left[0], right[0])):
            return left[0].end, right[0].end
        both = (follow(ramps, first, count, self.sampler.rate) for ramps in self.levels)
        one, other = (np.asarray(levels, np.float32) for levels in both)
        return one, other

    def _forget(self, ramps: list[Ramp], first: int) -> None:
        """Drop the moves that another has followed before its frame `first`."""
        while len(ramps) > 1 and ramps[1].at <= first:
            del ramps[0]
        if ramps[0].value(max(first, ramps[0].at), self.sampler.rate) == ramps[0].end:
            ramps[0] = ramps[0]._replace(begin=ramps[0].end)

    def _tone(self, out: Wave, first: int) -> None:
        """Write the tone before its envelope."""
        part, sampler = self.part, self.sampler
        if self.flow is None and (part.region.leaves_loop or self.bends):
            self.flow = Flow(sampler.box(part.number), self.key, part.cutoff, first)
        if self.flow is not None:
            out[:] = self.flow.wave(first, len(out), self.held, self.bends)
            self._forget_bends()
            return
        done = 0
        while done < len(out):
            number, begin = divmod(first + done, SEGMENT)
            count = min(SEGMENT - begin, len(out) - done)
            wave = sampler.segment(part.number, self.key, part.cutoff, number)
            out[done : done + count] = wave[begin : begin + count]
            done += count

    def _forget_bends(self) -> None:
        """Drop the bends before what has been read."""
        flow = self.flow
        if flow is not None and self.bends:
            read = flow.begin + len(flow.raw)
            while len(self.bends) > 1 and self.bends[1].at <= read:
                del self.bends[0]
