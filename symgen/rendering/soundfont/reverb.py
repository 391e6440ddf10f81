"""Reverb of a small room: decaying noise, convolved block by block; it is the same every time.

The response is cut into parts as long as a block, each of which has its own spectrum (uniformly
partitioned convolution), so that the work for a second of sound does not grow as blocks get
shorter.
"""

from __future__ import annotations

import copy
import functools
from collections import deque
from typing import Any

import numpy as np

from symgen.rendering.base import Block
from symgen.rendering.soundfont.envelope import Wave
from symgen.types import Array

SECONDS = 1.0  # of the impulse response
PAUSE = 0.012  # seconds before its first sound
LOW, HIGH = 1.1, 0.5  # seconds to fall by 60 dB, below and above SPLIT
SPLIT, RUMBLE = 2500.0, 180.0  # hertz; the room is silent below RUMBLE
PART = (2048, 12288)  # limits in frames of a part of the response


class Reverb:
    """Adds reverb to a stream of blocks; `level` is its energy relative to the dry sound, in dB.

    Blocks may have any lengths; it is fastest where all are as long as the first.
    """

    def __init__(self, rate: int, level: float) -> None:
        self.answer = room(rate) * np.float32(10 ** (level / 20))
        self.length = self.answer.shape[1]
        self.part = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> Reverb:
        """Return another that has heard the same; they share the response and past spectra."""
        other = copy.copy(self)
        if self.part:
            other.heard = self.heard.copy()
            other.input, other.before = self.input.copy(), self.before.copy()
        return other

    def add(self, block: Block) -> Block:
        """Return `block` with the reverb of it and of the blocks before."""
        if not self.part and len(block):
            pieces = -(-len(block) // PART[1])
            self._divide(max(-(-len(block) // pieces), PART[0]))
        out = block.copy()
        begin = 0
        while begin < len(block):
            count = min(self.part - self.full, len(block) - begin)
            self._convolve(out[begin : begin + count])
            begin += count
        return out

    def _divide(self, part: int) -> None:
        """Cut the response into parts of `part` frames."""
        self.part, self.size = part, _smooth(2 * part)
        count = -(-self.length // part)
        padded = np.zeros((2, count * part), np.float32)
        padded[:, : self.length] = self.answer
        parts = padded.reshape(2, count, part).swapaxes(0, 1)
        self.spectra = np.fft.rfft(parts, self.size).astype(np.complex64)  # [parts, 2, bins]
        self.heard: deque[Array] = deque(maxlen=count - 1)  # spectra, the latest first
        self.input, self.full = np.zeros(part, np.float32), 0
        self.before = np.zeros(self.spectra.shape[1:], np.complex64)  # reverb of inputs before
        self.over = np.zeros((2, part), np.float32)  # the end of the sound of those spectra

    def _convolve(self, out: Block) -> None:
        """Add the reverb to frames that fit into the rest of the input."""
        begin, end = self.full, self.full + len(out)
        self.input[begin:end] = (out[:, 0] + out[:, 1]) * np.float32(0.5)
        spectrum = np.fft.rfft(self.input, self.size)
        wet = np.fft.irfft(spectrum * self.spectra[0] + self.before, self.size)
        wet[:, : self.part] += self.over
        out += wet[:, begin:end].T
        self.full = end
        if end == self.part:
            self.over = wet[:, self.part : 2 * self.part].astype(np.float32)
            self._turn(spectrum)

    def _turn(self, spectrum: Array) -> None:
        """Begin a new input."""
        self.heard.appendleft(spectrum)
        self.before[:] = 0
        for answer, heard in zip(self.spectra[1:], self.heard, strict=False):
            self.before += answer * heard
        self.input[:] = 0
        self.full = 0


def _smooth(least: int) -> int:
    """Return the smallest number of at least `least` with no prime factor over 7."""
    size = least
    while True:
        rest = size
        for prime in (2, 3, 5, 7):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return size
        size += 1


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
