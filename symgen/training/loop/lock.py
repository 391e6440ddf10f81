"""A run's folder belongs to one process at a time: a file `lock` in it says which.

A process that was killed leaves its file behind; whoever comes next sees that it is gone, and takes
the folder over. The lock is advisory: it keeps symgen from harm, and nobody else.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from symgen.errors import DataError

NAME = "lock"

_held = set[Path]()  # by this process


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the run in `folder`; DataError where another process does, or this one already."""
    path = (folder / NAME).resolve()
    _take(path, folder)
    _held.add(path)
    try:
        yield
    finally:
        _held.discard(path)
        path.unlink(missing_ok=True)


def _take(path: Path, folder: Path) -> None:
    while True:
        try:
            with open(path, "x", encoding="utf-8") as file:
                file.write(f"{os.getpid()} {platform.node()}\n")
            return
        except FileExistsError:
            pid, host = _owner(path)
            if path in _held or host != platform.node() or (pid != os.getpid() and alive(pid)):
                where = "" if host == platform.node() else f" on {host or 'an unknown machine'}"
                raise DataError(
                    f"{folder}: process {pid}{where} is training this run; wait for it "
                    f"to end, or delete {path.name} in it if it has"
                ) from None
            path.unlink(missing_ok=True)


def _owner(path: Path) -> tuple[int, str]:
    """Return the process and the machine that a lock names; 0 and this machine where it names none."""
    with contextlib.suppress(OSError, ValueError):
        pid, _, host = path.read_text(encoding="utf-8").strip().partition(" ")
        return int(pid), host
    return 0, platform.node()


def alive(pid: int) -> bool:
    """Return whether a process of that number runs on this machine."""
    if pid <= 0:
        return False
    if sys.platform == "win32":  # there a signal of 0 would end it
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)  # to ask about it, no more
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
