"""A tone: one region of a soundfont played at one pitch, before its volume envelope.

The sample is oversampled four times with a short windowed sinc, then read with linear interpolation
at the target pitch. The low-pass filter, whose cutoff follows the modulation envelope, works on
overlapping windows of about 23 ms in the frequency domain, without phase. The modulation envelope
ignores the release of the key.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from symgen.rendering.soundfont.envelope import Wave, glide
from symgen.rendering.soundfont.moves import Steps, along
from symgen.rendering.soundfont.region import OPEN, Region
from symgen.rendering.soundfont.sf2 import Tables
from symgen.types import Floats

DENSER = 4
REACH = 8  # samples on each side that an interpolated sample depends on
CHUNK = 1 << 15  # frames at a time, so that they stay in the cache
STEP = 25  # cents between different cutoffs
LOWEST = 1500  # cents of cutoff
SINGLE = np.dtype(np.float32)


class Voicebox:
    """Makes the tones of one region at one frame rate."""

    def __init__(self, font: Tables, region: Region, rate: int, reach: int) -> None:
        """Prepare a region; no note may read more than `reach` samples."""
        self.region, self.rate = region, rate
        self.loops = region.loops and reach >= region.loop_end - region.start
        stays = self.loops and not region.leaves_loop  # to the end of the note
        if stays:
            end = region.loop_end
        elif self.loops:
            end = region.end
        else:
            end = min(region.end, region.start + reach)
        data = font.data(region.start, end)
        start, length = region.loop_start - region.start, region.loop_end - region.loop_start
        if stays:  # the loop's beginning comes after its end
            data = np.concatenate([data, np.resize(data[start:], 2 * REACH)])
        self.table = denser(data, min(1.0, rate / region.rate))
        self.start, self.length = (start + REACH) * DENSER, length * DENSER

    def tone(
        self, key: int, cutoff: float, first: int, count: int, held: int, bend: Steps = ()
    ) -> Wave:
        """Return `count` frames of the region on `key`, from frame `first` on.

        `held` matters only if the region leaves its loop. `bend` is in cents.
        """
        if count < 1 or not self.filters(cutoff):
            return self._read(key, first, count, held, bend)
        before, end = self.needed(first, count)
        return self.filtered(
            self._read(key, before, end - before, held, bend), before, key, cutoff
        )[first - before : first - before + count]

    def filters(self, cutoff: float) -> bool:
        """Whether a tone of `cutoff` is filtered."""
        return cutoff < OPEN or self.region.sweep < 0

    def needed(self, first: int, count: int) -> tuple[int, int]:
        """Return the frames to read for `count` frames, at least 1, that are filtered.

        They are those of the windows that overlap there, so that parts of a tone fit together.
        """
        half = window(self.rate) // 2
        begin, end = first // half - 1, (first + count - 1) // half + 2
        return max(begin, 0) * half, end * half

    def filtered(self, wave: Wave, before: int, key: int, cutoff: float) -> Wave:
        """Return `wave`, which begins at frame `before`, where a window does, filtered."""
        region, half = self.region, window(self.rate) // 2
        seconds = (before + np.arange(len(wave) // half + 2) * half) / self.rate
        cents = cutoff + region.sweep * glide(region.modulation(key), seconds)
        return lowpass(wave, cents, self.rate, region.resonance)

    def step(self, key: int) -> float:
        """Return the number of places in the table per frame."""
        return self.region.ratio(key, self.rate) * DENSER

    def _read(self, key: int, first: int, count: int, held: int, bend: Steps) -> Wave:
        step = self.step(key)
        bent = self.region.bend or bend
        places = self._bent(key, step, first + count, bend) if bent else None
        leave = self._place(places, step, held) if self.region.leaves_loop else math.inf
        out = np.empty(count, SINGLE)
        for begin in range(0, count, CHUNK):
            end = min(begin + CHUNK, count)
            here = slice(first + begin, first + end)
            place = (
                np.arange(here.start, here.stop, dtype=np.float64) * step
                if places is None
                else places[here].copy()
            )
            self.read(place, leave, out[begin:end])
        return out

    def read(self, place: Floats, leave: float, out: Wave) -> None:
        """Write the table's values at the ascending places to `out`; `place` is overwritten.

        From the place `leave` on the loop is left.
        """
        if self.loops:
            self._fold(place, leave)
        index = place.astype(np.int64)
        place -= index
        left = np.take(self.table, index, mode="clip")
        right = np.take(self.table[1:], index, mode="clip")
        right -= left
        right *= place.astype(np.float32)
        np.add(left, right, out=out)

    def _bent(self, key: int, step: float, count: int, bend: Steps) -> Floats:
        """Return the place of each frame in the table when the pitch is bent."""
        cents = self.region.bend * glide(self.region.modulation(key), np.arange(count) / self.rate)
        if bend:
            cents += along(bend, 0, count, self.rate)
        steps = step * np.exp2(cents / 1200)
        return np.cumsum(steps) - steps

    def _place(self, places: Floats | None, step: float, frame: int) -> float:
        if places is None:
            return frame * step
        return float(places[frame]) if frame < len(places) else math.inf

    def _fold(self, place: Floats, leave: float) -> None:
        """Move ascending places back into the loop, in place; those from `leave` on leave it."""
        begin, end = np.searchsorted(place, [self.start + self.length, leave])
        over = place[begin:end]
        over -= np.floor((over - self.start) / self.length) * self.length
        if end < len(place) and leave > self.start + self.length:
            place[end:] -= math.floor((leave - self.start) / self.length) * self.length


def frames(region: Region, key: int, rate: int, held: int) -> float:
    """Return how many frames a region lasts on `key`; infinity if it loops to the end."""
    if region.loops and not region.leaves_loop:
        return math.inf
    after = held if region.leaves_loop else 0
    return after + (region.end - region.start) / region.ratio(key, rate)


@functools.lru_cache(maxsize=16)
def _kernel(band: float) -> Wave:
    """Return the windowed sinc as weights [2 * REACH, DENSER] of the samples around each place."""
    taps = np.arange(2 * REACH)[:, None] - (REACH - 1)
    offset = taps - np.arange(DENSER) / DENSER
    taper = np.cos(np.pi * offset / (2 * REACH)) ** 2
    weights = np.sinc(offset * band) * taper
    out: Wave = (weights / weights.sum(0)).astype(SINGLE)
    return out


def denser(data: Wave, band: float = 1.0) -> Wave:
    """Return `data` with DENSER values per sample, padded with silence.

    Only the fraction `band` of its bandwidth is kept.
    """
    padded = np.concatenate([np.zeros(REACH - 1, SINGLE), data, np.zeros(REACH + 1, SINGLE)])
    rows = np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH)
    out, kernel = np.zeros((len(rows) + 1, DENSER), SINGLE), _kernel(band)
    for begin in range(0, len(rows), CHUNK):
        part = np.ascontiguousarray(rows[begin : begin + CHUNK])
        np.matmul(part, kernel, out=out[begin : begin + len(part)])
    return out.reshape(-1)


def window(rate: int) -> int:
    """Return the number of frames of about 23 ms, a power of two."""
    return int(2 ** round(math.log2(rate / 43)))


@functools.lru_cache(maxsize=16)
def _responses(rate: int, resonance: float) -> Wave:
    """Return the magnitude of a two-pole low-pass for each cutoff: [cutoffs, bins]."""
    hertz = 8.176 * np.exp2(np.arange(LOWEST, OPEN + STEP, STEP) / 1200)[:, None]
    u = (np.fft.rfftfreq(window(rate), 1 / rate) / hertz) ** 2
    quality = 10 ** ((resonance - 3.01) / 20)
    damping = np.sqrt((1 - u) ** 2 + u / quality**2)
    gain = 10 ** (-resonance / 40) / damping
    return gain.astype(SINGLE)


def lowpass(wave: Wave, cents: Floats, rate: int, resonance: float) -> Wave:
    """Return `wave` filtered; cents[i] is the cutoff at frame i * window / 2."""
    size = window(rate)
    hop = size // 2
    count = -(-len(wave) // hop) + 1
    padded = np.zeros((count + 1) * hop, SINGLE)
    padded[hop : hop + len(wave)] = wave
    slope = np.sin(np.pi * (np.arange(size) + 0.5) / size).astype(SINGLE)
    rows = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    above = np.clip(cents[:count], LOWEST, OPEN) - LOWEST
    which = (above / STEP + 0.5).astype(np.int64)
    spectrum = np.fft.rfft(rows * slope)
    same = (which == which[0]).all()
    spectrum *= _responses(rate, resonance)[which[0] if same else which]
    parts = np.fft.irfft(spectrum, size).astype(SINGLE, copy=False) * slope
    out: Wave = parts[:-1, hop:] + parts[1:, :hop]
    return out.reshape(-1)[: len(wave)]
