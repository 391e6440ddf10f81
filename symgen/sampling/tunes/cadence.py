"""The rules of a cadence: where it is, which chords lead to it, and on which note it ends."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from symgen.notes.theory import keys
from symgen.notes.theory.bars import Bar
from symgen.notes.theory.scales import Key
from symgen.types import Bools, Floats32, Ints

OPEN = 4.0  # nats on the chord of the target key, and on its notes, where a piece begins
HIGH, LOW = 84, 55  # a last note that follows none is the tonic nearest to their middle


class Cadence(NamedTuple):
    """Steps: the bar before the last (the last where it is the only one), the last bar, the latest
    place for the last note, and the end."""

    before: int
    last: int
    final: int
    stop: int


def cadence(bars: list[Bar], grid: int) -> Cadence:
    """Return where the cadence of a piece, or of a strain, of these bars is."""
    last = bars[-1]
    strong = last.start + last.meter.strong(grid)
    return Cadence(
        bars[-2].start if len(bars) > 1 else last.start,
        last.start,
        strong if strong < last.stop else last.start,
        last.stop,
    )


def open_in(table: Any, key: Key, scores: Floats32) -> None:
    """Bar all chords but the tonic's, or make note-ons of its notes likelier, at the beginning.

    Nine in ten of the Nottingham tunes begin with a chord on their tonic.
    """
    if (table["kind"] == "chord").any():
        fits = tonics(table, key)
        may = scores[:, fits].max(axis=1) > -np.inf
        scores[np.ix_(may, ~fits)] = -np.inf
    else:
        in_chord = table["classes"].astype(np.int64) & mask(*key.triad) > 0
        scores[:, in_chord] += OPEN


def nearest(pitch: Ints, classes: Bools, lowest: int = 0, highest: int = 127) -> Ints:
    """Return int64 `[batch]`: the pitch nearest to each `pitch` whose class is in `classes`.

    `classes` is bool `[batch, 12]`. Of two pitches as near the lower is taken. It lies from
    `lowest` to `highest` where a pitch there has the class.
    """
    every = np.arange(128)
    middle = np.where(pitch >= 0, pitch, (LOW + HIGH) // 2)
    distance = 2 * abs(every - middle[:, None]) + (every > middle[:, None])
    distance += np.where((every < lowest) | (every > highest), 1 << 10, 0)
    distance = np.where(classes[:, every % 12], distance, 1 << 20)
    return np.asarray(distance.argmin(axis=1), np.int64)


def mask(*classes: int) -> int:
    """Return the mask of some pitch classes, as the tables of encodings have it."""
    return sum(1 << c for c in {c % 12 for c in classes})


def _chord(root: int, *intervals: int) -> int:
    """Return the mask of a chord from its root and the intervals above it, in semitones."""
    return mask(root, *(root + interval for interval in intervals))


def tonics(table: Any, key: Key) -> Bools:
    """Return bool `[size]`: the chords that may end a piece in `key`.

    That is the first chord that is the triad on the tonic; else the chords of the key nearest to
    it; else all chords.
    """
    triad = mask(*key.triad)
    chord = table["kind"] == "chord"
    classes = table["classes"].astype(np.int64)
    out = np.zeros(len(table), bool)
    if (exact := np.flatnonzero(chord & (classes == triad))).size:
        out[exact[0]] = True
        return out
    outside = mask(*np.flatnonzero(~key.mask).tolist())
    fits = chord & (classes >> key.tonic & 1 > 0) & (classes & outside == 0)
    if not fits.any():
        return np.asarray(chord, bool)
    inside = keys.bits(classes & triad).sum(1)
    beyond = keys.bits(classes & ~triad).sum(1)
    near = inside - beyond / 16
    shared = np.where(fits, near, -1)
    return np.asarray(fits & (shared == shared.max()), bool)


def dominants(table: Any, key: Key) -> Ints:
    """Return the chords that lead to the tonic of `key`.

    They are V and V7 in major and minor, and VII or v in modes without a leading note.
    """
    five = key.tonic + 7
    seven = key.tonic + 10
    if key.mask[(key.tonic + 11) % 12]:
        masks = [_chord(five, 4, 7), _chord(five, 4, 7, 10)]
    else:
        masks = [_chord(seven, 4, 7), _chord(five, 3, 7)]
    return np.flatnonzero((table["kind"] == "chord") & np.isin(table["classes"], masks))
