"""Overlapping windows of mono sound that comes in blocks, and their spectra."""

from __future__ import annotations

import numpy as np

from symgen.audio.reading import Sound
from symgen.types import Floats32


class Frames:
    """Cuts mono sound into windows of `size` frames, one each `hop` frames."""

    def __init__(self, size: int, hop: int) -> None:
        self.size, self.hop = size, hop
        self.left, self.skip = np.zeros(0, np.float32), 0
        self.window = np.hanning(size + 1)[:-1].astype(np.float32)

    def of(self, block: Sound) -> Floats32:
        """Return the new windows [n, size] after the next block [frames, 1]; n may be 0."""
        sound = np.concatenate([self.left, block[:, 0]])[self.skip :]
        self.skip = max(0, self.skip - len(self.left) - len(block))
        count = max(0, (len(sound) - self.size) // self.hop + 1)
        self.left = sound[count * self.hop :]
        self.skip += max(0, count * self.hop - len(sound))  # where the hop is longer than a window
        if not count:
            return np.zeros((0, self.size), np.float32)
        return np.lib.stride_tricks.sliding_window_view(sound, self.size)[:: self.hop][:count]

    def spectra(self, block: Sound) -> Floats32:
        """Return the magnitudes [n, size // 2 + 1] of the new windows, by a Hann window."""
        windows = self.of(block) * self.window
        return np.asarray(np.abs(np.fft.rfft(windows, axis=1)), np.float32)
