"""Write files whole or not at all; checksums, free names, and .npz files with fixed bytes.

All of it works the same on Windows.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import itertools
import os
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from symgen import regular, scratch
from symgen.bounded import json_text
from symgen.errors import DataError, printable

CHUNK = 1 << 20
MOST_LINE = 1 << 16  # bytes of a line of JSON
NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
"""Errors of a file system that cannot be asked to write through to the disk."""


class Exists(DataError):
    """A file that would be written is there already."""

    def __init__(self, path: object) -> None:
        super().__init__(f"{path} exists; give another -o or --force to replace it")


@contextlib.contextmanager
def atomic(
    path: str | os.PathLike[str], mode: str = "wb", replace: bool = True
) -> Iterator[IO[Any]]:
    """Open a hidden file beside `path` for writing, and rename it to `path` on success.

    It is on the disk before it has its name, so that a power cut leaves the old file or the new
    one. On an error the hidden file is removed, and an older file at `path` stays. Without
    `replace`, Exists is raised if there is a file by then, also one that another process has just
    made.
    """
    path = Path(path)
    make_folder(path.parent)
    scratch.clean(path.parent)
    text: dict[str, Any] = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    with naming(path):
        name, lock = scratch.new_file(path)
        try:
            with open(name, mode, **text) as file:
                yield file
                _sync(file)
            os.chmod(name, 0o666 & ~scratch.umask())
            _rename(name, path, replace)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise
        finally:
            if lock is not None:
                os.close(lock)
        scratch.sync_folder(path.parent)


def _sync(file: IO[Any]) -> None:
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in NO_SYNC:
            raise


def _rename(name: str, path: Path, replace: bool) -> None:
    """Give the file `name` its final name; Exists if another has it and `replace` is off."""
    if replace:
        os.replace(name, path)
        return
    try:
        if sys.platform == "win32":
            os.rename(name, path)
            return
        try:
            os.link(name, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links: an empty file claims the name
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            os.replace(name, path)
        else:
            os.unlink(name)
    except FileExistsError:
        raise Exists(path) from None


@contextlib.contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Make an OSError name `path` if it names no file, or only the temporary file beside it."""
    try:
        yield
    except OSError as error:
        if error.errno is None or not (error.filename is None or _is_passing(error.filename)):
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


def _is_passing(name: object) -> bool:
    """Return whether a file is a temporary one, whose name tells the user nothing."""
    path = Path(str(name))
    return path.name.startswith((".", "tmp")) or scratch.is_inside(path)


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Make the folder `path` and its parents; DataError if a file is in the way."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        taken = next((p for p in (path, *path.parents) if p.exists()), path)
        raise DataError(f"{taken} is a file, not a folder; give another -o") from None
    return path


def user_folder() -> Path:
    """Return the folder in which symgen keeps data of the user that belongs to no project."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "symgen"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "symgen"
    data = os.environ.get("XDG_DATA_HOME", "")  # the standard ignores a relative path
    return (Path(data) if os.path.isabs(data) else home / ".local" / "share") / "symgen"


def read_json(path: str | os.PathLike[str], most: int = 64 << 20) -> dict[str, Any]:
    """Return the object in a JSON file; DataError if it cannot be read or holds no object."""
    try:
        found = json_text.parse(regular.contents(path, most), most)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read as JSON: {printable(reason)}") from None
    if not isinstance(found, dict):
        raise DataError(f"{path}: holds no JSON object")
    return found


def read_json_lines(path: str | os.PathLike[str], most: int = 64 << 20) -> list[dict[str, Any]]:
    """Return the objects in a file of JSON lines, without a last line that was cut off.

    DataError if it cannot be read or a line holds no object.
    """
    try:
        lines = regular.contents(path, most).split(b"\n")[:-1]
        rows = [json_text.parse(line, MOST_LINE) for line in lines]
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read as JSON: {printable(reason)}") from None
    if not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{path}: a line in it holds no JSON object")
    return rows


def sha256(path: str | os.PathLike[str]) -> str:
    """Return the hexadecimal SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def refuse_overwrite(path: str | os.PathLike[str], force: bool) -> Path:
    """Return `path`; Exists if there is a file and `force` is False."""
    if Path(path).exists() and not force:
        raise Exists(path)
    return Path(path)


def next_free(folder: str | os.PathLike[str], stem: str, suffix: str = "") -> Path:
    """Return the first of stem, stem-2, stem-3, ... in `folder` that does not exist."""
    for i in itertools.count(1):
        path = Path(folder) / f"{stem}{'' if i == 1 else f'-{i}'}{suffix}"
        if not path.exists():
            return path
    raise AssertionError("unreachable")


def new_folder(parent: str | os.PathLike[str], stem: str, fill: Callable[[Path], None]) -> Path:
    """Make the folder that `next_free` names and return it; no two processes get the same.

    `fill` puts the first files into it before it has its name.
    """
    hidden = make_folder(parent) / stem
    scratch.clean(hidden.parent)
    with naming(hidden), scratch.folder(hidden) as made:
        new = made / "new"
        new.mkdir()
        fill(new)
        while True:
            path = next_free(parent, stem)
            try:
                scratch.swap(new, path, replace=False)
            except OSError:  # another process made it meanwhile
                if not path.exists():
                    raise
            else:
                return path


def zip_entry(name: str) -> zipfile.ZipInfo:
    """Return the header of a zip member: no time, and the same bytes on every system."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    return entry


def npz(arrays: Mapping[str, Any], packed: int = zipfile.ZIP_STORED) -> bytes:
    """Return the bytes of an .npz of NumPy arrays; the same arrays always give the same bytes."""
    import numpy as np

    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name in sorted(arrays):
            one = io.BytesIO()
            np.lib.format.write_array(one, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            archive.writestr(zip_entry(f"{name}.npy"), one.getvalue(), packed)
    return whole.getvalue()
