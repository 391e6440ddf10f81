"""Onsets of a played piece: notes that begin nearly together are one, with its salience.

The salience says how likely an onset is to be on a beat. Long, loud, low and many notes are
(S. Dixon, Automatic extraction of tempo and beat from expressive performances, 2001).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.types import Floats, Ints

TOGETHER = 0.035  # seconds between the first and the last note of a chord
LONGEST = 1.0  # seconds; a longer gap to the next onset counts no more
BOUNDS = (0.3, 3.0)  # salience
SHARES = (0.5, 0.25, 0.25)  # of how long, how loud and how low


class Onsets(NamedTuple):
    """Onsets in order: `times` in seconds, `salience` of mean 1, and `of`, the onset of each note.

    `of` has the order of the notes of the piece; `times` and `salience` have one value an onset.
    """

    times: Floats
    salience: Floats
    of: Ints


def onsets(sequence: NoteSequence) -> Onsets:
    """Return the onsets of a piece; the time of a chord is the mean of its notes' times."""
    notes = sequence.notes
    if not len(notes):
        return Onsets(np.zeros(0), np.zeros(0), np.zeros(0, np.int64))
    order = np.argsort(notes["start_time"], kind="stable")
    starts = notes["start_time"][order]
    place = np.zeros(len(notes), np.int64)
    first, at = starts[0], 0
    for i, start in enumerate(starts.tolist()):
        if start - first > TOGETHER:
            first, at = start, at + 1
        place[i] = at
    counts = np.bincount(place)
    times = np.bincount(place, starts) / counts
    of = np.empty(len(notes), np.int64)
    of[order] = place
    return Onsets(times, _salience(sequence, times, of), of)


def _salience(sequence: NoteSequence, times: Floats, of: Ints) -> Floats:
    """Return the salience: how long, how loud and how low, each of mean 1."""
    notes = sequence.notes
    gaps = np.minimum(np.diff(times, append=times[-1] + LONGEST), LONGEST)
    loud = np.bincount(of, notes["velocity"].astype(np.float64))
    lowest = np.full(len(times), 127.0)
    np.minimum.at(lowest, of, np.where(notes["is_drum"], 60, notes["pitch"]).astype(np.float64))
    low = np.clip((96 - lowest) / 48, 0.1, 1.5)
    parts = [part / max(float(part.mean()), 1e-9) for part in (gaps, loud, low)]
    return np.asarray(np.clip(np.average(parts, 0, SHARES), *BOUNDS), np.float64)
