"""Where tracks begin and end: long mixes are cut where they are quiet, and tracks are split.

Loudness is measured while a recording is read, so that nothing is read twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.audio import cutting
from symgen.audio.cutting import HOP
from symgen.types import Floats32

HELD_OUT = 0.1  # of the samples
LARGE = 1 / 3  # of all samples: a track with more is not held out whole
GAP = 2.0  # seconds between the two parts of a track that is cut in time


class Piece(NamedTuple):
    """Samples `start` to `stop` of recording `recording`, in the split `half`."""

    id: str
    recording: int
    start: int
    stop: int
    half: str

    @property
    def length(self) -> int:
        """Its samples."""
        return self.stop - self.start


class Levels:
    """The loudness of a recording as it is read."""

    def __init__(self, rate: float) -> None:
        self._frame = max(1, round(rate * HOP))
        self._rest = np.zeros(0, np.float32)
        self._found = list[npt.NDArray[np.float32]]()

    def add(self, samples: Floats32) -> None:
        """Take the next samples, float32 `[n]`."""
        joined = np.concatenate([self._rest, samples])
        whole = len(joined) // self._frame * self._frame
        self._rest = joined[whole:]
        frames = joined[:whole].reshape(-1, self._frame)
        self._found.append(np.einsum("ij,ij->i", frames, frames) / np.float32(self._frame))

    def cuts(self, longest: float) -> list[int]:
        """Return the samples at which a recording is cut into tracks of at most `longest` seconds.

        See `symgen.audio.cutting`.
        """
        power = np.concatenate([np.zeros(0, np.float32), *self._found]).astype(np.float64)
        if len(power) * HOP <= longest:
            return []
        return [cut * self._frame for cut in cutting.cuts(power, int(longest / HOP))]


def split(tracks: Sequence[Piece], rate: float, seed: int) -> list[Piece]:
    """Return the tracks with their splits, about HELD_OUT of the samples being held out.

    Tracks are held out whole, in an order that depends only on their ids and the seed. Where every
    one is a large part of all, the end of each is held out, after a gap that is in no split.
    """
    total = sum(track.length for track in tracks)
    order = sorted(tracks, key=lambda track: hashlib.sha256(f"{seed} {track.id}".encode()).digest())
    chosen, taken = set[str](), 0
    for track in order:
        if taken < HELD_OUT * total and track.length <= LARGE * total:
            chosen.add(track.id)
            taken += track.length
    if chosen:
        return [t._replace(half="eval" if t.id in chosen else "train") for t in tracks]
    out = list[Piece]()
    for track in tracks:
        gap = min(round(GAP * rate), track.length // 20)
        cut = track.start + round((1 - HELD_OUT) * track.length)
        out.append(track._replace(stop=cut - gap, half="train"))
        out.append(track._replace(id=f"{track.id} (end)", start=cut, half="eval"))
    return out
