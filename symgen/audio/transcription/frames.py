"""Sound to frames: what the network makes of each window, and the spectrum beside it.

A frame stands for 256 samples at 22,050 Hz: there are 86.13 of them in a second. The network takes
windows of 43,844 samples, of which the frames near both ends know too little of what is around
them. So windows overlap, and of each only the KEPT frames in its middle are used. Each window is
computed by itself, so that frames do not depend on the blocks in which the sound comes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from symgen.types import Array, Floats32

RATE = 22_050  # samples per second
HOP = 256  # samples of a frame
WINDOW = 43_844  # samples that the network takes at once
MARGIN = 8  # frames at the beginning of a window that are not used
KEPT = 156  # frames of a window that are used
KEYS, LOWEST = 88, 21  # keys of a piano, and the MIDI pitch of the first
AROUND = 28  # columns beside the keys, so that relations of pitches need no bounds
BANDS, FIRST = KEYS + AROUND + 12, LOWEST - 12  # semitones of the spectrum, and the MIDI pitch of 0
CYCLES = 34.0  # of a semitone that its level is measured in: it is told from the next one
SHORTEST, MIDDLE, LONGEST = 384, 1024, 4096  # samples that they may last
FLOOR = 1e-9  # power below which it is silent

Network = Callable[[Floats32], tuple[Floats32, Floats32]]
"""Takes a window, float32 [WINDOW]; returns the probabilities that a note begins, and that it
sounds, each float32 [frames, KEYS]."""


class Frames(NamedTuple):
    """Some frames of a recording, in order.

    `onset` and `note` are probabilities [frames, AROUND + KEYS + AROUND], 0 beside the keys;
    `level` is the power of semitones in decibels [frames, BANDS].
    """

    onset: Floats32
    note: Floats32
    level: Floats32

    @property
    def length(self) -> int:
        """The number of frames."""
        return len(self.onset)

    def part(self, begin: int, end: int | None = None) -> Frames:
        """Return the frames from `begin` to `end`."""
        return Frames(*(each[begin:end] for each in self))

    def then(self, more: Frames) -> Frames:
        """Return these frames and `more`."""
        return Frames(*(np.concatenate(pair) for pair in zip(self, more, strict=True)))


def silence(count: int) -> Frames:
    """Return frames in which nothing sounds."""
    quiet = np.zeros((count, KEYS + 2 * AROUND), np.float32)
    level = np.full((count, BANDS), 10 * np.log10(FLOOR), np.float32)
    return Frames(quiet, quiet, level)


def frames(blocks: Iterable[Array], network: Network) -> Iterator[Frames]:
    """Yield the frames of sound that comes in blocks, float32 [samples] at RATE."""
    for window, used in windows(blocks):
        onset, note = network(window)
        rows = slice(MARGIN, MARGIN + used)
        yield Frames(_among(onset[rows]), _among(note[rows]), levels(window, used))


def windows(blocks: Iterable[Array]) -> Iterator[tuple[Floats32, int]]:
    """Yield each window, filled up with silence, and how many of its frames are used."""
    step = KEPT * HOP
    waiting = np.zeros(MARGIN * HOP, np.float32)
    left = 0  # samples that belong to used frames
    for block in blocks:
        waiting = np.concatenate([waiting, block])
        left += len(block)
        while len(waiting) >= WINDOW:
            yield waiting[:WINDOW], KEPT
            waiting = waiting[step:]
            left -= step
    while left > 0:
        window = np.zeros(WINDOW, np.float32)
        window[: len(waiting)] = waiting
        yield window, min(KEPT, -(-left // HOP))
        waiting = waiting[step:]
        left -= step


def _among(keys: Floats32) -> Floats32:
    return np.pad(keys, ((0, 0), (AROUND, AROUND)))


def levels(window: Floats32, used: int) -> Floats32:
    """Return the level of each semitone in the used frames, in decibels [used, BANDS]."""
    found = np.empty((used, BANDS), np.float32)
    for bands, size, real, imaginary in _analysis():
        begin = MARGIN * HOP - size // 2
        cut = np.lib.stride_tricks.sliding_window_view(window[begin:], size)[::HOP][:used]
        cut = np.ascontiguousarray(cut)
        power = (cut @ real) ** 2 + (cut @ imaginary) ** 2
        found[:, bands] = 10 * np.log10(power + np.float32(FLOOR))
    return found


@functools.cache
def _analysis() -> list[tuple[slice, int, Floats32, Floats32]]:
    """Return groups of semitones, the samples that they take, and their filters [samples, bands].

    A filter is a Hann window of CYCLES cycles, from SHORTEST to LONGEST samples.
    """
    pitch = FIRST + np.arange(BANDS)
    turn = 440 * 2 ** ((pitch - 69) / 12) / RATE  # cycles per sample
    length = np.clip(CYCLES / turn, SHORTEST, LONGEST)
    split = int((length > MIDDLE).sum())
    out = []
    for bands, size in ((slice(0, split), LONGEST), (slice(split, BANDS), MIDDLE)):
        time = (np.arange(size) - size // 2)[:, None]
        inside = np.abs(time) < length[bands] / 2
        shape = np.where(inside, 1 + np.cos(2 * np.pi * time / length[bands]), 0)
        shape *= np.where(turn[bands] < 0.5, 2 / shape.sum(0), 0)  # none above what RATE can hold
        angle = 2 * np.pi * turn[bands] * time
        real = (shape * np.cos(angle)).astype(np.float32)
        imaginary = (shape * np.sin(angle)).astype(np.float32)
        out.append((bands, size, real, imaginary))
    return out
