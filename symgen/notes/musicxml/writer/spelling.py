"""Names of notes: which letter, sharp or flat a key of the keyboard is, from what is around it.

Notes that sound near one another lie near one another on the line of fifths, ... Bb F C G D A E ...
(the pitch variance rule of D. Temperley, The Cognition of Basic Musical Structures, 2001, chapter
5). Of all runs of twelve fifths, a note takes its name from the one in which the notes around it
are the closest to one another and to the key.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from symgen.notes.musicxml.writer.pitch import fifths
from symgen.notes.theory import chords
from symgen.types import Floats, Ints

BEFORE, AFTER = 12, 12  # notes around a note that count
NEAR = 3.0  # what the note itself counts
KEY = 0.2  # how much the distance from the key counts beside that of the notes from one another
LOWEST, HIGHEST = -13, 8  # where a run may begin, in fifths above C

Key = tuple[int, int, int]
"""tick, tonic 0..11 from C, and 1 in minor"""


class Names:
    """The names of the notes of a part; `notes` are (begin, end, pitch) in ticks."""

    def __init__(self, notes: Sequence[tuple[int, int, int]], keys: Sequence[Key]) -> None:
        self.begins: dict[int, list[int]] = {}
        self.found: dict[int, list[int]] = {}
        ordered = sorted({(begin, pitch) for begin, _, pitch in notes})
        starts = [tick for tick, _, _ in keys]
        rows = [max(bisect_right(starts, begin) - 1, 0) for begin, _ in ordered]
        sharps = np.array([fifths(*key[1:]) for key in keys], np.int64)[rows]
        places = _places(np.array([pitch % 12 for _, pitch in ordered], np.int64), sharps)
        for (begin, pitch), place in zip(ordered, places.tolist(), strict=True):
            self.begins.setdefault(pitch, []).append(begin)
            self.found.setdefault(pitch, []).append(place)

    def at(self, tick: int, pitch: int) -> tuple[str, int]:
        """Return the letter and the alteration of the note of a pitch that sounds at a tick."""
        row = max(bisect_right(self.begins[pitch], tick) - 1, 0)
        turns, letter = divmod(self.found[pitch][row] + 1, 7)
        return chords.FIFTHS[letter], turns


def _places(classes: Ints, sharps: Ints) -> Ints:
    """Return the fifths above C of each note: G is 1, F is -1, F sharp is 6."""
    if not len(classes):
        return classes
    lows = np.arange(LOWEST, HIGHEST + 1)
    places = lows[:, None] + (np.arange(12) * 7 - lows[:, None]) % 12  # [runs, 12]
    near = _near(classes)
    near[np.arange(len(classes)), classes] += NEAR
    near /= near.sum(axis=1, keepdims=True)
    mean = near @ places.T
    spread = near @ (places**2).T - mean**2
    away = mean - (sharps[:, None] + 2)  # the middle of a scale is two fifths above its tonic
    best = (spread + KEY * away**2).argmin(axis=1)
    return np.asarray(places[best, classes], np.int64)


def _near(classes: Ints) -> Floats:
    """Return float64 [notes, 12]: how often each pitch class is near each note."""
    sums = np.zeros((len(classes) + 1, 12))
    np.cumsum(np.eye(12)[classes], axis=0, out=sums[1:])
    rows = np.arange(len(classes))
    high = np.minimum(rows + AFTER, len(classes))
    return np.asarray(sums[high] - sums[np.maximum(rows - BEFORE, 0)], np.float64)
