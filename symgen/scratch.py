"""Hidden files and folders in which something is made, beside the place where it goes when whole.

Their names end in SUFFIX: `.song.mid.k3j2h1g0.symgen-part`. The maker holds a lock on each, which
the system drops when the process ends, however it ends. So another process knows what a dead one
left, and `clean` deletes it. What a scratch folder was about to replace is kept in its subfolder
`old` meanwhile, and is put back if nothing else is in its place.

Windows has no such locks. There an open file cannot be deleted, nor its folder renamed, which
tells the same.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SUFFIX = ".symgen-part"
NAMED = 32  # characters of the final name that are shown
OLD = "old"

_cleaned = set[str]()  # folders, by this process
_later: set[Path] | None = None  # folders that wait for `together` to end


def new_file(path: Path) -> tuple[str, int | None]:
    """Make an empty hidden file beside `path`; return its name, and a descriptor that locks it.

    Close the descriptor when the file has its final name. It is None on Windows.
    """
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path), suffix=SUFFIX)
        if sys.platform == "win32":
            os.close(handle)
            return name, None
        if _locked(handle, name):
            return name, handle
        os.close(handle)


@contextlib.contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Yield a new hidden folder beside `path` for this process alone, and delete it in the end.

    What `swap` had moved away is put back where the new one did not come.
    """
    while True:
        made = Path(tempfile.mkdtemp(dir=path.parent, prefix=_prefix(path), suffix=SUFFIX))
        with contextlib.suppress(FileNotFoundError):  # cleaned before it was locked
            if (handle := _opened(made)) is None or _locked(handle, made):
                break
            os.close(handle)
    try:
        yield made
    finally:
        _undo(made)
        if handle is not None:
            os.close(handle)


def swap(new: Path, path: Path, replace: bool = True) -> None:
    """Move the finished folder `new`, inside a scratch folder, to `path`.

    A folder that is there is deleted afterwards, with the scratch folder; without `replace`,
    FileExistsError is raised.
    """
    sync_tree(new)
    if path.exists():
        if not replace:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(path))
        (new.parent / OLD).mkdir()
        path.rename(new.parent / OLD / path.name)
    new.rename(path)
    sync(path.parent)


def is_inside(path: Path) -> bool:
    """Return whether `path` is a scratch file, or in a scratch folder."""
    return any(part.endswith(SUFFIX) for part in path.parts)


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """Hold the file at `path`, which is made if there is none; yield whether it could be had.

    Another process that wants it yields False meanwhile. If it is empty in the end, it is deleted.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        held = not _is_taken(handle)
        if not held or _is_at(handle, path):
            break
        os.close(handle)
    if sys.platform == "win32":
        os.close(handle)
    try:
        yield held
    finally:
        with contextlib.suppress(OSError):
            if held and not path.stat().st_size:
                path.unlink()
        if sys.platform != "win32":
            os.close(handle)


def clean(parent: Path, again: bool = False) -> None:
    """Delete the scratch files and folders of dead processes in `parent`; put old folders back.

    Once per process for each `parent`, except with `again`.
    """
    key = os.path.abspath(parent)
    if key in _cleaned and not again:
        return
    _cleaned.add(key)
    with contextlib.suppress(OSError), os.scandir(parent) as inside:
        left = [e.path for e in inside if e.name[:1] == "." and e.name.endswith(SUFFIX)]
        for path in left:
            _clean(Path(path))


def _clean(path: Path) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            path = path.rename(path.with_suffix(f".dead{SUFFIX}"))  # fails while it is in use
            handle = None
        else:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            if handle is None or _try_lock(handle):
                _undo(path)
        finally:
            if handle is not None:
                os.close(handle)


def _undo(path: Path) -> None:
    """Delete the scratch file or folder at `path`, after putting back what it replaced."""
    if path.is_dir() and not path.is_symlink():
        for kept in sorted((path / OLD).glob("*")):
            if not os.path.lexists(path.parent / kept.name):
                kept.rename(path.parent / kept.name)
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sync(path: str | os.PathLike[str]) -> None:
    """Wait until a file, or the names in a folder, are on the disk, where the system can tell."""
    if sys.platform == "win32" and os.path.isdir(path):
        return
    flags = os.O_RDWR if sys.platform == "win32" else os.O_RDONLY
    with contextlib.suppress(OSError):
        handle = os.open(path, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk, or note it for the end of `together`."""
    if _later is None:
        sync(path)
    else:
        _later.add(path)


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Wait for the names of all files written inside only at the end: many small ones need less."""
    global _later
    outer, _later = _later, set()
    try:
        yield
    finally:
        folders, _later = _later, outer
        for path in sorted(folders):
            sync_folder(path)


def sync_tree(top: Path) -> None:
    """Wait until all files of a folder are on the disk."""
    for path, _, names in os.walk(top, topdown=False):
        for name in names:
            sync(os.path.join(path, name))
        sync(path)


def umask() -> int:
    """Return the permissions that new files of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _prefix(path: Path) -> str:
    return f".{path.name[:NAMED]}."


def _opened(made: Path) -> int | None:
    return None if sys.platform == "win32" else os.open(made, os.O_RDONLY)


def _is_at(handle: int, path: str | os.PathLike[str]) -> bool:
    """Return whether the open file is the one at `path`."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _try_lock(handle: int) -> bool:
        return True

    def _is_taken(handle: int) -> bool:
        return False

    def _locked(handle: int, path: str | os.PathLike[str]) -> bool:
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        """Lock an open file unless another process has; False too where there are no locks."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _is_taken(handle: int) -> bool:
        """Lock an open file; return whether another process has it."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # a file system without locks
            return False
        return False

    def _locked(handle: int, path: str | os.PathLike[str]) -> bool:
        """Lock an open file or folder; False if it is no longer at `path`."""
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        return _is_at(handle, path)
