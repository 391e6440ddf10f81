"""Write files whole or not at all; checksums, free names, and .npz files with fixed bytes.

All of it works the same on Windows.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from symgen.errors import DataError

CHUNK = 1 << 20


@contextlib.contextmanager
def atomic(path: str | os.PathLike[str], mode: str = "wb") -> Iterator[IO[Any]]:
    """Open a temporary file beside `path` for writing, and rename it to `path` on success.

    On an error the temporary file is removed, and an older file at `path` stays.
    """
    path = Path(path)
    make_folder(path.parent)
    with naming(path):
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name[:32]}.", suffix=".part"
        )
        os.close(handle)
        text: dict[str, Any] = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
        try:
            with open(name, mode, **text) as file:
                yield file
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise


@contextlib.contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Make an OSError name `path` if it names no file, or only the temporary file beside it."""
    try:
        yield
    except OSError as error:
        if error.errno is None or not (
            error.filename is None or Path(str(error.filename)).name.startswith((".", "tmp"))
        ):
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_json(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the object in a JSON file; DataError if it cannot be read or holds no object."""
    import json

    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as JSON: {error}") from None
    if not isinstance(found, dict):
        raise DataError(f"{path}: holds no JSON object")
    return found


def sha256(path: str | os.PathLike[str]) -> str:
    """Return the hexadecimal SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def refuse_overwrite(path: str | os.PathLike[str], force: bool) -> Path:
    """Return `path`; DataError if it exists and `force` is False."""
    if Path(path).exists() and not force:
        raise DataError(f"{path} exists; give another -o or --force to replace it")
    return Path(path)


def next_free(folder: str | os.PathLike[str], stem: str, suffix: str = "") -> Path:
    """Return the first of stem, stem-2, stem-3, ... in `folder` that does not exist."""
    for i in itertools.count(1):
        path = Path(folder) / f"{stem}{'' if i == 1 else f'-{i}'}{suffix}"
        if not path.exists():
            return path
    raise AssertionError("unreachable")


def new_folder(parent: str | os.PathLike[str], stem: str) -> Path:
    """Make the folder that `next_free` names and return it; no two processes get the same."""
    while True:
        path = next_free(parent, stem)
        make_folder(path.parent)
        with contextlib.suppress(FileExistsError):
            path.mkdir()
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


def npz_arrays(data: bytes) -> dict[str, Any]:
    """Return the arrays of an .npz; an array that needs pickle is refused."""
    import numpy as np

    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
