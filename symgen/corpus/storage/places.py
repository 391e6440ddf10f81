"""Places that store music: a folder or one file; archives are in `symgen.corpus.storage.archives`.

A place lists its files when it is opened. `names` are music files as sorted posix paths,
`companions` are tables and manifests (.csv, .toml), and everything else is in `skipped` with a
reason. A Blob reads the bytes of a file; it is small enough to be sent to another process.
"""

from __future__ import annotations

import abc
import dataclasses
import os
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from symgen import limits, notes, regular
from symgen.errors import DataError, ReadError

CONTAINERS = {".tfrecord": 16}  # times the limit: a container of many pieces may be larger
TABLE = 16 << 20  # bytes of a table or a manifest
LONGEST, DEEPEST = 1000, 64  # characters and folders of a path
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
COMPANIONS = (".csv", ".toml")
DATASET = "dataset.json"  # beside shards, it marks a dataset of symgen


class Blob(abc.ABC):
    """The bytes of one file, not yet read."""

    @abc.abstractmethod
    def read(self, name: str) -> bytes:
        """Return the bytes; ReadError names the file `name`."""


@dataclasses.dataclass(frozen=True)
class FileBlob(Blob):
    """A file on disk."""

    path: str

    def read(self, name: str) -> bytes:
        """Return the file's bytes."""
        return self.read_up_to(most_bytes(name), name)

    def read_up_to(self, most: int, name: str) -> bytes:
        """Return the file's bytes; ReadError if there are more than `most` by now."""
        try:
            return regular.contents(self.path, most)
        except (OSError, ValueError) as error:
            raise ReadError(name, getattr(error, "strerror", None) or str(error)) from None


class Place(abc.ABC):
    """A listing of files: music, tables and manifests, and the others with a reason."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.companions: list[str] = []
        self.skipped: list[tuple[str, str]] = []

    def sort(self, name: str, size: int) -> bool:
        """Add a file of `size` bytes to its list; return whether it is music."""
        reason = self.refusal(name, size)
        if not reason:
            self.names.append(name)
        elif is_companion(name) and size > TABLE:
            too_large = f"{size >> 20} MiB, over the limit of {TABLE >> 20} MiB for a table"
            self.skipped.append((name, too_large))
        elif is_companion(name):
            self.companions.append(name)
        else:
            self.skipped.append((name, reason))
        return not reason

    def refusal(self, name: str, size: int) -> str:
        """Return why a file of `size` bytes is left out, or "" if it is read."""
        return refusal(name, size)

    @abc.abstractmethod
    def peek(self, name: str) -> bytes:
        """Return the bytes of a companion."""

    @abc.abstractmethod
    def blobs(self) -> Iterator[tuple[str, Blob]]:
        """Yield (name, blob) for every name in `names`."""


def suffix(name: str) -> str:
    """Return the extension of a posix path in lower case, such as ".mid"."""
    last = name.rstrip("/").rpartition("/")[2]  # ten times as fast as pathlib
    dot = last.rfind(".")
    return last[dot:].lower() if 0 < dot < len(last) - 1 else ""


def is_archive(name: str) -> bool:
    """Return whether a file name is that of an archive which symgen reads in place."""
    return name.lower().endswith(ARCHIVES)


def is_companion(name: str) -> bool:
    """Return whether a file is a table or a manifest that is not hidden."""
    return suffix(name) in COMPANIONS and not hidden(name)


def hidden(name: str) -> str:
    """Return why a path is never read, or ""."""
    if not name.startswith(".") and "/." not in name and "__MACOSX" not in name:
        return ""
    parts = PurePosixPath(name).parts
    if any(p.startswith("._") or p == "__MACOSX" for p in parts):
        return "AppleDouble file of macOS, not music"
    return "hidden" if any(p.startswith(".") for p in parts) else ""


def too_long(name: str) -> str:
    """Return why a path is too long to be used, or ""."""
    if len(name) > LONGEST:
        return f"a path of {len(name):,} characters, over the limit of {LONGEST:,}"
    depth = name.count("/")
    return f"{depth:,} folders deep, over the limit of {DEEPEST}" if depth > DEEPEST else ""


def most_bytes(name: str) -> int:
    """Return how many bytes the music file `name` may have."""
    return limits.current().bytes * CONTAINERS.get(suffix(name), 1)


def refusal(name: str, size: int) -> str:
    """Return why the file `name` of `size` bytes is left out, or "" if it is read."""
    if reason := hidden(name):
        return reason
    kind = suffix(name)
    if kind not in notes.SUFFIXES:
        archive = "an archive inside the corpus; open it by itself"
        return archive if is_archive(name) else f"no music file ({kind or 'no extension'})"
    limit = most_bytes(name)
    return f"{size >> 20} MiB, over the limit of {limit >> 20} MiB per file" if size > limit else ""


def same(name: str) -> str:
    """Return a path in a normal form for comparing (macOS decomposes accents)."""
    return unicodedata.normalize("NFC", name.replace("\\", "/")).removeprefix("./")


class Folder(Place):
    """A folder with its subfolders, also those named .mid.

    A link inside it is followed once; one that leaves it is not followed, and `root` itself may be
    a link.
    """

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        self.real = os.path.realpath(root)
        self._walk()
        self.names.sort()
        self.companions.sort()
        self.skipped.sort()

    def _walk(self) -> None:
        seen: set[str] = set()
        folders = [""]
        links = list[str]()
        while folders or links:  # links last, so that a folder gets its own name if it has one
            folder = folders.pop() if folders else links.pop(0)
            real = os.path.realpath(self.root / folder)
            if real in seen:
                self.skipped.append((folder, "a link to a folder that was read already"))
                continue
            seen.add(real)
            self._enter(folder, folders, links)

    def _enter(self, folder: str, folders: list[str], links: list[str]) -> None:
        try:
            with os.scandir(self.root / folder) as inside:
                entries = sorted(inside, key=lambda e: e.name)
        except OSError as error:
            if not folder:
                raise DataError(f"{self.root}: {error.strerror or error}") from None
            self.skipped.append((folder, error.strerror or str(error)))
            return
        for entry in entries:
            name = f"{folder}/{entry.name}".removeprefix("/")
            if entry.is_symlink() and self._leaves(entry.path):
                self.skipped.append((name, "a link that leaves the corpus"))
                continue
            try:
                info = entry.stat()
            except OSError as error:
                why = error.strerror or str(error)
                self.skipped.append((name, f"broken link: {why}" if entry.is_symlink() else why))
                continue
            if stat.S_ISDIR(info.st_mode):
                self._folder(name, (links if entry.is_symlink() else folders))
            elif stat.S_ISREG(info.st_mode):
                self.sort(name, info.st_size)
            else:
                self.skipped.append((name, "not a regular file"))

    def _leaves(self, link: str) -> bool:
        return os.path.commonpath([self.real, os.path.realpath(link)]) != self.real

    def _folder(self, name: str, queue: list[str]) -> None:
        try:
            reason = hidden(name) or too_long(name) or self._made(name)
        except OSError as error:
            reason = error.strerror or str(error)
        if reason:
            self.skipped.append((name, reason))
        else:
            queue.append(name)

    def _made(self, name: str) -> str:
        folder = self.root / name
        made = (folder / DATASET).is_file() and any(folder.glob("*-of-*.tfrecord"))
        return "a dataset that symgen made, not music" if made else ""

    def peek(self, name: str) -> bytes:
        """Return the bytes of a companion."""
        return FileBlob(str(self.root / name)).read_up_to(TABLE, name)

    def blobs(self) -> Iterator[tuple[str, Blob]]:
        """Yield every music file, sorted."""
        for name in self.names:
            yield name, FileBlob(str(self.root / name))


class File(Place):
    """One file given by name; only its extension and its size can refuse it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        reason = "not a regular file"
        if path.is_file():
            reason = refusal(path.name.lstrip("."), path.stat().st_size)
        if reason:
            known = ", ".join(sorted(notes.SUFFIXES))
            raise DataError(f"{path}: {reason}; symgen reads {known} and archives of them")
        self.names = [path.name]

    def peek(self, name: str) -> bytes:
        """Raise KeyError: a file has no companions."""
        raise KeyError(name)

    def blobs(self) -> Iterator[tuple[str, Blob]]:
        """Yield the file."""
        yield self.path.name, FileBlob(str(self.path))
