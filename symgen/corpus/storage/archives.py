"""Read archives in place: nothing is unpacked to disk, and memory is limited to one file.

A zip has a directory, so each worker opens the archive and reads the members it needs. A tar can
only be read from front to back, so its members carry their bytes and come in the order of the
archive. An archive that unpacks to far more than its size is refused before unpacking.
"""

from __future__ import annotations

import bz2
import dataclasses
import functools
import gzip
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from symgen import limits, regular
from symgen.corpus.storage.places import TABLE, Blob, Place, is_companion, suffix, too_long
from symgen.errors import DataError, ReadError
from symgen.files import CHUNK

BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    UnicodeError,
)
RATIO, FLOOR = 200, 256 << 20  # an archive may unpack to 200 times its size, or to 256 MiB
SMALL = 512  # bytes of a member, with its header; music is larger
MOST_PEEKED = 64 << 20  # bytes of the tables of a tar, which are kept in memory
MOST_READ = 16 << 20  # bytes that the tar reader reads at once; more means a wrong header


def check_unpacked(path: Path, size: int) -> None:
    """Refuse an archive that unpacks to `size` bytes if music does not compress that much."""
    if size > FLOOR and size > RATIO * path.stat().st_size:
        raise DataError(
            f"{path}: unpacks to {size:,} bytes or more, over {RATIO} times its own "
            f"{path.stat().st_size:,}: refused as a decompression bomb; "
            "unpack it yourself if you trust it and give the folder"
        )


def broken(path: object, error: BaseException) -> DataError:
    """Return the error for an archive that cannot be read."""
    return DataError(
        f"{path}: broken archive ({error or type(error).__name__}); fetch or copy it again"
    )


def check_members(path: Path, count: int) -> None:
    """Refuse an archive of more members than the limit, unless it has the bytes for so many."""
    if count > limits.current().members and count * SMALL > path.stat().st_size:
        raise DataError(f"{path}: {limits.current().beyond('members', count)}")


def tidy(name: str) -> tuple[str, str]:
    """Return the posix path of a member, and why it must not be used, or ""."""
    if reason := too_long(name.replace("\\", "/")):
        return f"{name[:80]}...", reason
    name = name.replace("\\", "/").removeprefix("./")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    unsafe = name.startswith("/") or ".." in parts or ":" in "".join(parts[:1])
    return name, "a path that leaves the archive" if unsafe else ""


def claimed(path: Path) -> int:
    """Return how many members the end of a zip claims; 0 if it does not say."""
    with regular.opened(path) as file:
        size = file.seek(0, 2)
        file.seek(max(size - (1 << 16) - 22, 0))
        tail = file.read()
    large, at = tail.rfind(b"PK\6\6"), tail.rfind(b"PK\5\6")
    if large >= 0:  # Zip64
        return int.from_bytes(tail[large + 32 : large + 40], "little")
    return int.from_bytes(tail[at + 10 : at + 12], "little") if at >= 0 else 0


@dataclasses.dataclass(frozen=True)
class ZipBlob(Blob):
    """One member of a zip, by its index; `stamp` detects that the archive was replaced."""

    path: str
    index: int
    stamp: tuple[int, int]

    def read(self, name: str) -> bytes:
        """Return the bytes of the member; the archive stays open in this process."""
        try:
            archive = _opened(self.path, self.stamp, os.getpid())
            return archive.read(archive.infolist()[self.index])
        except BROKEN as error:
            raise ReadError(name, f"cannot be unpacked: {error}") from None


@functools.lru_cache(maxsize=2)
def _opened(path: str, stamp: tuple[int, int], process: int) -> zipfile.ZipFile:
    # the process is part of the key: a forked worker must not share the file position of its parent
    if _stamp(path) != stamp:
        raise OSError("the archive was changed while it was read")
    return zipfile.ZipFile(path)


def _stamp(path: str | Path) -> tuple[int, int]:
    info = os.stat(path)
    return info.st_size, info.st_mtime_ns


class Zip(Place):
    """A .zip archive."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self._index, self._stamp = path, dict[str, int](), _stamp(path)
        try:
            check_members(path, claimed(path))
            with zipfile.ZipFile(path) as archive:
                members = archive.infolist()
        except BROKEN as error:
            raise broken(path, error) from None
        check_members(path, len(members))
        check_unpacked(path, sum(m.file_size for m in members))
        for i, member in enumerate(members):
            self._list(i, member)
        self.names.sort()

    def _list(self, index: int, member: zipfile.ZipInfo) -> None:
        name, reason = tidy(member.filename)
        if name.endswith("/"):
            return
        if name in self._index:
            reason = "named twice in the archive; the first is read"
        elif member.flag_bits & 1:
            reason = "encrypted"
        if reason:
            self.skipped.append((name, reason))
        else:
            self.sort(name, member.file_size)
            self._index[name] = index

    def _blob(self, name: str) -> ZipBlob:
        return ZipBlob(str(self.path), self._index[name], self._stamp)

    def peek(self, name: str) -> bytes:
        """Return the bytes of a companion."""
        return self._blob(name).read(name)

    def blobs(self) -> Iterator[tuple[str, Blob]]:
        """Yield every music file, sorted."""
        for name in self.names:
            yield name, self._blob(name)


@dataclasses.dataclass(frozen=True)
class Carried(Blob):
    """Bytes that were read already, because what they were in can only be read in order."""

    data: bytes

    def read(self, name: str) -> bytes:
        """Return the bytes."""
        return self.data


class Tar(Place):
    """A .tar archive, plain or compressed. It is read once to list it and once for its members."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self._peeked = path, dict[str, bytes]()
        self._wanted: dict[int, str] = {}
        self._peeking = 0
        total, seen = 0, set[str]()
        for i, (archive, member) in enumerate(members(path)):
            check_members(path, i + 1)
            total += max(member.size, 0)
            check_unpacked(path, total)
            if not member.isdir():
                self._list(i, archive, member, seen)

    def _list(
        self, index: int, archive: tarfile.TarFile, member: tarfile.TarInfo, seen: set[str]
    ) -> None:
        name, reason = tidy(member.name)
        if name in seen:
            reason = "named twice in the archive; the first is read"
        elif not member.isreg():
            reason = "a link or a device, not a file"
        if reason:
            self.skipped.append((name, reason))
            return
        seen.add(name)
        if self.sort(name, member.size):
            self._wanted[index] = name
        elif is_companion(name) and member.size <= TABLE:
            self._peeking += member.size
            if self._peeking > MOST_PEEKED:
                raise DataError(
                    f"{self.path}: its tables are larger than {MOST_PEEKED >> 20} MiB; "
                    "unpack it and give the folder"
                )
            self._peeked[name] = _content(archive, member)

    def peek(self, name: str) -> bytes:
        """Return the bytes of a companion."""
        return self._peeked[name]

    def blobs(self) -> Iterator[tuple[str, Blob]]:
        """Yield every music file in the order of the archive."""
        kept = set(self.names)
        for i, (archive, member) in enumerate(members(self.path)):
            if self._wanted.get(i) in kept:
                yield self._wanted[i], Carried(_content(archive, member))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return b"".join(iter(lambda: file.read(CHUNK), b"")) if file else b""


class Guarded(io.RawIOBase):
    """A stream that refuses large reads and a position beyond a limit, whatever a header says."""

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream, self._path = stream, path
        self.last = b""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; refuse -1 and anything above MOST_READ."""
        if not 0 <= size <= MOST_READ:
            raise DataError(
                f"{self._path}: broken archive (a header claims {size:,} bytes); "
                "fetch or copy it again"
            )
        self.last = self._stream.read(size)
        return self.last

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go forward to `offset`; refuse a decompression bomb."""
        check_unpacked(self._path, offset)
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the position in the unpacked stream."""
        return self._stream.tell()


MAGIC: dict[bytes, Callable[[Any], IO[bytes]]] = {
    b"\x1f\x8b": gzip.open,  # type: ignore[dict-item]
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}


def members(path: Path) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """Yield (archive, member) from front to back; DataError if the archive is broken."""
    try:
        with _plain(path) as stream:
            guarded = Guarded(stream, path)
            with tarfile.open(fileobj=guarded, mode="r:") as archive:
                while member := archive.next():
                    yield archive, member
                    archive.members = []  # type: ignore[attr-defined]  # saves memory
            if any(guarded.last):  # an archive ends with zeros; tarfile stops at any bad header
                raise tarfile.ReadError("it is cut off, or bytes in it have changed")
    except BROKEN as error:
        raise broken(path, error) from None


def _plain(path: Path) -> IO[bytes]:
    file = regular.opened(path)
    head = file.read(6)
    file.seek(0)
    for magic, opener in MAGIC.items():
        if head.startswith(magic):
            file.close()
            return opener(path)
    return file


def open_archive(path: Path) -> Place:
    """Return the archive at `path`, with its members listed."""
    return Zip(path) if suffix(path.name) == ".zip" else Tar(path)
