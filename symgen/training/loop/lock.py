"""A run's folder belongs to one process at a time; the file `lock` in it names the process.

A process that was killed leaves the file behind, and the next one takes the folder over. The file
is read and written only under an exclusive lock of the operating system, so two processes never
both take it over. The lock is advisory: it only keeps out other processes of symgen.
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
    _take(path, folder)
    try:
        yield
    finally:
        _release(path)


def _take(path: Path, folder: Path) -> None:
    with _exclusive(path) as file:
        pid, host = _owner(file)
        here = host == platform.node()
        if path in _held or not here or (pid != os.getpid() and alive(pid)):
            where = "" if here else f" on {host or 'an unknown machine'}"
            raise DataError(
                f"{folder}: process {pid}{where} is training this run; wait for it to end, or "
                f"delete the file {path.name} in it if it has"
            )
        file.truncate(0)
        file.write(f"{os.getpid()} {platform.node()}\n")
        _held.add(path)


def _release(path: Path) -> None:
    with _exclusive(path) as file:
        _held.discard(path)
        file.truncate(0)
        with contextlib.suppress(OSError):  # Windows deletes no open file; an empty one is free
            path.unlink()
    if sys.platform == "win32":
        with contextlib.suppress(OSError):
            path.unlink()


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[IO[str]]:
    """Yield the file at `path`, made where it is missing, while no one else has it this way."""
    while True:
        with open(path, "a+", encoding="utf-8") as file:
            _lock(file)
            try:
                current = os.path.samestat(os.fstat(file.fileno()), path.stat())
            except FileNotFoundError:
                current = False  # its owner deleted it while we waited
            if current:
                yield file
                return


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        """Wait for the lock of an open file; closing the file releases it."""
        file.seek(1 << 30)  # a byte behind the text, which others may read
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        """Wait for the lock of an open file; closing the file releases it."""
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)


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
