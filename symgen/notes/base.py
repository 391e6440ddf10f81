"""What a reader and a writer are: the bytes of one file as pieces of music, and back."""

from __future__ import annotations

import abc
from typing import ClassVar

from symgen.errors import ReadError
from symgen.notes.sequence import NoteSequence


class Reader(abc.ABC):
    """Reads one file format. Options, where there are any, are dataclass fields of the member."""

    format: ClassVar[str]

    @abc.abstractmethod
    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return (suffix, sequence) for each piece in `data`.

        The suffix is "" in a file of one piece, else "#1", "#2", ... `name` is for messages and for `source.path`.
        A bad piece among others may come as a ReadError in the place of its sequence.
        Raises ReadError where there is nothing to read, MissingExtra where an optional package is needed.
        """


class Writer(abc.ABC):
    """Writes one file format."""

    @abc.abstractmethod
    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the file's bytes; equal sequences give equal bytes."""
