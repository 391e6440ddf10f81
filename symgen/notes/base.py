"""The interfaces of readers and writers: the bytes of one file to pieces of music, and back."""

from __future__ import annotations

import abc
from typing import ClassVar

from symgen.errors import ReadError
from symgen.notes.sequence import NoteSequence


class Reader(abc.ABC):
    """Reads one file format. Options are dataclass fields of the subclass."""

    format: ClassVar[str]

    @abc.abstractmethod
    def read(self, data: bytes, name: str) -> list[tuple[str, NoteSequence | ReadError]]:
        """Return (suffix, sequence) for each piece in `data`.

        The suffix is "" in a file of one piece, else "#1", "#2", ... `name` is used in messages and
        in `source.path`. A bad piece among others may be returned as a ReadError instead of a
        sequence. Raises ReadError if there is nothing to read, MissingExtra if an optional package
        is needed.
        """


class Writer(abc.ABC):
    """Writes one file format."""

    @abc.abstractmethod
    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the file's bytes; equal sequences give equal bytes."""
