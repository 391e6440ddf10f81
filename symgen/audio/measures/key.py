"""The key of a recording, from how strong each pitch class is.

The peaks of the spectrum between 110 and 1,000 Hz are added to the pitch classes that they are
nearest to, after the tuning of the recording is taken off, and compared with the profiles of
Krumhansl and Kessler (`symgen.notes.theory.keys`). For 16 fresh excerpts of 40 seconds of rendered
piano it is the key of their notes 9 times; most others are the relative key or a fifth off.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from symgen.audio.measures.base import Measure
from symgen.audio.measures.frames import Frames
from symgen.audio.reading import Sound
from symgen.notes.theory import keys

SIZE, HOP = 8192, 4096
LOWEST, HIGHEST = 110.0, 1000.0  # Hz: above it are mostly harmonics
STEPS = 10  # parts of a semitone
SOFT = 0.05  # of the greatest peak: softer ones do not count
LEAST = 0.5  # correlation with a profile below which there is no key


class Keys(Measure):
    """`key`, such as "D minor", or None; `fit`: its correlation; `tuning`: of A4 in Hz."""

    rate = 11_025

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self.frames = Frames(SIZE, HOP)
        self.fine = np.zeros(12 * STEPS)
        hertz = np.fft.rfftfreq(SIZE, 1 / rate)
        self.low, self.high = (int(np.searchsorted(hertz, edge)) for edge in (LOWEST, HIGHEST))
        self.width = rate / SIZE

    def feed(self, block: Sound) -> None:
        """Take the next block."""
        for spectrum in self.frames.spectra(block):
            part = spectrum[self.low - 1 : self.high + 1]
            peaks = np.flatnonzero((part[1:-1] > part[:-2]) & (part[1:-1] >= part[2:])) + 1
            if not len(peaks):
                continue
            a, b, c = (np.log(part[peaks + i] + 1e-9) for i in (-1, 0, 1))
            bend = np.minimum(a - 2 * b + c, -1e-9)
            shift = np.clip(0.5 * (a - c) / bend, -0.5, 0.5)
            pitch = 69 + 12 * np.log2((peaks + self.low - 1 + shift) * self.width / 440)
            at = np.round(pitch * STEPS).astype(int) % (12 * STEPS)
            strength = part[peaks] / max(float(part[peaks].max()), 1e-6)
            np.add.at(self.fine, at, np.sqrt(strength) * (strength > SOFT))

    def result(self) -> dict[str, Any]:
        """Return {"key": ..., "fit": ..., "tuning": ..., "classes": [12] from C}."""
        if not self.fine.any():
            return {"key": None, "fit": None, "tuning": None, "classes": None}
        bins = self.fine.reshape(12, STEPS).sum(axis=0)  # of what lies above each semitone
        turn = np.exp(2j * np.pi * np.arange(STEPS) / STEPS)
        off = float(np.angle((bins * turn).sum()) / (2 * np.pi))  # semitones, -0.5 to 0.5
        moved = np.roll(self.fine, STEPS // 2 - round(off * STEPS))
        classes = moved.reshape(12, STEPS).sum(axis=1)
        centred = classes - classes.mean()
        fit = float((keys.PROFILES @ centred).max() / max(float(np.linalg.norm(centred)), 1e-9))
        return {
            "key": keys.find(classes[None])[0].name if fit >= LEAST else None,
            "fit": round(fit, 3),
            "tuning": round(440 * 2 ** (off / 12), 1),
            "classes": [round(float(c), 4) for c in classes / classes.sum()],
        }
