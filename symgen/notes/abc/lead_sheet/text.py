"""The bytes of an ABC file, addressed by the lines and columns that the reader counts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from symgen.notes.abc import book

PLAIN = "utf-8-sig"


class Edit(NamedTuple):
    """Characters `begin` to `end` are replaced by `text`; both count from the first of the file."""

    begin: int
    end: int
    text: str


class SourceText:
    """A file; lines count from 1 and columns from 0, as in `book.blocks`."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.text, self._codec = book.unicode(data)
        clean = book.CONTROL.sub("", self.text)
        self._starts = [0, *(found.end() for found in book.LINE_BREAK.finditer(clean))]
        self._kept: Sequence[int] = range(len(clean) + 1)
        if clean != self.text:
            kept = [i for i, one in enumerate(self.text) if not book.CONTROL.match(one)]
            self._kept = [*kept, len(self.text)]
        self._end = len(clean)

    def index(self, line: int, column: int) -> int:
        """Return the index in `text` of a place; a line after the last is the end of the text."""
        if line > len(self._starts):
            return len(self.text)
        return self._kept[min(self._starts[line - 1] + column, self._end)]

    def line(self, number: int) -> str:
        """Return a line with its line break; "" after the last."""
        return self.text[self.index(number, 0) : self.index(number + 1, 0)]

    def spliced(self, edits: Iterable[Edit], parts: Sequence[tuple[int, int]]) -> bytes:
        """Return the bytes of some parts of the text, in order, with edits inside them.

        Every byte outside the edits is as it was. A byte order mark stays in front.
        """
        ordered = sorted(edits)
        begins = [edit.begin for edit in ordered]
        pieces: list[tuple[int, int] | str] = []
        for low, high in parts:
            at = low
            for edit in ordered[bisect_left(begins, low) : bisect_right(begins, high)]:
                pieces += [(at, edit.begin), edit.text]
                at = edit.end
            pieces.append((at, high))
        return self._joined(pieces)

    def _joined(self, pieces: list[tuple[int, int] | str]) -> bytes:
        places = {place for piece in pieces if not isinstance(piece, str) for place in piece}
        mark = self._mark()
        at = {0: mark}
        for before, after in pairwise(sorted(places | {0})):
            at[after] = at[before] + self._size(self.text[before:after])
        out = [self.data[:mark]]
        for piece in pieces:
            if isinstance(piece, str):
                out.append(self._encoded(piece))
            else:
                out.append(self.data[at[piece[0]] : at[piece[1]]])
        return b"".join(out)

    def _mark(self) -> int:
        """Return the length of the byte order mark."""
        if self._codec == "utf-16":
            return 2
        return 3 if self.data.startswith(b"\xef\xbb\xbf") and self._codec == PLAIN else 0

    def _size(self, text: str) -> int:
        """Return how many bytes some text of the file has; a bad byte is read as a character."""
        if self._codec == "utf-16":
            return len(text.encode("utf-16-le"))
        return len(text.encode()) if self._codec == PLAIN else len(text)

    def _encoded(self, text: str) -> bytes:
        if self._codec == "utf-16":
            return text.encode("utf-16-le" if self.data.startswith(b"\xff\xfe") else "utf-16-be")
        return text.encode("utf-8" if self._codec == PLAIN else self._codec)
