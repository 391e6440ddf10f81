"""What the containers of recordings say and libsndfile does not pass on: that a file is cut off.

libsndfile reads a WAV, AIFF or Ogg file that was cut off as if it ended there, and of Ogg streams
one after the other, as a recorder of radio writes them, the first alone: they are given to it one
by one.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import IO

from symgen.audio.reading.joined import Joined, part

OPEN = (0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000)  # sizes that stand for "not known yet"
MOST_HEAD = 1 << 16  # bytes before the sound
PAGE = struct.Struct("<4sBBqIIIB")
BEGIN, END = 2, 4  # flags of a page of Ogg
NEAR = 2  # bytes that may be missing


def remarks(file: IO[bytes]) -> list[str]:
    """Return lines about the container: what is missing, and what is not read."""
    file.seek(0)
    head = file.read(12)
    if head[:4] in (b"RIFF", b"FORM"):
        return _chunked(file, head)
    return _ogg(file) if head[:4] == b"OggS" else []


def finished(file: IO[bytes]) -> Joined | None:
    """Return a WAV file whose recorder was ended before it wrote how much sound there is.

    It has 0 for that, and libsndfile would read nothing. None for any other file.
    """
    head = part(file, 0, MOST_HEAD)
    at = 12
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    while at + 8 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        at += 8
        if name == b"data":
            size = file.seek(0, io.SEEK_END)
            if length or size <= at:
                return None
            wide = min(size - at, OPEN[1] - at)
            new = bytearray(head[:at])
            new[4:8] = (wide + at - 8).to_bytes(4, "little")
            new[at - 4 : at] = wide.to_bytes(4, "little")
            return Joined(file, bytes(new), [(at, at + wide)])
        at += length + length % 2
    return None


def _chunked(file: IO[bytes], head: bytes) -> list[str]:
    claimed = int.from_bytes(head[4:8], "little" if head[:4] == b"RIFF" else "big")
    size = file.seek(0, io.SEEK_END)
    if claimed in OPEN or claimed + 8 <= size + NEAR:
        return []
    return [f"has {size:,} of the {claimed + 8:,} bytes that its header claims: cut off"]


def links(file: IO[bytes]) -> list[tuple[int, int]]:
    """Return the (first, last + 1) bytes of the streams of an Ogg file that follow each other.

    Empty for any other file. Streams that begin together are one link.
    """
    begins, media = list[int](), True
    for at, flags, _ in _pages(file):
        if flags & BEGIN and media:
            begins.append(at)
        media = not flags & BEGIN
    ends = [*begins[1:], file.seek(0, io.SEEK_END)]
    return list(zip(begins, ends, strict=True)) if begins else []


def _ogg(file: IO[bytes]) -> list[str]:
    flags = last = 0
    for page in _pages(file):
        _, flags, last = page
    ended = bool(flags & END)
    size = file.seek(0, io.SEEK_END)
    if size - last >= PAGE.size:
        return [f"byte {last:,} is no page of Ogg: damaged there"]
    return [] if ended and last == size else ["its last page is missing: cut off"]


def _pages(file: IO[bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield (first byte, flags, byte behind it) of each page, up to one that is none."""
    at = 0
    while len(head := part(file, at, PAGE.size)) == PAGE.size:
        magic, _, flags, _, _, _, _, segments = PAGE.unpack(head)
        if magic != b"OggS":
            return
        end = at + PAGE.size + segments + sum(file.read(segments))
        yield at, flags, end
        at = end
