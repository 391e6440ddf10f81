"""Runs are stretches of equal letters in two strings of notes; passages are runs joined across
small differences.

A run has a first note here, a first note there, and a number of notes. Another run continues it if
it has the same transposition, begins and ends later in both, and begins at most `SLIP` notes after
its end; the two may overlap. So a note that is missing, added or late does not split a passage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from symgen.types import Ints

SLIP = 4  # notes


class Runs(NamedTuple):
    """Runs as int64 columns `[runs]`: first notes here and there, lengths, semitones from there to
    here.
    """

    here: Ints
    there: Ints
    notes: Ints
    moved: Ints


def passages(runs: Runs, ends: Ints) -> tuple[Ints, Ints]:
    """Return (first, by), both int64 `[runs]`: the runs `by` are sorted; `first` begins the passage
    of each.

    `ends` holds where the pieces end there; a passage never continues in another piece.
    """
    by = np.lexsort((runs.there, runs.here))
    sorted_ = Runs(*(column[by] for column in runs))
    one, other = _links(sorted_, np.searchsorted(ends, sorted_.there, "right"))
    first = np.arange(len(by))
    while True:
        better = first.copy()
        np.minimum.at(better, other, first[one])
        better = better[better]
        if np.array_equal(better, first):
            return first, by
        first = better


def _links(runs: Runs, pieces: Ints) -> tuple[Ints, Ints]:
    """Return (one, other): pairs of runs where the other continues the one."""
    size = int(runs.here.max(initial=0)) + int(runs.notes.max(initial=0)) + 2 * SLIP + 2
    # transposition and diagonal in one number
    lines = (runs.moved + 128) * (1 << 40) + (runs.there - runs.here + size + SLIP)
    values, line = np.unique(lines, return_inverse=True)
    by = np.lexsort((runs.here, line))
    keys = line[by] * size + runs.here[by]
    ones = [np.zeros(0, np.int64)]
    others = [np.zeros(0, np.int64)]
    for slip in range(-SLIP, SLIP + 1):
        place = np.searchsorted(values, lines + slip)
        live = np.flatnonzero(
            (place < len(values)) & (values[np.minimum(place, len(values) - 1)] == lines + slip)
        )
        low = np.searchsorted(keys, place[live] * size + runs.here[live], "right")
        high = np.searchsorted(
            keys, place[live] * size + runs.here[live] + runs.notes[live] + SLIP, "right"
        )
        while len(live):
            more = low < high
            live = live[more]
            low = low[more]
            high = high[more]
            ones.append(live)
            others.append(by[low])
            low = low + 1
    return _kept(runs, pieces, np.concatenate(ones), np.concatenate(others))


def _kept(runs: Runs, pieces: Ints, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of one piece whose other run begins and ends later, within `SLIP` notes."""
    good = pieces[one] == pieces[other]
    for begin in (runs.here, runs.there):
        last = begin + runs.notes - 1
        good &= (
            (begin[other] > begin[one])
            & (last[other] > last[one])
            & (begin[other] <= last[one] + SLIP + 1)
        )
    return one[good], other[good]
