"""A Standard MIDI File taken apart into its header and the bytes of its tracks.

Nothing is believed that can be seen: tracks are those that are there, whatever the header counts, and a track whose
length does not lead to the next chunk reaches as far as the next track. Memory is bounded by the bytes given.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from symgen.errors import ReadError
from symgen.notes.midi.repair import mend

HEADER, TRACK = b"MThd", b"MTrk"
ATTEMPTS = 4  # tracks that are mended, so that time is bounded


class Chunks(NamedTuple):
    """The parts of one file. `division` is as written: ticks a quarter, or SMPTE where its top bit is set."""

    format: int
    division: int
    tracks: list[bytes]
    warnings: list[str]


def split(data: bytes, name: str) -> Chunks:
    """Take `data` apart; ReadError says why it is no MIDI file."""
    data = _unwrapped(data)
    if data[:4] != HEADER:
        raise ReadError(
            name, f"not a MIDI file: it begins with {data[:8]!r}, not with b'MThd'; leave it out"
        )
    if len(data) < 14:
        raise ReadError(name, f"cut off inside the header after {len(data)} bytes; fetch it again")
    length, kind, claimed, division = struct.unpack_from(">IHHH", data, 4)
    if kind > 2:
        raise ReadError(name, f"MIDI type {kind}, but only 0, 1 and 2 exist; the header is damaged")
    tracks, warnings = _tracks(data, 8 + max(length, 6))
    if not tracks:
        raise ReadError(
            name, f"the header announces {claimed} tracks, but there is none; fetch it again"
        )
    if len(tracks) != claimed:
        warnings.append(
            f"the header announces {claimed} tracks, {len(tracks)} are there: all of them are read"
        )
    return Chunks(kind, division, tracks, warnings)


def _unwrapped(data: bytes) -> bytes:
    """Return the MIDI file inside a RIFF (.rmi) wrapper, or `data` itself."""
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return data
    at = data.find(HEADER, 12)
    return data[at:] if at > 0 else data


def _tracks(data: bytes, at: int) -> tuple[list[bytes], list[str]]:
    tracks: list[bytes] = []
    short = foreign = returned = attempts = 0
    if not _chunk_at(data, at):  # a header that lies about its own length
        at = max(data.find(TRACK, 8), 0) or len(data)
    while _chunk_at(data, at):
        body, end = at + 8, at + 8 + _length(data, at)
        if data[at : at + 4] == TRACK:
            if end != len(data) and not _chunk_at(data, end):
                claimed, end = end, data.find(TRACK, body)
                end = len(data) if end < 0 else end
                whole, found = mend(data[body:end], claimed - end if attempts < ATTEMPTS else 0)
                attempts += claimed > end
                tracks.append(whole)
                returned += found
                short += claimed - end > found
            else:
                tracks.append(data[body:end])
        else:
            foreign += 1
        at = end
    return tracks, _said(short, foreign, returned)


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


def _said(short: int, foreign: int, returned: int) -> list[str]:
    said = []
    if returned:
        said.append(
            f"{returned} byte{'s' if returned > 1 else ''} that a text-mode transfer took (CR LF became LF) put back"
        )
    if short:
        said.append(
            f"{short} track{'s claim' if short > 1 else ' claims'} more bytes than there are: read as far as they go"
        )
    if foreign:
        said.append(f"{foreign} chunk{'s' if foreign > 1 else ''} of another kind skipped")
    return said
