"""Places in beats moved to a grid: onsets to halves, quarters or thirds of a beat, then the ends.

Each beat has one division: binary (4 at 1/16) or of three, whichever is nearer to its onsets. A
beat of a compound meter has binary parts of its three (6 at 1/16).
"""

from __future__ import annotations

import numpy as np

from symgen.notes.quantise.durations import following
from symgen.types import Array, Floats, Ints

NEAR = 0.020  # seconds that an onset is usually from the grid
THREE = 2.0  # what a triplet costs more than a binary division
LOST = 6.0  # what two onsets at one place cost
TRIM = 0.26  # beats: a note that laps over the next onset by less ends there
FILL = 0.51  # beats: a rest shorter than this before the next onset is part of the note
HANDS = 60  # pitch: the notes below and from here on are followed separately


def divisions(places: Floats, seconds: Floats, choices: tuple[int, ...]) -> Ints:
    """Return the division of each beat, from beat 0 to the last place and one more.

    `places` are the onsets in beats, `seconds` the lengths of the beats. The first of `choices` is
    used unless another one is nearer.
    """
    count = int(places.max(initial=0)) + 2
    costs = np.zeros((count, len(choices)))
    beat = places.astype(np.int64)
    for k, parts in enumerate(choices):
        slots = np.rint(places * parts)
        away = (places - slots / parts) * seconds[np.minimum(beat, len(seconds) - 1)] / NEAR
        costs[:, k] += np.bincount(beat, away**2 / 2, count)
        costs[:, k] += LOST * np.bincount(beat[1:], np.diff(slots) == 0, count)
        costs[:, k] += THREE * (k > 0)
    return np.asarray(np.array(choices, np.int64)[costs.argmin(1)], np.int64)


def snapped(places: Floats, parts: Ints) -> Floats:
    """Return `places` in beats, each at the nearest place of the division of its beat."""
    of = parts[np.clip(places.astype(np.int64), 0, len(parts) - 1)]
    return np.asarray(np.rint(places * of) / of, np.float64)


def ends(notes: Array, begins: Floats, raw: Floats, parts: Ints) -> Floats:
    """Return the ends of `notes` in beats, on the grid; `raw` are the ends as played.

    A short rest before the next onset of the same instrument and hand is filled, and a short
    overlap is cut. A note ends before the same pitch begins again.
    """
    step = 1 / parts[np.clip(begins.astype(np.int64), 0, len(parts) - 1)]
    out = np.maximum(snapped(raw, parts), begins + step)
    hand = notes["instrument"].astype(np.int64) * 2 + (notes["pitch"] >= HANDS)
    after = following(begins, hand)
    gap = after - out
    out = np.where((gap > -TRIM) & (gap < FILL) & (after > begins), after, out)
    key = notes["instrument"].astype(np.int64) * 128 + notes["pitch"]
    return np.asarray(np.minimum(out, following(begins, key)), np.float64)
