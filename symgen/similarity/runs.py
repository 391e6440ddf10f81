"""Runs: stretches that two strings of notes have in common letter for letter, and passages, runs joined over small slips.

A run is three numbers: the first note here, the first note there, and how many notes. It goes on as a passage in another
run of the same transposition that begins and ends later in both, not more than `SLIP` notes after its end; they may overlap.
So a note that is left out, put in, or played a little late does not make two passages of one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

SLIP = 4  # notes


class Runs(NamedTuple):
    """Runs as columns, int64 `[runs]`: first note here, first note there, notes, and the semitones from there to here."""

    here: Ints
    there: Ints
    notes: Ints
    moved: Ints


def passages(runs: Runs, ends: Ints) -> tuple[Ints, Ints]:
    """Return int64 `[runs]` twice: of each run, sorted by `here`, the earliest one that leads to it.

    `ends` tells where the pieces end there: no passage goes on in another piece. The second array is what `runs` were sorted by.
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
    """Return (one, other): pairs of runs of which the other goes on where the one ends."""
    size = int(runs.here.max(initial=0)) + int(runs.notes.max(initial=0)) + 2 * SLIP + 2
    lines = (runs.moved + 128) * (1 << 40) + (
        runs.there - runs.here + size + SLIP
    )  # transposition and diagonal
    values, line = np.unique(lines, return_inverse=True)
    by = np.lexsort((runs.here, line))
    keys = line[by] * size + runs.here[by]
    ones, others = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
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
            live, low, high = live[more], low[more], high[more]
            ones.append(live)
            others.append(by[low])
            low = low + 1
    return _kept(runs, pieces, np.concatenate(ones), np.concatenate(others))


def _kept(runs: Runs, pieces: Ints, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of runs of one piece that begin and end later in both, not too late."""
    good = pieces[one] == pieces[other]
    for begin in (runs.here, runs.there):
        last = begin + runs.notes - 1
        good &= (
            (begin[other] > begin[one])
            & (last[other] > last[one])
            & (begin[other] <= last[one] + SLIP + 1)
        )
    return one[good], other[good]
