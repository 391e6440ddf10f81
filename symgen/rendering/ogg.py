"""Give Ogg files a fixed stream number, so that equal sounds give equal bytes (the encoder draws
one at random).

The checksum of a page is linear in its bytes, so it can be corrected from the change only. The
change, a polynomial over GF(2), is moved to its place by multiplying with a power of x.
"""

from __future__ import annotations

import functools
import struct
from typing import IO

SERIAL = 1
# magic, version, flags, position, serial, page, checksum, segments
HEAD = struct.Struct("<4sBBqIIIB")
POLYNOMIAL = 0x104C11DB7


def renumber(file: IO[bytes]) -> None:
    """Give every page of the Ogg file the stream number SERIAL, in place."""
    at = 0
    file.seek(at)
    while len(head := file.read(HEAD.size)) == HEAD.size:
        magic, version, flags, position, serial, page, checksum, segments = HEAD.unpack(head)
        if magic != b"OggS":
            raise ValueError(f"there is no Ogg page at byte {at}")
        length = HEAD.size + segments + sum(file.read(segments))
        change = int.from_bytes(struct.pack("<I", serial ^ SERIAL), "big")
        checksum ^= _times(change, _power(8 * (length - 14)))
        file.seek(at)
        file.write(HEAD.pack(magic, version, flags, position, SERIAL, page, checksum, segments))
        at += length
        file.seek(at)


def _times(a: int, b: int) -> int:
    """Multiply two polynomials modulo the checksum's."""
    out = 0
    while b:
        if b & 1:
            out ^= a
        a <<= 1
        if a >> 32:
            a ^= POLYNOMIAL
        b >>= 1
    return out


@functools.lru_cache(maxsize=4096)
def _power(bits: int) -> int:
    """Return x to the power of `bits` modulo the checksum's polynomial."""
    out, square = 1, 2
    while bits:
        if bits & 1:
            out = _times(out, square)
        square = _times(square, square)
        bits >>= 1
    return out
