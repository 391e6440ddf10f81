"""A limiter of true peaks that looks ahead: the gain goes down before a peak, and up after it.

The peak between frames is found by interpolation at four times the rate, as ITU-R BS.1770 says. The
gain that each frame needs is spread over `REACH` seconds on both sides (a running minimum), and
smoothed over the same time (running means), so that no frame gets more gain than it needs and the
gain has no steps. Sound below the limit is not changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from symgen.rendering.base import Block
from symgen.types import Array, Floats32

LIMIT = -1.0  # dBTP
SPARE = 0.1  # dB that the limiter stays below it: interpolation is not exact
REACH = 0.02  # seconds
TAPS = 8  # frames on each side that interpolation takes
PART = 1 << 14  # frames around which it is done at once
HEADROOM = 0.5  # below this part of the limit no peak between frames can reach it


def limited(blocks: Iterable[Block], rate: int, limit: float = LIMIT) -> Iterator[Block]:
    """Yield the sound with true peaks below `limit` dBTP; the whole has as many frames as before.

    The blocks need not be as long as those that are given.
    """
    most = 10 ** ((limit - SPARE) / 20)
    reach = max(2, round(REACH * rate) // 2 * 2)
    context = 2 * reach + TAPS
    sound = np.zeros((context, 2), np.float32)  # silence before the beginning
    for block in blocks:
        sound = np.concatenate([sound, block])
        if len(sound) > 3 * context:
            yield _held(sound, context, most, reach)
            sound = sound[len(sound) - 2 * context :]
    sound = np.concatenate([sound, np.zeros((context, 2), np.float32)])
    yield _held(sound, context, most, reach)


def _held(sound: Block, context: int, most: float, reach: int) -> Block:
    """Return what lies between the contexts at both ends, limited."""
    inside = sound[context : len(sound) - context]
    if np.abs(sound).max() < HEADROOM * most:
        return inside
    need = np.minimum(1.0, most / np.maximum(peaks(sound, most), 1e-9)).astype(np.float32)
    if need.min() == 1.0:
        return inside
    # the minimum of a frame's surroundings, of which each mean has no frame outside
    gain = _means(_means(_least(need, reach), reach // 2), reach // 2)
    return np.asarray(inside * gain[context : len(sound) - context, None], np.float32)


def peaks(sound: Block, floor: float = 0.0) -> Floats32:
    """Return for each frame the greatest absolute value there and up to its neighbours.

    Between frames one is looked for only where it may be above `floor`.
    """
    size = np.abs(sound)
    highest = np.maximum(size[:, 0], size[:, 1])  # many times as fast as max(axis=1)
    high = np.pad(highest >= HEADROOM * floor, 1)
    near = np.flatnonzero(high[1:-1] | high[2:])  # this frame or the next one
    padded = np.pad(sound, ((TAPS, TAPS), (0, 0)))
    for begin in range(0, len(near), PART):
        some = near[begin : begin + PART]
        window = padded[some[:, None] + np.arange(2 * TAPS + 1)]
        between = np.abs(np.einsum("nkc,kp->pcn", window, TABLE, optimize=True))
        found = between.reshape(-1, len(some)).max(axis=0)
        highest[some] = np.maximum(highest[some], found)
        after = np.minimum(some + 1, len(sound) - 1)  # the peak lies before the next one too
        highest[after] = np.maximum(highest[after], found)
    return np.asarray(highest, np.float32)


def _taps(phase: float) -> Floats32:
    """Return the weights of the frames around one that give the value `phase` frames after it."""
    at = np.arange(-TAPS, TAPS + 1) - phase
    window = np.cos(np.pi * np.clip(at / (TAPS + 1), -1, 1) / 2) ** 2
    weights = np.sinc(at) * window
    return np.asarray(weights / weights.sum(), np.float32)


TABLE = np.stack([_taps(phase) for phase in (0.25, 0.5, 0.75)], axis=1)


def _least(values: Array, reach: int) -> Array:
    """Return the least value within `reach` frames on both sides, by windows that double."""
    padded = np.pad(values, reach, constant_values=1.0)
    width, wanted = 1, 2 * reach + 1
    while 2 * width <= wanted:
        padded = np.minimum(padded[: len(padded) - width], padded[width:])
        width *= 2
    rest = wanted - width
    return np.minimum(padded[: len(padded) - rest], padded[rest:]) if rest else padded


def _means(values: Array, reach: int) -> Array:
    """Return the mean within `reach` frames on both sides."""
    total = np.cumsum(np.pad(values, (reach + 1, reach), mode="edge"), dtype=np.float64)
    means: Array = (total[2 * reach + 1 :] - total[: len(total) - 2 * reach - 1]) / (2 * reach + 1)
    return means
