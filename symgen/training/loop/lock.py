"""A run's folder belongs to one process at a time; the file `lock` in it names the process.

The process holds a lock of the operating system on that file as long as it works, and the system
drops the lock when the process ends, however it ends. So the next one takes over what a killed one
left, even if its number is now that of another process, or it ran in a container of another name.
Where the file system has no locks, the name in the file decides. The lock is advisory: it only
keeps out other processes of symgen.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from symgen.errors import DataError

NAME = "lock"

_held = set[Path]()  # by this process


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the run in `folder`; DataError where another process does, or this one already."""
    path = (folder / NAME).resolve()
    with _taken(path, folder) as file:
        file.truncate(0)
        file.write(f"{os.getpid()} {platform.node()}\n")
        file.flush()
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
            file.truncate(0)
            with contextlib.suppress(OSError):  # Windows deletes no open file; an empty one is free
                path.unlink()
    if sys.platform == "win32":
        with contextlib.suppress(OSError):
            path.unlink()


def _taken(path: Path, folder: Path) -> IO[str]:
    """Return the file at `path`, made where it is missing, locked; DataError where it is taken."""
    while True:
        file = open(path, "a+", encoding="utf-8")  # noqa: SIM115 - the caller closes it
        locked = _try_lock(file)
        if locked and not _is_at(file, path):  # its owner has just deleted it
            file.close()
            continue
        pid, host = _owner(file)
        here = host == platform.node()
        named = path in _held or not here or (pid != os.getpid() and alive(pid))
        if locked or (locked is None and not named):
            return file
        file.close()
        where = "" if here else f" on {host or 'an unknown machine'}"
        owner = f"process {pid}{where}" if pid else "another process"
        hint = "" if locked is False else f", or delete the file {path.name} in it if it has"
        raise DataError(f"{folder}: {owner} is training this run; wait for it to end{hint}")


def _is_at(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[str]) -> bool | None:
        """Lock an open file; False if another process has it."""
        file.seek(1 << 30)  # a byte behind the text, which others may read
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: IO[str]) -> bool | None:
        """Lock an open file; False if another process has it, None where there are no locks."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return None
        return True


def _owner(file: IO[str]) -> tuple[int, str]:
    """Return the process and machine that a lock names; 0 and this machine where it names none."""
    file.seek(0)
    with contextlib.suppress(ValueError):
        pid, _, host = file.read().strip().partition(" ")
        return int(pid), host
    return 0, platform.node()


def alive(pid: int) -> bool:
    """Return whether a process of that number runs on this machine."""
    if pid <= 0:
        return False
    if sys.platform == "win32":  # where a signal of 0 ends the process
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)  # only to ask about it
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True  # another user's
    return True
