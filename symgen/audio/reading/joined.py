"""A file that is made of a new head and of ranges of another file."""

from __future__ import annotations

import bisect
import io
import itertools
from typing import IO, Any


def part(file: IO[bytes], at: int, count: int) -> bytes:
    """Return up to `count` bytes of a file from `at` on."""
    file.seek(at)
    return file.read(count)


class Joined(io.RawIOBase):
    """A file that is made of `head` and of ranges of another file."""

    def __init__(self, file: IO[bytes], head: bytes, ranges: list[tuple[int, int]]) -> None:
        self.file, self.head, self.ranges = file, head, ranges
        self.ends = [*itertools.accumulate((end - begin for begin, end in ranges), initial=0)]
        self.size, self.at = len(head) + self.ends[-1], 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a position and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence]
        self.at = max(0, base + offset)
        return self.at

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer from the position on; return the number of bytes."""
        view = memoryview(buffer).cast("B")
        done = 0
        while done < len(view) and (part := self._part(len(view) - done)):
            view[done : done + len(part)] = part
            done += len(part)
            self.at += len(part)
        return done

    def _part(self, most: int) -> bytes:
        """Return bytes at the position from one range; none at the end."""
        inside = self.at - len(self.head)
        if inside < 0:
            return self.head[self.at : self.at + most]
        i = bisect.bisect_right(self.ends, inside) - 1
        if i >= len(self.ranges):
            return b""
        begin, end = self.ranges[i]
        start = begin + inside - self.ends[i]
        return part(self.file, start, min(most, end - start))
