"""Reverb of a small room: decaying noise, convolved block by block; it is the same every time."""

from __future__ import annotations

import functools

import numpy as np

from symgen.rendering.base import Block
from symgen.rendering.soundfont.envelope import Wave

SECONDS = 1.0  # of the impulse response
PAUSE = 0.012  # seconds before its first sound
LOW, HIGH = 1.1, 0.5  # seconds to fall by 60 dB, below and above SPLIT
SPLIT, RUMBLE = 2500.0, 180.0  # hertz; the room is silent below RUMBLE


class Reverb:
    """Adds reverb to a stream of blocks; `level` is its energy relative to the dry sound, in dB."""

    def __init__(self, rate: int, level: float) -> None:
        answer = room(rate)
        self.length = answer.shape[1]
        self.size = 1 << (2 * self.length - 1).bit_length()
        self.spectrum = np.fft.rfft(answer * np.float32(10 ** (level / 20)), self.size)
        self.tail = np.zeros((2, self.length), np.float32)

    def add(self, block: Block) -> Block:
        """Return `block` with the reverb of it and of the blocks before."""
        out = block.copy()
        step = self.size - self.length
        for begin in range(0, len(block), step):
            part = block[begin : begin + step]
            wet = np.fft.irfft(
                np.fft.rfft(part.mean(1), self.size) * self.spectrum, self.size
            ).astype(np.float32, copy=False)
            wet = wet[:, : len(part) + self.length]
            wet[:, : self.length] += self.tail
            out[begin : begin + len(part)] += wet[:, : len(part)].T
            self.tail = wet[:, len(part) :].copy()
        return out


@functools.lru_cache(maxsize=2)
def room(rate: int) -> Wave:
    """Return the impulse response, float32 [2, frames], with energy 1 in each channel."""
    count = int(SECONDS * rate)
    noise = np.random.default_rng(1).standard_normal((2, count))
    hertz = np.fft.rfftfreq(count, 1 / rate)
    spectrum = np.fft.rfft(noise)
    treble = 1 / (1 + (SPLIT / np.maximum(hertz, 1)) ** 4)
    bass = (1 - treble) / (1 + (RUMBLE / np.maximum(hertz, 1)) ** 4)
    time = np.arange(count) / rate
    answer = np.fft.irfft(spectrum * bass, count) * 10 ** (-3 * time / LOW)
    answer += np.fft.irfft(spectrum * treble, count) * 10 ** (-3 * time / HIGH)
    answer[:, : int(PAUSE * rate)] = 0
    answer *= np.minimum(1, (count - np.arange(count)) / (0.1 * rate))
    answer /= np.sqrt((answer**2).sum(1, keepdims=True))
    return answer.astype(np.float32)
