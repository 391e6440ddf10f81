"""Tracks that lost bytes on their way through a text-mode transfer, which makes LF of every CR LF.

Such a track is a few bytes shorter than its length says, whole at its end, and holds hardly a CR LF. What was lost is
the last byte of a note or controller, a 13 with a delay of 10 behind it, or a byte within a system message. The events
that follow are read out of step until the next status byte, and that shows (`midi_oddities`). Where the CR is put back in
the right place, all of that goes away at once. It is put back where it leaves the fewest oddities, one byte after the
other, nearest to the worst ones first. Of the track only what each place changes is read again, until it meets the rest.
"""

from __future__ import annotations

from array import array

from symgen.notes.midi.events import ESCAPE, META, SYSEX
from symgen.notes.midi.oddities import EXPLICIT, Path, Reading

END = b"\xff\x2f\x00"
MOST = 32  # bytes lost; beyond that the damage is of another kind
NEAR = 96  # places tried near each oddity: some ten thousand bytes, longer than events stay out of step
AHEAD = 64  # bytes behind it that count as near: the loss may lie inside a long event that only then fails
TRIED = 24  # oddities looked at for one byte
FAR = 1 << 14  # bytes read from a place on
BUDGET = 1 << 20  # events read for one track, so that time is bounded too
CR = 13
SYSTEM = {0xF1: 2, 0xF2: 3, 0xF3: 2}  # bytes of system messages, where they are more than one


def mend(track: bytes, lost: int) -> tuple[bytes, int]:
    """Return the track with up to `lost` bytes put back, and how many were."""
    if not 0 < lost <= MOST or not track.endswith(END):
        return track, 0
    if track.count(b"\r\n") > lost:  # one is left of each CR CR LF
        return track, 0
    budget = BUDGET
    for found in range(lost):
        at, read = _place(Reading(track), budget)
        if at is None:
            return track, found
        track, budget = track[:at] + b"\r" + track[at:], budget - read
    return track, lost


def _place(reading: Reading, budget: int) -> tuple[int | None, int]:
    """Return where a byte is missing, near the first oddity that one explains, or None; and how many events were read."""
    tried, paths, seen = set[int](), list[Path](), dict[int, int]()
    read = 0
    for position in reading.oddities[:TRIED]:
        last = int(reading.feeds.searchsorted(position + AHEAD))
        near = [k for k in range(last - 1, max(last - NEAR, 0) - 1, -1) if k not in tried]
        tried.update(near)
        if near and read < budget:
            for k in near:
                paths.append(_path(reading, int(reading.feeding[k]), paths, seen))
            weights = reading.weighed(paths[-len(near) :])
            read += sum(len(path.rows) for path in paths[-len(near) :])
            if weights.min() < 0:
                return int(reading.feeds[near[int(weights.argmin())]]), read
    return None, read


def _path(reading: Reading, row: int, paths: list[Path], seen: dict[int, int]) -> Path:
    """Return how the track reads where event `row` had one byte more: a CR for its last one or, in a long one, before an LF.

    What was read before is not read again: `seen` tells for a place and a running status which of `paths` came by, and its event.
    """
    data, known, size = reading.data, reading.known, reading.size
    status, begin = int(reading.events.status[row]), int(reading.starts[row])
    if status >= SYSEX:
        rows, at = array("I", [data[begin] << 24 | status << 16]), int(reading.ends[row]) - 1
        status = reading.running(row)
    else:
        at = int(reading.events.at[row]) + 1
        rows = array("I", [data[begin] << 24 | status << 16 | data[at - 1] << 8 | CR])
    far, this, add = min(at + FAR, size), len(paths) * FAR, rows.append
    while at < far and ((found := known[at]) == 0 or (found != status and found != EXPLICIT)):
        key = at << 8 | status
        if key in seen:
            number, place = divmod(seen[key], FAR)
            return Path(rows + paths[number].rows[place:], row, *paths[number][2:])
        seen[key] = this + len(rows)
        begin = at
        while data[at] > 127:
            at += 1
        at += 1
        kind = data[at]
        if kind >= SYSEX:
            at = _behind_long(data, at)
            add(data[begin] << 24 | kind << 16)
        else:
            if kind > 127:
                status, at = kind, at + 1
            add(data[begin] << 24 | status << 16 | data[at] << 8 | data[at + 1])
            at += 1 if 0xC0 <= status < 0xE0 else 2
        if (
            at > size
            or (kind < 128 and not status)
            or (kind == META and at < size and data[at - 3 : at] == END)
        ):
            return Path(rows, row, len(reading.starts), begin)
    return Path(rows, row, int(reading.starts.searchsorted(at)), max(at, reading.stop))


def _behind_long(data: bytes, at: int) -> int:
    """Return the place behind the meta event or the system message whose status is at `at`."""
    if data[at] not in (META, SYSEX, ESCAPE):
        return at + SYSTEM.get(data[at], 1)
    at += 1 + (data[at] == META)
    length = data[at] & 127
    while data[at] > 127:
        at += 1
        length = length << 7 | data[at] & 127
    return at + 1 + length
