"""Pieces: what the files of a corpus hold, read."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import warnings
from collections.abc import Iterator

from symgen import notes
from symgen.corpus.corpus import Corpus, Entry, open_corpus
from symgen.errors import ReadError, SymgenError
from symgen.notes.sequence import NoteSequence


@dataclasses.dataclass(frozen=True)
class Piece:
    """One piece of music, with where it stands in its corpus; `sha256` is that of the file's bytes."""

    id: str
    sequence: NoteSequence
    group: (
        str  # of the file's table, else the piece's own id: the tunes of a book go their own ways
    )
    split: str | None
    label: dict[str, str]
    sha256: str


def load(entry: Entry) -> list[Piece | ReadError]:
    """Read one file into its pieces; a bad piece among others stands there as its ReadError.

    ReadError names the file whatever is wrong with it, also where it holds no note at all. A piece whose file calls it
    something, and that no table gives a title, has that as its label `title`; one that no table puts in a group is its own.
    """
    data = entry.read()
    digest = hashlib.sha256(data).hexdigest()
    try:
        found = notes.read_bytes(data, entry.name)
    except ReadError:
        raise
    except SymgenError as error:  # such as a missing extra
        raise ReadError(entry.name, str(error)) from None
    except Exception as error:
        raise ReadError(
            entry.name, f"the reader failed on it: {type(error).__name__}: {error}".rstrip(": ")
        ) from error
    if not any(isinstance(one, ReadError) or len(one) for _, one in found):
        raise ReadError(entry.name, "holds no notes")
    return [
        one if isinstance(one, ReadError) else _piece(entry, suffix, one, digest)
        for suffix, one in found
    ]


def _piece(entry: Entry, suffix: str, sequence: NoteSequence, digest: str) -> Piece:
    title = sequence.source.title
    label = {"title": title, **entry.label} if title else entry.label
    group = entry.id + suffix if entry.group == entry.id else entry.group
    return Piece(entry.id + suffix, sequence, group, entry.split, label, digest)


def pieces(
    source: str | os.PathLike[str] | Corpus, refused: list[ReadError] | None = None
) -> Iterator[Piece]:
    """Yield every readable piece of a folder, file, archive or corpus name.

    What cannot be read, a file or a piece of one, never stops the others: its ReadError is appended to `refused`, or
    becomes a warning.
    """
    corpus = source if isinstance(source, Corpus) else open_corpus(source)
    for entry in corpus.entries():
        try:
            found = load(entry)
        except ReadError as error:
            found = [error]
        for one in found:
            if isinstance(one, Piece):
                yield one
            elif refused is None:
                warnings.warn(str(one), UserWarning, stacklevel=2)
            else:
                refused.append(one)
