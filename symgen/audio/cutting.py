"""Long recordings, such as mixes of two hours, cut at quiet places into tracks."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from symgen.audio.reading import Sound, Warn, blocks, info
from symgen.checks import number
from symgen.types import Array

HOP = 0.1  # seconds between the places where a cut is possible
AROUND = 2.0  # seconds whose loudness counts for a cut in their middle
SHORTEST = 10.0  # least --longest, in seconds
REST = 0.25  # the last track is at least this part of the longest


@dataclasses.dataclass(frozen=True)
class Track:
    """A part of a recording: `name` is that of the file, with #1, #2, ... where it was cut.

    `seconds` is what the header says for a file that was not cut, and None where it says nothing;
    its `part` is None.
    """

    name: str
    source: str
    start_s: float
    seconds: float | None
    part: int | None = None


def tracks(
    path: str | os.PathLike[str], longest: float | None = None, warn: Warn | None = None
) -> list[Track]:
    """Return the tracks of a recording, none longer than `longest` seconds, where that is given.

    A recording that is longer is read once from its beginning to its end, in blocks. The cuts lie
    where two seconds around them are quietest, and no track is shorter than a quarter of
    `longest`. Errors are those of reading.
    """
    path = Path(path)
    whole = [Track(path.name, str(path), 0.0, info(path).seconds)]
    if longest is None:
        return whole
    number("longest", longest, SHORTEST, unit="seconds")
    if (known := whole[0].seconds) is not None and known <= longest:
        return whole
    power = np.fromiter(_power(blocks(path, None, None, HOP, warn)), np.float64)
    seconds = len(power) * HOP
    if seconds <= longest:
        return [dataclasses.replace(whole[0], seconds=seconds)]
    edges = [0.0, *(HOP * cut for cut in cuts(power, int(longest / HOP))), seconds]
    return [
        Track(f"{path.name}#{i}", str(path), round(begin, 3), round(end - begin, 3), i)
        for i, (begin, end) in enumerate(itertools.pairwise(edges), 1)
    ]


def sounds(
    path: str | os.PathLike[str],
    parts: Iterable[Track],
    rate: int | None = None,
    channels: int | None = 1,
    warn: Warn | None = None,
) -> Iterator[tuple[Track, Sound]]:
    """Yield (track, block) over the tracks of one recording, which is read once.

    The tracks are in their order and do not overlap. Blocks have at most 10 seconds; each belongs
    to one track.
    """
    target = rate or info(path).rate
    left = list(parts)
    at = 0
    for block in blocks(path, rate, channels, warn=warn):
        end = at + len(block)
        while left:
            first, last = _span(left[0], target)
            if first < end and (last is None or last > at):
                yield left[0], block[max(first - at, 0) : None if last is None else last - at]
            if last is None or last > end:
                break
            left.pop(0)
        at = end


def _span(track: Track, rate: int) -> tuple[int, int | None]:
    """Return the first frame of a track and the one behind its last; None is the end."""
    if track.part is None or track.seconds is None:
        return round(track.start_s * rate), None
    return round(track.start_s * rate), round((track.start_s + track.seconds) * rate)


def _power(hops: Iterable[Sound]) -> Iterator[float]:
    """Yield the mean square of each hop."""
    for hop in hops:
        yield float(np.vdot(hop, hop)) / max(hop.size, 1)


def cuts(power: Array, longest: int) -> list[int]:
    """Return the places at which to cut `power` [hops], so that no part has more than `longest`.

    From each cut on, the next one is the quietest place in the second half of what may be, and the
    last of equally quiet ones.
    """
    level = _smooth(power)
    found = list[int]()
    begin = 0
    while len(power) - begin > longest:
        low = begin + max(longest // 2, 1)
        high = min(begin + longest, len(power) - int(longest * REST))
        low = min(low, high)
        window = level[low : high + 1]
        begin = high - int(np.argmin(window[::-1]))
        found.append(begin)
    return found


def _smooth(power: Array) -> Array:
    """Return the mean power of `AROUND` seconds around each place [hops + 1]."""
    half = round(AROUND / HOP / 2)
    total = np.concatenate([[0.0], np.cumsum(power)])
    places = np.arange(len(power) + 1)
    low, high = np.maximum(places - half, 0), np.minimum(places + half, len(power))
    mean = (total[high] - total[low]) / np.maximum(high - low, 1)
    level: Array = np.maximum(mean, 1e-10)  # everything below -100 dB is equally quiet
    return level
