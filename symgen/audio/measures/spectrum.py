"""How loud the octaves of a recording are, and up to where there is sound."""

from __future__ import annotations

from typing import Any

import numpy as np

from symgen.audio.measures.base import Measure
from symgen.audio.measures.frames import Frames
from symgen.audio.reading import Sound

SIZE = 4096
OCTAVES = (31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)  # Hz, their middle
EDGE = 1e-4  # of the power of the whole, in which the upper edge leaves the rest
FLOOR = -100.0  # dB


class Spectrum(Measure):
    """Mean levels of octaves in dBFS, the centre of the spectrum and its upper edge in Hz.

    `edge` is the frequency below which 99.99 % of the power is: MP3 at 64 kbit/s often ends at 11
    kHz. Nothing is measured in what is shorter than a window of 4,096 frames.
    """

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self.frames = Frames(SIZE, 4 * SIZE)
        self.power = np.zeros(SIZE // 2 + 1)
        self.count = 0

    def feed(self, block: Sound) -> None:
        """Take the next block."""
        mono = block if block.shape[1] == 1 else block.mean(axis=1, keepdims=True)
        spectra = self.frames.spectra(mono)
        self.power += np.einsum("nf,nf->f", spectra, spectra, dtype=np.float64)
        self.count += len(spectra)

    def result(self) -> dict[str, Any]:
        """Return {"octaves": {Hz: dBFS}, "centre": Hz, "edge": Hz}."""
        total = float(self.power.sum())
        if not total:
            return {"octaves": {}, "centre": None, "edge": None}
        hertz = np.fft.rfftfreq(SIZE, 1 / self.frames_per_second)
        # a sine of amplitude 1 has power 1/2; a Hann window keeps 3/8 of it
        power = self.power / self.count * 2 / (SIZE * SIZE * 3 / 8)
        octaves = {}
        for middle in OCTAVES:
            inside = (hertz >= middle / 2**0.5) & (hertz < middle * 2**0.5)
            if middle * 2**0.5 <= self.frames_per_second / 2 * 1.01 or inside.any():
                level = 10 * np.log10(max(float(power[inside].sum()), 1e-30))
                octaves[f"{middle:g}"] = round(max(float(level), FLOOR), 1)
        share = np.cumsum(self.power) / total
        return {
            "octaves": octaves,
            "centre": round(float((hertz * self.power).sum() / total), 1),
            "edge": round(float(hertz[int(np.searchsorted(share, 1 - EDGE))]), 1),
        }
