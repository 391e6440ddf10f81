"""Undo a text-mode transfer of a MIDI file, exactly or not at all.

Such a transfer changes line ends in a file that has no lines. Either LF became CR LF, so that the
tracks are longer than their lengths say; putting LF back undoes this. Or CR LF became LF, so that
they are shorter. That loses information: any LF may have had a CR before it. But the length of a
track says how many CRs are missing, and few choices of that many LFs give events up to the end.

A choice is clean if it reads to the end-of-track event at the declared length, every note-on has
its note-off and every note-off its note-on, and each controller but the pedals is somewhere in the
track with a status byte of its own. A track is repaired if exactly one choice is clean. Otherwise
the file is refused: no guess is returned as music. A file beyond LARGEST is read as it stands.

The reader calls `undo` only if the lengths of a file do not add up. Time is about 0.5 s per 100 kB.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from symgen.errors import ReadError

CR, LF = 13, 10
HEADER, TRACK, END = b"MThd", b"MTrk", b"\xff\x2f\x00"
NOTE_OFF, NOTE_ON, CONTROL = 0x80, 0x90, 0xB0
META, SYSEX, ESCAPE = 0xFF, 0xF0, 0xF7
END_OF_TRACK = 0x2F
PEDALS = (64, 66, 67)  # controllers: sustain, sostenuto, soft
DATA_BYTES = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}
META_SIZES = {0x20: 1, 0x21: 1, 0x2F: 0, 0x51: 3, 0x54: 5, 0x58: 4, 0x59: 2}
NUMBER_BYTES = 4  # at most, in a delta time or a length
OPEN_NOTES = 255  # at most, of one pitch
STATES_PER_BYTE, MIN_STATES = 8, 100_000  # limits of the search
LARGEST = 1 << 20  # bytes of a file that is searched
TOO_MANY = 1 << 30  # choices, if the search was stopped


def undo(data: bytes, name: str) -> bytes | None:
    """Return the file as it was before a text-mode transfer, or None if it had none.

    `data` is a MIDI file whose chunk lengths do not add up. Raises ReadError if it went through
    such a transfer and cannot be repaired exactly.
    """
    if len(data) > LARGEST:
        return None
    if not 0 < data.count(b"\n") == data.count(b"\r\n"):
        return _with_lost_bytes(data, name)
    shorter = data.replace(b"\r\n", b"\n")
    if all(chunk.lost == 0 for chunk in _chunks(shorter)):
        return shorter
    # CR LFs that were kept before LFs were changed, or CR CR LFs that lost a CR
    both = [_with_lost_bytes(candidate, name) for candidate in (shorter, data)]
    found = [repaired for repaired in both if repaired is not None]
    if len(found) > 1:
        raise _refusal(name, _count(len(found)))
    return found[0] if found else None


class Chunk(NamedTuple):
    """The header or a track: kind and length as bytes, the body, and the size by that length."""

    head: bytes
    body: bytes
    size: int

    @property
    def lost(self) -> int:
        """How many bytes of the body are missing."""
        return self.size - len(self.body)

    @property
    def plausible(self) -> bool:
        """Whether nothing is missing, or only what such a transfer may take."""
        if self.lost == 0:
            return True
        complete = self.head.startswith(HEADER) or self.body.endswith(END)
        return complete and 0 < self.lost <= self.body.count(b"\n")

    @property
    def damaged_inside(self) -> bool:
        """Whether it is a track that is too short, has its end, and does not read as it stands."""
        if self.lost <= 0 or not self.body.endswith(END):
            return False
        return not search(self.body, 0, Rules.EVENTS).ways


def _with_lost_bytes(data: bytes, name: str) -> bytes | None:
    """Return the file with its lost CRs; None if it lost no bytes, or in another way."""
    chunks = _chunks(data)
    if b"\r" not in data and any(chunk.damaged_inside for chunk in chunks):
        raise _refusal(name, "it has no CR left, so any byte may be missing")
    if not all(chunk.plausible for chunk in chunks):
        return None
    repaired = b"".join(chunk.head + _repaired(chunk, name) for chunk in chunks)
    if repaired == data:
        return None
    if repaired.replace(b"\r\n", b"\n") != data:
        raise _refusal(name, "no repair fits")
    return repaired


def _chunks(data: bytes) -> list[Chunk]:
    """Return the header and the tracks; each reaches to the next track or to the end."""
    chunks, at = [], 0
    while at < len(data):
        chunk = _chunk(data, at)
        feed = data.find(b"\n", at + 4, at + 8)
        if feed >= 0 and not chunk.plausible:  # the length itself may have lost a CR
            longer = data[:feed] + b"\r" + data[feed:]
            if _chunk(longer, at).plausible:
                data, chunk = longer, _chunk(longer, at)
        chunks.append(chunk)
        at += len(chunk.head) + len(chunk.body)
    return chunks


def _chunk(data: bytes, at: int) -> Chunk:
    begin = at + 8
    size = int.from_bytes(data[at + 4 : begin], "big")
    end = begin + size
    if end != len(data) and data[end : end + 4] != TRACK:
        following = data.find(TRACK, begin)
        end = len(data) if following < 0 else following
    return Chunk(data[at:begin], data[begin:end], size)


def _repaired(chunk: Chunk, name: str) -> bytes:
    """Return the body with its CRs, or as it stands if only its length is wrong."""
    body, lost = chunk.body, chunk.lost
    if not lost:
        return body
    if chunk.head.startswith(HEADER):
        if lost < body.count(b"\n"):
            raise _refusal(name, "its header can be repaired in several ways")
        return body.replace(b"\n", b"\r\n")
    found, as_it_stands = search(body, lost, Rules.STRICT), search(body, 0, Rules.EVENTS)
    if not found.ways:
        found = search(body, lost, Rules.BALANCED)
    if as_it_stands.ways:
        if not search(body, lost, Rules.EVENTS).ways:
            return body
        found = found._replace(ways=found.ways + search(body, 0, Rules.BALANCED).ways)
    if found.ways != 1:
        raise _refusal(name, _count(found.ways))
    bounds = [0, *found.added, len(body)]
    return b"\r".join(body[begin:end] for begin, end in itertools.pairwise(bounds))


def _count(ways: int) -> str:
    if ways >= TOO_MANY:
        return "too many repairs are possible"
    return f"{ways} repairs fit equally well" if ways else "no repair fits"


def _refusal(name: str, why: str) -> ReadError:
    return ReadError(
        name,
        f"a text-mode transfer took bytes from it (CR LF became LF), and {why}; "
        "fetch it again as a binary file",
    )


class Rules(enum.IntEnum):
    """What a reading of a track has to fulfil, each with what those before it ask."""

    EVENTS = 0  # events up to the end of the track
    BALANCED = 1  # note-ons and note-offs in pairs, and no controller that is not known
    STRICT = 2  # no note-on of a note that is sounding


class Place(NamedTuple):
    """A place in a track: the next byte, whether its CR is read, and LFs that got a CR."""

    at: int
    behind_cr: bool
    added: tuple[int, ...]


class Event(NamedTuple):
    """One event: channel status (0 for another event), data bytes, and the place behind it."""

    status: int
    data: tuple[int, ...]
    behind: Place
    is_end: bool = False


class State(NamedTuple):
    """What the rest of a track depends on; `sounding` counts open notes, eight bits per pitch."""

    behind_cr: bool
    added: int
    status: int
    sounding: int


class Found(NamedTuple):
    """How many choices of LFs read well, and the LFs of one of them."""

    ways: int
    added: tuple[int, ...]


def search(track: bytes, lost: int, rules: Rules) -> Found:
    """Count the choices of `lost` LFs with which `track` reads to its end by the rules."""
    size, result = len(track), Found(0, ())
    follow = _Follow(track, rules)
    budget = max(STATES_PER_BYTE * size, MIN_STATES)
    layers: dict[int, dict[State, Found]] = {0: {State(False, 0, 0, 0): Found(1, ())}}
    for at in range(size):
        layer = layers.pop(at, {})
        budget -= len(layer)
        if budget < 0:
            return Found(TOO_MANY, ())
        read: dict[tuple[bool, int, int], list[Event]] = {}  # by all but the sounding notes
        for state, found in layer.items():
            if state[:3] not in read:
                reading = _Reading(track, lost - state.added)
                read[state[:3]] = list(reading.events(Place(at, state.behind_cr, ()), state.status))
            for event in read[state[:3]]:
                after = follow(state, event)
                if after is None:
                    continue
                total = Found(found.ways, found.added + event.behind.added)
                if not event.is_end:
                    _merge(layers.setdefault(event.behind.at, {}), after, total)
                elif event.behind.at == size and after.added == lost and not after.sounding:
                    result = total._replace(ways=result.ways + total.ways)
    return result


def _merge(layer: dict[State, Found], state: State, found: Found) -> None:
    """Add the ways to reach `state` to those that are known."""
    known = layer.get(state)
    layer[state] = known._replace(ways=known.ways + found.ways) if known else found


class _Follow:
    """Takes the state of a reading past an event, or ends a reading that breaks a rule."""

    def __init__(self, track: bytes, rules: Rules) -> None:
        self.rules = rules
        self.controllers = set(re.findall(rb"[\xb0-\xbf][\x00-\x7f]", track))
        self.counts: dict[tuple[int, int], int] = {}  # channel and pitch: place in `sounding`
        self.most = OPEN_NOTES if rules < Rules.STRICT else 1

    def __call__(self, state: State, event: Event) -> State | None:
        """Return the state behind `event`, or None if a rule is broken."""
        sounding = self._sounding(state.sounding, event) if self.rules else state.sounding
        if sounding is None:
            return None
        added = state.added + len(event.behind.added)
        return State(event.behind.behind_cr, added, event.status or state.status, sounding)

    def _sounding(self, sounding: int, event: Event) -> int | None:
        """Return the counts of open notes behind `event`, or None if it is not clean."""
        kind = event.status & 0xF0
        if kind == CONTROL and event.data[0] not in PEDALS:
            known = bytes((event.status, event.data[0])) in self.controllers
            return sounding if known else None
        if kind not in (NOTE_OFF, NOTE_ON):
            return sounding
        key = event.status & 0x0F, event.data[0]
        shift = 8 * self.counts.setdefault(key, len(self.counts))
        held = sounding >> shift & 0xFF
        if kind == NOTE_ON and event.data[1]:
            return sounding + (1 << shift) if held < self.most else None
        return sounding - (1 << shift) if held else None


class _Reading:
    """Reads one event in all ways that there are while `lost` CRs are missing."""

    def __init__(self, track: bytes, lost: int) -> None:
        self.track, self.lost = track, lost

    def events(self, place: Place, running: int) -> Iterator[Event]:
        """Yield each reading of the event at `place`; `running` is the running status, or 0."""
        for _, behind_delta in self._number(place):
            for first, behind in self._byte(behind_delta):
                if first < 0x80:
                    yield from self._channel(running, (first,), behind) if running else ()
                elif first < SYSEX:
                    yield from self._channel(first, (), behind)
                elif first == META:
                    yield from self._meta(behind)
                elif first in (SYSEX, ESCAPE):
                    yield from self._payload(behind)

    def _byte(self, place: Place) -> Iterator[tuple[int, Place]]:
        """Yield the next byte: an LF as itself and, while CRs are missing, the CR before it."""
        at, behind_cr, added = place
        if at == len(self.track):
            return
        byte = self.track[at]
        if byte != LF or behind_cr:
            yield byte, Place(at + 1, False, added)
            return
        if len(added) < self.lost:
            yield CR, Place(at, True, (*added, at))
        if self.track[at - 1 : at] != b"\r":  # a CR LF that is still there was CR CR LF
            yield LF, Place(at + 1, False, added)

    def _number(self, place: Place, value: int = 0, size: int = 1) -> Iterator[tuple[int, Place]]:
        """Yield each reading of a number of variable length."""
        for byte, behind in self._byte(place):
            if byte < 0x80:
                yield value << 7 | byte, behind
            elif size < NUMBER_BYTES:
                yield from self._number(behind, value << 7 | byte & 0x7F, size + 1)

    def _channel(self, status: int, data: tuple[int, ...], place: Place) -> Iterator[Event]:
        """Yield each reading of the data bytes that `status` still needs."""
        if len(data) == DATA_BYTES[status & 0xF0]:
            yield Event(status, data, place)
            return
        for byte, behind in self._byte(place):
            if byte < 0x80:
                yield from self._channel(status, (*data, byte), behind)

    def _meta(self, place: Place) -> Iterator[Event]:
        for kind, behind in self._byte(place):
            if kind not in META_SIZES:
                yield from self._payload(behind) if kind < 0x80 else ()
                continue
            for size, begin in self._number(behind):
                if size == META_SIZES[kind]:
                    for end in self._bytes(begin, size):
                        yield Event(0, (), end, kind == END_OF_TRACK)

    def _bytes(self, place: Place, count: int) -> Iterator[Place]:
        """Yield the place behind each reading of `count` bytes."""
        if not count:
            yield place
            return
        for _, behind in self._byte(place):
            yield from self._bytes(behind, count - 1)

    def _payload(self, place: Place) -> Iterator[Event]:
        """Yield the places where a text or a system message can end.

        Nothing of it is music, so of the choices that lead to one place only the first is taken.
        """
        for size, begin in self._number(place):
            missing = self.lost - len(begin.added)
            if begin.at + size - missing > len(self.track):
                continue
            feeds = self._feeds(begin, begin.at + size)
            for added in range(min(missing, size) + 1):
                end = begin.at + size - added
                inside = [at for at in feeds if at < end]
                if end <= len(self.track) and added <= len(inside):
                    yield Event(0, (), Place(end, False, (*begin.added, *inside[:added])))
                if added and end in feeds and added - 1 <= len(inside):
                    chosen = (*begin.added, *inside[: added - 1], end)
                    yield Event(0, (), Place(end, True, chosen))

    def _feeds(self, begin: Place, end: int) -> list[int]:
        """Return the LFs from `begin` to `end`, inclusive, that may get a CR."""
        first = begin.at + begin.behind_cr
        inside = self.track[first : end + 1]
        return [first + at for at, byte in enumerate(inside) if byte == LF]
