"""From chords in the order of playing to chord symbols at written places.

Music that is repeated is played several times and written once. A place has the chord of its first
time. Where a later time comes from other music, as the first bar of a repeat does, its chord is
written out, so that it is the same each time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from symgen.notes.abc.fields import QUARTER

SLACK = QUARTER // 1000  # ticks; closer times are one


class Symbols(NamedTuple):
    """Chord symbols by place, and what could not be written.

    `moved` chords begin inside a note, and stand at the nearer end of it; `lost` ones found that
    taken. `different` counts the times that a repeat has another chord than before.
    """

    by_place: dict[int, str]
    moved: int
    lost: int
    different: int


def symbols(visits: Sequence[tuple[int, int]], chords: Sequence[tuple[int, str]]) -> Symbols:
    """Return the symbols at places; `visits` and `chords` are by time in ticks.

    A visit is a time at which a note or rest begins, and the number of its place.
    """
    times = [time for time, _ in visits]
    begins, moved, lost = _begins(times, chords)
    first: dict[int, str] = {}
    different, chord = 0, ""
    for k, (_, place) in enumerate(visits):
        chord = begins.get(k, chord)
        known = first.setdefault(place, chord)
        different += known != chord and known != ""
    written: dict[int, str] = {}
    chord = ""
    for _, place in visits:
        if (now := first[place]) not in ("", chord):
            written[place] = chord = now
    return Symbols(written, moved, lost, different)


def _begins(times: list[int], chords: Sequence[tuple[int, str]]) -> tuple[dict[int, str], int, int]:
    """Return by visit the chord that begins there, and how many were moved and lost."""
    out: dict[int, str] = {}
    between: list[tuple[int, int, str]] = []
    for time, symbol in chords:
        at = max(bisect_right(times, time + SLACK) - 1, 0)
        if times and abs(times[at] - time) <= SLACK:
            out[at] = symbol
        elif times:
            between.append((at, time, symbol))
    lost, latest = 0, -1
    exact = set(out)
    for at, time, symbol in between:
        near = [k for k in (at, at + 1) if k < len(times) and k not in exact and k > latest]
        if near:
            latest = min(near, key=lambda k: abs(times[k] - time))
            out[latest] = symbol
        else:
            lost += 1
    return out, len(between) - lost, lost
