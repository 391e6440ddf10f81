"""The tempo of a recording, from how regularly sounds begin.

The onset strength is the rise of the compressed spectrum. The tempo is the delay at which its
autocorrelation, weighted towards 120 beats a minute, is greatest (Ellis, Beat Tracking by Dynamic
Programming, Journal of New Music Research 36, 2007). Half and double tempo are often taken for each
other, by people too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from symgen.audio.measures.base import Measure
from symgen.audio.measures.frames import Frames
from symgen.audio.reading import Sound
from symgen.types import Floats

SIZE, HOP = 512, 128
BANDS = 32
SLOWEST, FASTEST = 30.0, 300.0  # beats a minute
USUAL, WIDTH = 120.0, 1.0  # of the weight: its middle, and its deviation in octaves
SHORTEST = 4.0  # seconds
SPAN = 30.0  # seconds whose autocorrelations are added


class Tempo(Measure):
    """`tempo` in beats a minute, or None; `pulse`: how regular it is, from 0 to 1."""

    rate = 11_025

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self.frames = Frames(SIZE, HOP)
        hertz = np.geomspace(60, rate / 2, BANDS + 1)
        self.edges = np.unique(np.round(hertz / rate * SIZE).astype(int))
        self.before = np.zeros((0, len(self.edges) - 1), np.float32)
        self.waiting = np.zeros(0)
        self.hertz = rate / HOP
        self.span = round(SPAN * self.hertz)
        self.lags = round(self.hertz * 60 / SLOWEST) * 2 + 2
        self.total, self.seconds = np.zeros(self.lags), 0.0

    def feed(self, block: Sound) -> None:
        """Take the next block."""
        bands = np.add.reduceat(self.frames.spectra(block), self.edges[:-1], axis=1)
        joined = np.concatenate([self.before, np.log1p(100 * bands / SIZE)])
        self.before = joined[-1:]
        rise = np.maximum(np.diff(joined, axis=0), 0).sum(axis=1)
        self.waiting = np.concatenate([self.waiting, rise])
        while len(self.waiting) >= self.span:
            self._add(self.waiting[: self.span])
            self.waiting = self.waiting[self.span :]

    def _add(self, strength: Floats) -> None:
        """Add the autocorrelation of a stretch of onset strength."""
        centred = strength - strength.mean()
        size = 1 << (len(centred) + self.lags).bit_length()
        spectrum = np.fft.rfft(centred, size)
        found = np.fft.irfft(np.abs(spectrum) ** 2, size)[: self.lags]
        found /= np.maximum(len(centred) - np.arange(self.lags), 1)
        self.total += found * len(centred)
        self.seconds += len(centred) / self.hertz

    def result(self) -> dict[str, Any]:
        """Return {"tempo": ..., "pulse": ...}."""
        if len(self.waiting) > self.lags or not self.seconds:
            self._add(self.waiting if len(self.waiting) else np.zeros(1))
            self.waiting = self.waiting[:0]
        if self.seconds < SHORTEST or self.total[0] <= 1e-9:
            return {"tempo": None, "pulse": None}
        lags = np.arange(1, self.lags)
        beats = 60 * self.hertz / lags
        weight = np.exp(-0.5 * (np.log2(beats / USUAL) / WIDTH) ** 2)
        weight[(beats < SLOWEST) | (beats > FASTEST)] = 0
        best = int(np.argmax(self.total[1:] * weight)) + 1
        return {
            "tempo": round(float(60 * self.hertz / self._fine(best)), 1),
            "pulse": round(float(np.clip(self.total[best] / self.total[0], 0, 1)), 3),
        }

    def _fine(self, best: int) -> float:
        """Return the delay between two hops at which a parabola through three is greatest.

        The peak at twice the delay is measured where there is one, which halves the error.
        """
        for times in (2, 1):
            at = best * times
            low, high = max(1, at - times), min(self.lags - 1, at + times + 1)
            at = low + int(np.argmax(self.total[low:high]))
            if not 1 <= at < self.lags - 1 or self.total[at] < 0.5 * self.total[best]:
                continue
            a, b, c = self.total[at - 1 : at + 2].tolist()
            bend = a - 2 * b + c
            shift = 0.5 * (a - c) / bend if bend < 0 else 0.0
            if abs(shift) <= 1:
                return (at + shift) / times
        return float(best)
