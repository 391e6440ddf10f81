"""A disk that is full from the n-th write on, without root: Python's own ways of writing fail.

What counts is to make a file or a folder, and to hand bytes to the system. A library in C that
opens files by itself is not met; the disk of `disk.py` is.
"""

import builtins
import errno
import io
import os


class Disk:
    """Counts the writes of this process; `room` of them succeed, and all where it is None."""

    def __init__(self, room=None):
        self.room, self.writes = room, 0

    def spend(self, path=None):
        """Count a write; OSError where the disk is full."""
        self.writes += 1
        if self.room is not None and self.writes > self.room:
            where = () if path is None else (os.fspath(path),)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *where)

    def install(self):
        """Stand between Python and the system, until this process ends."""
        disk, real, make, reach = self, builtins.open, os.mkdir, os.open

        class Raw(io.FileIO):
            def write(self, data):
                disk.spend()
                return super().write(data)

        def opened(file, mode="r", buffering=-1, *rest, closefd=True, opener=None, **options):
            if not set(mode) & set("wax+"):
                return real(file, mode, buffering, *rest, closefd=closefd, opener=opener, **options)
            if not isinstance(file, int) and not os.path.exists(file):
                disk.spend(file)
            raw = Raw(file, mode.replace("t", ""), closefd, opener)
            if buffering == 0:
                return raw
            size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
            buffer = (io.BufferedRandom if "+" in mode else io.BufferedWriter)(raw, size)
            return buffer if "b" in mode else io.TextIOWrapper(buffer, *rest, **options)

        def made(path, *rest, **options):
            disk.spend(path)
            make(path, *rest, **options)

        def reached(path, flags, *rest, **options):
            if flags & os.O_CREAT and not os.path.lexists(path):
                disk.spend(path)
            return reach(path, flags, *rest, **options)

        builtins.open = io.open = opened
        os.mkdir, os.open = made, reached
