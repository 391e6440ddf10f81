"""Split a Standard MIDI File into its header and the bytes of its tracks.

Claims of the file count for less than its contents. All tracks are read, whatever number the header
gives. A track whose length does not lead to the next chunk ends at the next track. If the lengths
do not add up, `repair` looks for the traces of a text-mode transfer. Memory is bounded by the bytes
given.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from symgen import limits
from symgen.errors import ReadError, counted, printable

HEADER, TRACK = b"MThd", b"MTrk"


class Chunks(NamedTuple):
    """The parts of one file; `division` is ticks per quarter, or SMPTE (top bit set)."""

    format: int
    division: int
    tracks: list[bytes]
    warnings: list[str]


def split(data: bytes, name: str) -> Chunks:
    """Split `data` into header and tracks; ReadError says why it is not a MIDI file."""
    data = _unwrapped(data)
    if data[:4] != HEADER:
        raise ReadError(
            name,
            f"not a MIDI file: it begins with {printable(data[:8].decode('latin-1'))!r}, not with "
            "'MThd'; check it, or fetch it again",
        )
    if len(data) < 14:
        raise ReadError(name, f"cut off inside the header after {len(data)} bytes; fetch it again")
    data, repairs = _undamaged(data, name)
    length, kind, claimed, division = struct.unpack_from(">IHHH", data, 4)
    if kind > 2:
        raise ReadError(name, f"MIDI type {kind}, but only 0, 1 and 2 exist; the header is damaged")
    tracks, warnings = _tracks(data, 8 + max(length, 6))
    if len(tracks) > limits.current().tracks:
        raise limits.current().refuse(name, "tracks", len(tracks))
    if not tracks:
        raise ReadError(
            name, f"the header announces {claimed} tracks, but there is none; fetch it again"
        )
    if len(tracks) != claimed:
        warnings.append(
            f"the header announces {claimed} tracks, {len(tracks)} are there: all of them are read"
        )
    return Chunks(kind, division, tracks, repairs + warnings)


def _unwrapped(data: bytes) -> bytes:
    """Return the MIDI file inside a RIFF (.rmi) wrapper, or `data` itself."""
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return data
    at = data.find(HEADER, 12)
    return data[at:] if at > 0 else data


def _undamaged(data: bytes, name: str) -> tuple[bytes, list[str]]:
    """Return the file as it was before a text-mode transfer, and a warning if there was one."""
    at = 0
    while _chunk_at(data, at):
        at += 8 + _length(data, at)
    if at == len(data):
        return data, []
    from symgen.notes.midi.repair import undo  # rarely needed

    whole = undo(data, name)
    if whole is None:
        return data, []
    lost = len(whole) - len(data)
    change = "removed" if lost > 0 else "added"
    return whole, [f"repaired: a text-mode transfer had {change} {counted(abs(lost), 'CR byte')}"]


def _tracks(data: bytes, at: int) -> tuple[list[bytes], list[str]]:
    tracks: list[bytes] = []
    short = foreign = 0
    if not _chunk_at(data, at):  # the length of the header is wrong
        at = max(data.find(TRACK, 8), 0) or len(data)
    while _chunk_at(data, at):
        body, end = at + 8, at + 8 + _length(data, at)
        if data[at : at + 4] != TRACK:
            foreign += 1
        else:
            if end != len(data) and not _chunk_at(data, end):
                claimed, end = end, data.find(TRACK, body)
                end = len(data) if end < 0 else end
                short += claimed > end
            tracks.append(data[body:end])
        at = end
    return tracks, _warnings(short, foreign)


def _length(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 4 : at + 8], "big")


def _chunk_at(data: bytes, at: int) -> bool:
    """Whether a track, or a foreign chunk that fits in the file, begins at `at`."""
    kind = data[at : at + 4]
    if len(data) < at + 8:
        return False
    return kind == TRACK or (
        kind.isalnum() and kind.isascii() and at + 8 + _length(data, at) <= len(data)
    )


def _warnings(short: int, foreign: int) -> list[str]:
    warnings = []
    if short:
        claim = "tracks claim" if short > 1 else "track claims"
        warnings.append(f"{short} {claim} more bytes than there are: read up to the end")
    if foreign:
        warnings.append(f"{counted(foreign, 'chunk')} of another kind skipped")
    return warnings
