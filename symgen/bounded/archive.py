"""Zip files of strangers: the members, their sizes and how they are packed are checked at once.

The directory of a zip says how large each member is. `zipfile` believes it: it reads a directory of
any length, and `read` unpacks a whole member before it looks at the size again.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO

END = struct.Struct("<4s4H2LH")  # of the directory
LOCATOR = 20  # bytes of what points to a second directory, for more than 4 GB
ENTRY = 1024  # bytes of an entry of the directory, on average, at most
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
SLACK = 1 << 20  # bytes that a member of any packed size may unpack to
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
)
ENCRYPTED = 1


def opened(file: IO[bytes], members: int) -> zipfile.ZipFile:
    """Return the zip in `file`, of at most `members` members; ValueError says what is wrong."""
    _check_end(file, members)
    try:
        archive = zipfile.ZipFile(file)
    except (*DAMAGED, UnicodeDecodeError) as error:
        raise ValueError(f"its zip directory is damaged: {error}") from None
    names = set[str]()
    for entry in archive.infolist():
        if entry.filename in names:
            raise ValueError(f"{entry.filename!r:.60} is in it twice")
        if entry.compress_type not in PACKED or entry.flag_bits & ENCRYPTED:
            raise ValueError(f"{entry.filename!r:.60} is encrypted, or packed in another way")
        names.add(entry.filename)
    return archive


def _check_end(file: IO[bytes], members: int) -> None:
    """Raise ValueError unless the file ends with a directory of at most `members` entries."""
    size = file.seek(0, 2)
    tail = min(size, END.size + LOCATOR)
    file.seek(size - tail)
    data = file.read(tail)
    if len(data) < END.size:
        raise ValueError("it is no zip file")
    magic, _, _, _, count, length, _, comment = END.unpack(data[-END.size :])
    if magic != b"PK\5\6" or comment:
        raise ValueError("it does not end as a zip file does")
    if data[: -END.size][-LOCATOR:].startswith(b"PK\6\7"):
        raise ValueError("it is a zip file for more than 4 GB")
    if count > members or length > members * ENTRY:
        raise ValueError(f"its zip directory has {count:,} members, the limit is {members:,}")


def check_sizes(archive: zipfile.ZipFile, most: Mapping[str, int], other: int, ratio: int) -> None:
    """Raise ValueError where a member unpacks to more than `most` says for it, or `other`.

    Beyond SLACK, a member may be `ratio` times as large as it is packed.
    """
    for entry in archive.infolist():
        limit = most.get(entry.filename, other)
        name = repr(entry.filename)[:60]
        if entry.file_size > limit:
            raise ValueError(f"{name} has {entry.file_size:,} bytes, the limit is {limit:,}")
        if entry.file_size > SLACK + ratio * entry.compress_size:
            raise ValueError(
                f"{name} unpacks to {entry.file_size:,} bytes from {entry.compress_size:,}, more "
                f"than {ratio} times as many"
            )


def read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a member, its checksum verified; KeyError without it, ValueError where damaged.

    No more is unpacked than the directory says.
    """
    entry = archive.getinfo(name)
    try:
        with archive.open(entry) as file:
            data = file.read(entry.file_size)
    except DAMAGED as error:
        raise ValueError(f"{name!r:.60} cannot be unpacked: {error}") from None
    if len(data) != entry.file_size:
        raise ValueError(f"{name!r:.60} is cut short")
    return data
