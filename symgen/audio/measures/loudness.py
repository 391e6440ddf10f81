"""Loudness in LUFS: ITU-R BS.1770-5, integrated, with both gates.

A shelf for the head and a high pass weigh each channel, and the mean squares of blocks of 400 ms
that overlap by 300 ms are summed over the channels. Blocks below -70 LUFS do not count, and of the
others those do not count that are more than 10 LU below their mean. The filters are those of the
standard at 48 kHz, and at other rates what the same analog filters give (bilinear transform). Their
joint impulse response is cut after 0.08 s, where it is below -120 dB, and applied by FFT.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from symgen.audio.measures.base import Measure
from symgen.audio.reading import Sound
from symgen.types import Array, Floats

HOP = 0.1  # seconds
BLOCK = 4  # hops
ABSOLUTE, RELATIVE = -70.0, -10.0
RESPONSE = 0.08  # seconds
SIZE = 1 << 14  # of the FFT, at least

# frequency in Hz, Q and gain in dB that give the coefficients of the standard at 48 kHz
SHELF = (1681.974450955533, 0.7071752369554196, 3.999843853973347)
HIGH_PASS = (38.13547087602444, 0.5003270373238773)
BEND = 0.4996667741545416


def coefficients(rate: int) -> list[tuple[Floats, Floats]]:
    """Return (b, a) of both filters at `rate` frames per second, with a[0] = 1."""
    frequency, q, gain = SHELF
    k = math.tan(math.pi * min(frequency / rate, 0.49))
    high = 10 ** (gain / 20)
    band = high**BEND
    a0 = 1 + k / q + k * k
    shelf = (
        np.array([high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k])
        / a0,
        np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]),
    )
    frequency, q = HIGH_PASS
    k = math.tan(math.pi * frequency / rate)
    a0 = 1 + k / q + k * k
    passed = (
        np.array([1.0, -2.0, 1.0]),
        np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]),
    )
    return [shelf, passed]


def response(rate: int) -> Floats:
    """Return the impulse response of both filters together, `RESPONSE` seconds long."""
    signal = [0.0] * round(RESPONSE * rate)
    signal[0] = 1.0
    for b, a in coefficients(rate):
        b0, b1, b2 = b.tolist()
        _, a1, a2 = a.tolist()
        x1 = x2 = y1 = y2 = 0.0
        for i, x in enumerate(signal):
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = x, x1, y, y1
            signal[i] = y
    return np.array(signal)


class Loudness(Measure):
    """Integrated loudness in LUFS; None for what is silent or shorter than 0.4 seconds."""

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        weights = response(rate)
        self.taps = len(weights)
        self.size = SIZE
        while self.size < 4 * self.taps:
            self.size *= 2
        self.step = self.size - self.taps + 1
        self.spectrum = np.fft.rfft(weights, self.size).astype(np.complex64)
        self.before = np.zeros((channels, self.taps - 1), np.float32)
        self.powers = list[float]()  # sums of squares of finished hops, over all channels
        self.open, self.frames = 0.0, 0  # sum of squares of the hop in progress; frames before it

    def feed(self, block: Sound) -> None:
        """Take the next block."""
        for begin in range(0, len(block), self.step):
            self._add(self._weighted(block[begin : begin + self.step].T))

    def _weighted(self, part: Array) -> Array:
        """Return the part [channels, frames], weighted."""
        joined = np.concatenate([self.before, part], axis=1)
        self.before = joined[:, -(self.taps - 1) :]
        spectrum = np.fft.rfft(joined, self.size, axis=1)
        made: Array = np.fft.irfft(spectrum * self.spectrum, self.size, axis=1)
        return made[:, self.taps - 1 : self.taps - 1 + part.shape[1]]

    def _add(self, weighted: Array) -> None:
        squares = np.einsum("cf,cf->f", weighted, weighted, dtype=np.float64)
        total = np.concatenate([[0.0], np.cumsum(squares)])
        done = self.frames + len(squares)
        first = len(self.powers)
        last = math.floor(done / self.frames_per_second / HOP + 1e-9)
        edges = [self._edge(i) - self.frames for i in range(first + 1, last + 1)]
        at = 0
        for edge in edges:
            self.powers.append(self.open + float(total[edge] - total[at]))
            self.open, at = 0.0, edge
        self.open += float(total[-1] - total[at])
        self.frames = done

    def _edge(self, hop: int) -> int:
        """Return the first frame of a hop."""
        return math.ceil(hop * HOP * self.frames_per_second - 1e-6)

    def result(self) -> dict[str, Any]:
        """Return {"lufs": ...}."""
        return {"lufs": _rounded(self.integrated())}

    def integrated(self) -> float | None:
        """Return the integrated loudness in LUFS, or None."""
        hops = np.array(self.powers)
        if len(hops) < BLOCK:
            return None
        frames = np.diff([self._edge(i) for i in range(len(hops) + 1)])
        windows = np.ones(BLOCK)
        power = np.convolve(hops, windows, "valid") / np.convolve(frames, windows, "valid")
        return gated(power)


def gated(power: Floats) -> float | None:
    """Return the loudness of blocks whose weighted powers are given; None below both gates."""
    power = power[lufs(power) > ABSOLUTE]
    if not len(power):
        return None
    power = power[lufs(power) > lufs(power.mean()) + RELATIVE]
    return float(lufs(power.mean()))


def lufs(power: Any) -> Any:
    """Return weighted powers, summed over the channels, in LUFS."""
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-20))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
