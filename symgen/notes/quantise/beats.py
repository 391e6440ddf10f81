"""The beat of a played piece, found from its onsets by dynamic programming.

The method is that of D. Ellis (Beat tracking by dynamic programming, 2007), with the period of the
beat as a part of the state, so that the tempo may change from beat to beat, as in the bar pointer
model of N. Whiteley, A. T. Cemgil and S. Godsill (2006). An onset between two beats adds the
logarithm of the density of its place in the beat, times its salience: onsets are mostly on beats,
less often on halves or thirds, and rarely elsewhere. A change of the period costs,
and so does a tempo far from the usual one. The best path through all frames is found exactly.

Times are seconds.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from symgen.notes.quantise.onsets import Onsets
from symgen.types import Floats, Ints

FRAME = 0.01  # seconds
PERIODS = (0.28, 1.5)  # seconds of a beat: 214 to 40 per minute
STEP = 1.025  # from one period to the next
USUAL, SPREAD = 0.56, 0.35  # seconds of a usual beat, and how far (log) others are from it
GIVEN = 0.12  # the spread where the tempo is given
WEIGHT = 1.2  # of the tempo, a second
CHANGE = 0.05  # how much (log) a period usually differs from the one before
JITTER = 0.022  # seconds between an onset and its place in the beat
PLACES = {  # share of the onsets by their place in a beat
    2: {0.0: 0.52, 1 / 2: 0.30, 1 / 4: 0.05, 3 / 4: 0.06, 1 / 3: 0.02, 2 / 3: 0.02},
    3: {0.0: 0.44, 1 / 3: 0.17, 2 / 3: 0.21, 1 / 6: 0.03, 1 / 2: 0.04, 5 / 6: 0.03},
}
NEAREST = 0.06  # seconds: a beat is moved to an onset as near as this
NOWHERE = -1e9


class Beats(NamedTuple):
    """The `times` of the beats, from at or before the first onset to after the last.

    `parts` is 3 in compound meters, such as 6/8, else 2.
    """

    times: Floats
    parts: int


def beats(found: Onsets, tempo: float | None = None, parts: int | None = None) -> Beats:
    """Return the beats; a beat has two or three parts, whichever fits the onsets better.

    `tempo` is in beats per minute, if it is known (it may still vary), and so are the `parts`.
    """
    first = float(found.times[0])
    pad = round(PERIODS[1] / FRAME)
    frames = np.rint((found.times - first) / FRAME).astype(np.int64) + pad
    curve = np.zeros(int(frames[-1]) + 2 * pad + 1)
    np.add.at(curve, frames, found.salience)
    periods = _periods()
    paths = []
    for each in PLACES if parts is None else (parts,):
        gains = _gains(curve, periods, each, 60 / tempo if tempo else None)
        paths.append((*_path(gains, periods, pad, int(frames[-1])), each))
    _, path, chosen = max(paths, key=lambda one: one[0])
    return Beats(_refined(np.asarray(first + (path - pad) * FRAME, np.float64), found), chosen)


def _periods() -> Ints:
    """Return the periods in frames, each about STEP times the one before."""
    count = int(np.log(PERIODS[1] / PERIODS[0]) / np.log(STEP)) + 1
    periods = PERIODS[0] * STEP ** np.arange(count + 1)
    return np.unique(np.rint(periods / FRAME).astype(np.int64))


@functools.cache
def _density(period: int, parts: int) -> Floats:
    """Return the logarithm of the density of onsets in each frame of a beat; uniform is 0."""
    place = (np.arange(period) + 0.0) / period
    width = JITTER / (period * FRAME)
    density = np.full(period, 1 - sum(PLACES[parts].values()))
    for where, share in PLACES[parts].items():
        away = (place - where + 0.5) % 1 - 0.5
        density += share * np.exp(-((away / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi))
    return np.asarray(np.log(density), np.float64)


def _gains(curve: Floats, periods: Ints, parts: int, given: float | None) -> Floats:
    """Return float64 [frames, periods]: what a beat of each period from each frame on adds."""
    usual, spread = (USUAL, SPREAD) if given is None else (given, GIVEN)
    gains = np.zeros((len(curve), len(periods)))
    for k, period in enumerate(periods.tolist()):
        fits = np.correlate(curve, _density(period, parts), "valid")
        seconds = period * FRAME
        prior = -((np.log(seconds / usual) / spread) ** 2) / 2
        gains[: len(fits), k] = fits + WEIGHT * seconds * prior
    return gains


def _path(gains: Floats, periods: Ints, first: int, last: int) -> tuple[float, Ints]:
    """Return the best path over the frames `first` to `last`: its score, and its beats' frames."""
    size, kinds = gains.shape[0], np.arange(len(periods))
    change = -((np.log(periods[:, None] / periods[None, :]) / CHANGE) ** 2) / 2
    best = np.full((size, len(periods)), NOWHERE)  # of paths whose last beat ends here
    after = np.full((size, len(periods)), NOWHERE)  # of paths that go on with each period
    before = np.zeros((size, len(periods)), np.int16)
    slack = round(NEAREST / FRAME)
    for now in range(max(first - int(periods[-1]), 0), size):
        back = now - periods
        there = np.maximum(back, 0)
        best[now] = np.where(back >= 0, after[there, kinds] + gains[there, kinds], NOWHERE)
        if now <= first + slack:
            after[now] = 0.0
            before[now] = -1
            continue
        joined = best[now][None, :] + change
        before[now] = joined.argmax(1)
        after[now] = joined[kinds, before[now]]
    ends = best[last - slack : last + int(periods[-1]) + 1]
    row, kind = divmod(int(ends.argmax()), len(periods))
    now = row + last - slack
    score, path = float(best[now, kind]), [now]
    while kind >= 0:
        now -= int(periods[kind])
        path.append(now)
        kind = int(before[now, kind])
    return score, np.array(path[::-1], np.int64)


def _refined(times: Floats, found: Onsets) -> Floats:
    """Return the beats, each moved to the onset that is nearest to it, if one is near."""
    at = np.clip(np.searchsorted(found.times, times), 1, max(len(found.times) - 1, 1))
    nearest = np.stack([found.times[at - 1], found.times[np.minimum(at, len(found.times) - 1)]])
    nearest = np.take_along_axis(nearest, abs(nearest - times).argmin(0)[None], 0)[0]
    return np.asarray(np.where(abs(nearest - times) <= NEAREST, nearest, times), np.float64)
