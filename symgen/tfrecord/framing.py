"""The TFRecord framing, little-endian.

A record is its length (uint64), the masked CRC-32C of that, the data and its masked CRC-32C.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterable, Iterator
from typing import IO

from symgen import regular
from symgen.errors import ReadError
from symgen.files import atomic

HEAD = struct.Struct("<QI")
TAIL = struct.Struct("<I")
CHUNK = 1 << 20  # bytes read at once; a damaged length must not decide how much memory is used
LARGEST = 1 << 28  # bytes of a record; a longer one in a small compressed file is a bomb

PathOrFile = str | os.PathLike[str] | IO[bytes]


def frame(data: bytes) -> bytes:
    """Return one record around `data`."""
    length = struct.pack("<Q", len(data))
    return b"".join([length, TAIL.pack(_masked(length)), data, TAIL.pack(_masked(data))])


def write_records(target: PathOrFile, records: Iterable[bytes]) -> int:
    """Write `records` to a path (whole or not at all) or an open file; return their number."""
    with _opened_to_write(target) as file:
        count = 0
        for count, data in enumerate(records, 1):  # noqa: B007
            file.write(frame(data))
    return count


def read_records(source: PathOrFile, name: str | None = None) -> Iterator[bytes]:
    """Yield the data of each record of a path or an open binary file.

    ReadError names the file (or `name`) and the record, counted from 1, where a checksum is wrong
    or the file ends early.
    """
    if not name:
        is_path = isinstance(source, str | os.PathLike)
        name = str(source if is_path else getattr(source, "name", "records"))
    with _opened_to_read(source, name) as file:
        index = 0
        while head := file.read(HEAD.size):
            index += 1
            yield _record(file, head, name, index)


def _record(file: IO[bytes], head: bytes, name: str, index: int) -> bytes:
    if len(head) < HEAD.size:
        raise ReadError(
            name, f"record {index} is cut off after {len(head)} bytes; make the file again"
        )
    length, check = HEAD.unpack(head)
    if check != _masked(head[:8]):
        raise ReadError(
            name,
            f"record {index} is corrupt (checksum of its length), or this is not a TFRecord; "
            "make the file again",
        )
    body = _exactly(file, min(length, LARGEST) + TAIL.size)
    if len(body) < min(length, LARGEST) + TAIL.size:
        raise ReadError(
            name,
            f"record {index} is cut off: {len(body)} of {length + TAIL.size} bytes; "
            "make the file again",
        )
    if length > LARGEST:
        raise ReadError(name, f"record {index} is longer than the limit of {LARGEST:,} bytes")
    data = body[:length]
    if TAIL.unpack(body[length:])[0] != _masked(data):
        raise ReadError(
            name, f"record {index} is corrupt (checksum of its data); make the file again"
        )
    return data


def _exactly(file: IO[bytes], size: int) -> bytes:
    parts = []
    while size > 0 and (part := file.read(min(size, CHUNK))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _masked(data: bytes) -> int:
    from google_crc32c import value

    crc = int(value(data))
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@contextlib.contextmanager
def _opened_to_write(target: PathOrFile) -> Iterator[IO[bytes]]:
    if isinstance(target, str | os.PathLike):
        with atomic(target) as file:
            yield file
    else:
        yield target


@contextlib.contextmanager
def _opened_to_read(source: PathOrFile, name: str) -> Iterator[IO[bytes]]:
    if not isinstance(source, str | os.PathLike):
        yield source
        return
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(regular.opened(source))
        except OSError as error:
            raise ReadError(name, f"cannot be opened: {error.strerror or error}") from None
        yield file
