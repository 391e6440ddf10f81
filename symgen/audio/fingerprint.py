"""Fingerprints of recordings: which ones are the same, after MP3, another gain or another cut.

Peaks of the spectrogram up to 2.5 kHz are paired with the next ones, and a pair is a code: both
frequencies and the time between them (Wang, An industrial-strength audio search algorithm, ISMIR
2003). Recordings are alike if many codes of the shorter one stand in the other at one distance in
time. A quarter of the codes is kept, the same quarter of each recording. Another speed or pitch is
another recording.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from symgen.audio.measures.base import Measure
from symgen.audio.measures.frames import Frames
from symgen.audio.reading import Sound
from symgen.types import Array, Floats32, Ints

SIZE, HOP, BINS = 1024, 512, 232
WIDE, LONG = 6, 5  # bins and windows on each side among which a peak is the greatest
QUIET = 1e-3  # of the greatest magnitude so far: what is below it is no peak
AHEAD, NEXT, SKIP = 31, 4, 2  # windows in which partners are looked for; how many; least distance
KEEP = 4
NEAR = 12  # copies of a code that are compared with each other
LEAST, SHARE = 10, 0.03  # codes that agree, and their share of those of the shorter recording
SPAN = 1 << 22  # windows of the longest recording


class Fingerprint(Measure):
    """`codes`: uint64 [n], each with the code above and the window below 32 bits."""

    rate = 11_025

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__(rate, channels)
        self.frames = Frames(SIZE, HOP)
        self.rows = np.zeros((0, BINS), np.float32)
        self.first = 0  # window of the first row
        self.top = 0.0
        self.peaks = list[Ints]()

    def feed(self, block: Sound) -> None:
        """Take the next block."""
        spectra = self.frames.spectra(block)[:, :BINS]
        self.top = max(self.top, float(spectra.max(initial=0)))
        self.rows = np.concatenate([self.rows, spectra])
        if len(self.rows) > 8 * LONG:
            self._find(len(self.rows) - LONG)
            self.rows, self.first = self.rows[-2 * LONG :], self.first + len(self.rows) - 2 * LONG

    def _find(self, end: int) -> None:
        """Keep the peaks of the rows up to `end`, except those that an earlier call has seen."""
        begin = LONG if self.first else 0
        peaks = (self.rows == _greatest(self.rows)) & (self.rows > self.top * QUIET)
        row, column = np.nonzero(peaks[begin:end])
        self.peaks.append((row + begin + self.first) << 8 | column)

    def result(self) -> dict[str, Any]:
        """Return no figures; see `codes`."""
        return {}

    def codes(self) -> Array:
        """Return the codes of what was fed, in the order of time."""
        if len(self.rows):
            self._find(len(self.rows))
            self.rows, self.first = self.rows[:0], self.first + len(self.rows)
        return _paired(np.concatenate([np.zeros(0, np.int64), *self.peaks]))


def _greatest(rows: Floats32) -> Floats32:
    """Return the greatest value around each one."""
    for axis, reach in ((0, LONG), (1, WIDE)):
        width = [(reach, reach) if i == axis else (0, 0) for i in range(2)]
        padded = np.pad(rows, width)
        rows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis).max(axis=-1)
    return rows


def _paired(peaks: Ints) -> Array:
    """Return the codes of pairs of peaks, which come as window << 8 | bin."""
    time, place = peaks >> 8, peaks & 0xFF
    made, taken = list[Array](), np.zeros(len(peaks), np.int64)
    for k in range(1, 4 * NEXT + 1):
        apart = time[k:] - time[:-k]
        good = (apart >= SKIP) & (apart <= AHEAD) & (taken[:-k] < NEXT)
        taken[:-k] += good
        code = place[:-k] << 13 | place[k:] << 5 | apart
        good &= (code * 2654435761 >> 16) % KEEP == 0
        made.append((code << 32 | time[:-k])[good].astype(np.uint64))
    return np.sort(np.concatenate([np.zeros(0, np.uint64), *made]))


def alike(prints: list[Array]) -> list[tuple[int, int, float]]:
    """Return (i, j, share) of the recordings that are alike, by their codes; i < j.

    `share` is that of the codes of the shorter one which agree.
    """
    distinct = [_first(codes) for codes in prints]
    lengths = np.array([len(codes) for codes in distinct], np.int64)
    codes = np.concatenate([np.zeros(0, np.uint64), *distinct])
    owner = np.repeat(np.arange(len(prints)), lengths)
    order = np.argsort(codes >> np.uint64(32), kind="stable")
    what, when = (codes[order] >> np.uint64(32)), (codes[order] & np.uint64(2**32 - 1))
    owner, when = owner[order], when.astype(np.int64)
    keys = [np.zeros(0, np.int64)]
    for k in range(1, NEAR + 1):
        same = np.flatnonzero(what[k:] == what[:-k])
        distance = when[same + k] - when[same] + SPAN
        keys.append((owner[same] * len(prints) + owner[same + k]) * (2 * SPAN) + distance)
    found, count = np.unique(np.concatenate(keys), return_counts=True)
    joined = count.copy()  # a distance may fall between two windows
    joined[:-1] += np.where(np.diff(found) == 1, count[1:], 0)
    best: dict[tuple[int, int], int] = {}
    for key, number in zip(found[joined >= LEAST].tolist(), joined[joined >= LEAST], strict=True):
        pair = divmod(key // (2 * SPAN), len(prints))
        best[pair] = max(best.get(pair, 0), int(number))
    shares = ((i, j, n / max(min(lengths[i], lengths[j]), 1)) for (i, j), n in best.items())
    return [(i, j, round(min(float(share), 1.0), 3)) for i, j, share in shares if share >= SHARE]


def _first(codes: Array) -> Array:
    """Return each code where it stands first: a loop counts once."""
    what = codes >> np.uint64(32)
    return codes[np.append(True, what[1:] != what[:-1])] if len(codes) else codes
