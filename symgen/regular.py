"""Open files that a user or a corpus names, if they are files.

A pipe that nobody writes to blocks whoever opens it, and a device such as /dev/zero has no end. So
a path is opened without blocking, anything but a regular file is refused, and no more is read than
a limit, however large the file becomes meanwhile.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import IO

NOT_REGULAR = "not a regular file (a folder, a pipe or a device)"


def opened(path: str | os.PathLike[str]) -> IO[bytes]:
    """Open a regular file for reading; OSError if it is another kind of file, or cannot be opened.

    The caller closes it.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, NOT_REGULAR, os.fspath(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def contents(path: str | os.PathLike[str], most: int) -> bytes:
    """Return the bytes of a regular file; OSError beyond `most` bytes, or as `opened` says."""
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size  # a buffer of `most` bytes would take time
        data = file.read(min(size, most) + 1)
        if len(data) > size:  # it grew meanwhile, or has no size
            data += file.read(max(most + 1 - len(data), 0))
    if len(data) > most:
        raise OSError(errno.EFBIG, f"larger than the limit of {most:,} bytes", os.fspath(path))
    return data
