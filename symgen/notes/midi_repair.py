"""Tracks that lost bytes on their way through a text-mode transfer, which makes LF of every CR LF.

Such a track is a few bytes shorter than its length says, whole at its end, and holds hardly a CR LF. Behind each lost
byte the events are read out of step until the next status byte, and that shows: data bytes over 127, controllers and
pitches nobody uses, releases of what does not sound, delays that begin like a status. Where a CR is put back in the right
place, all of that goes away at once. It is put back where it leaves the fewest such oddities, one byte after the other,
nearest to the worst ones first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes import midi_events
from symgen.notes.midi_notes import matched_releases

Array = npt.NDArray[Any]

END = b"\xff\x2f\x00"
MOST = 32         # bytes lost; beyond that the damage is of another kind
NEAR = 48         # line feeds tried near each oddity: some ten thousand bytes, longer than events stay out of step
AHEAD = 64        # bytes behind it that count as near: the loss may lie inside a long event that only then fails
TRIED = 24        # oddities looked at for one byte
USUAL = 2         # times that a pitch or controller is seen before it is no longer odd
BUDGET = 1 << 27  # bytes read for one track, so that time is bounded too
WORST = 4         # what an impossible event weighs beside one that is only odd


class Oddities(NamedTuple):
    """Where events make little sense, the impossible ones first, and what they weigh together."""

    positions: list[int]
    weight: int


def mend(track: bytes, lost: int) -> tuple[bytes, int]:
    """Return the track with up to `lost` bytes put back, and how many were."""
    if not 0 < lost <= MOST or not track.endswith(END):
        return track, 0
    if track.count(b"\r\n") > lost:  # one is left of each CR CR LF
        return track, 0
    odd, tries = _oddities(track), iter(range(BUDGET // len(track)))
    for found in range(lost):
        better = _better(track, odd, tries)
        if better is None:
            return track, found
        track, odd = better
    return track, lost


def _better(track: bytes, odd: Oddities, tries: Iterator[int]) -> tuple[bytes, Oddities] | None:
    """Return the track with one byte put back near the first oddity that this explains, and the oddities left."""
    tried: set[int] = set()
    for position in odd.positions[:TRIED]:
        best = track, odd
        for at in _line_feeds(track, position):
            if at not in tried and next(tries, None) is not None:
                tried.add(at)
                mended = track[:at] + b"\r" + track[at:]
                left = _oddities(mended)
                best = (mended, left) if left.weight < best[1].weight else best
        if best[1] is not odd:
            return best
    return None


def _line_feeds(track: bytes, position: int) -> list[int]:
    """Return the places of the line feeds near `position`, the last first."""
    found: list[int] = []
    end = min(position + AHEAD, len(track))
    while len(found) < NEAR and (end := track.rfind(b"\n", 0, end)) >= 0:
        found.append(end)
    return found


def _oddities(track: bytes) -> Oddities:
    """Find what makes little sense beside the events that have a status of their own, and can be trusted.

    What lies behind an end that comes too early counts as if every eighth byte of it were impossible.
    """
    events = midi_events.parse([track])
    if not len(events.at):
        return Oddities(list(range(0, len(track), 8)), WORST * len(track))
    kind, explicit = events.status & 0xF0, events.buffer[events.at - 1] > 127
    first, second = (events.data(np.arange(len(kind)), k).astype(np.int64) for k in range(2))
    note, control, other = (kind | 0x10) == 0x90, kind == 0xB0, np.isin(kind, (0xA0, 0xD0, 0xE0))
    impossible = (note | control) & ((first > 127) | (second > 127))
    odd = note & _unusual(first, note & explicit)
    odd |= control & _unusual(first, control & explicit)
    odd |= other & _unusual(events.status.astype(np.int64), other & explicit)
    odd |= np.append(False, (note | control)[:-1] & _unlikely_delays(events, note | control)[1:])
    played = np.flatnonzero(note)
    on = (kind[played] == 0x90) & (second[played] > 0)
    matched = matched_releases(first[played], on)
    odd[played] |= ~on & ~matched
    rest = list(range(int(events.at[-1]), len(track), 8)) if events.warnings else []
    worst = [*rest[:1], *events.at[impossible].tolist()]
    weight = WORST * (len(worst) + len(rest)) + int(odd.sum()) + int(on.sum() - matched.sum())
    return Oddities([*worst, *events.at[odd & ~impossible].tolist()], weight)


def _unusual(values: Array, trusted: Array) -> Array:
    """Return which values the trusted events have fewer than USUAL times."""
    return np.asarray(np.bincount(values[trusted], minlength=256)[values] < USUAL)


def _unlikely_delays(events: midi_events.Events, voices: Array) -> Array:
    """Return for each event whether the delay before it, behind two data bytes, begins with a status that is in use."""
    used = np.zeros(256, bool)
    used[np.unique(events.status[voices])] = True
    return np.asarray(used[events.buffer[np.append(0, events.at[:-1] + 2)]])
