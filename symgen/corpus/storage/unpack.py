"""Unpack an archive safely: no links, no devices, no paths outside the folder, no bombs."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from symgen.corpus.storage.archives import (
    BROKEN,
    broken,
    check_members,
    check_unpacked,
    claimed,
    members,
    tidy,
)
from symgen.corpus.storage.places import suffix
from symgen.errors import DataError, printable
from symgen.files import CHUNK

Member = tuple[str, int, IO[bytes] | None]  # path, bytes, content (None for a folder)


def unpack(archive: Path, folder: Path) -> int:
    """Unpack a .zip or .tar.* into the new `folder` and return the number of files.

    Raises DataError if it is not safe. Then `folder` may be incomplete, and the caller has to
    remove it.
    """
    found = _zip(archive) if suffix(archive.name) == ".zip" else _tar(archive)
    count = total = 0
    try:
        for seen, (name, size, content) in enumerate(found, 1):
            check_members(archive, seen)
            total += size
            check_unpacked(archive, total)
            if content is not None:
                _write(folder / name, content)
                count += 1
    except BROKEN as error:
        raise broken(archive, error) from None
    return count


def _write(path: Path, content: IO[bytes]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "xb")  # noqa: SIM115 - closed below; reading may fail too
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None
    with file:
        while chunk := content.read(CHUNK):
            try:
                file.write(chunk)
            except OSError as error:
                raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None


def _zip(path: Path) -> Iterator[Member]:
    check_members(path, claimed(path))
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            name = _safe(path, member.filename, kind in (0, stat.S_IFREG, stat.S_IFDIR))
            if member.is_dir():
                continue
            with archive.open(member) as content:
                yield name, member.file_size, content


def _tar(path: Path) -> Iterator[Member]:
    for archive, member in members(path):
        name = _safe(path, member.name, member.isreg() or member.isdir())
        yield name, member.size, archive.extractfile(member) if member.isreg() else None


def _safe(archive: Path, name: str, plain: bool) -> str:
    path, reason = tidy(name)
    if not plain:
        reason = "a link or a device"
    if reason or os.path.isabs(path):
        raise DataError(
            f"{archive}: refused, nothing was unpacked: {printable(name)!r} is "
            f"{reason or 'an absolute path'}"
        )
    return path
