"""Pieces: the music that the files of a corpus contain."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import warnings
from collections.abc import Iterator
from typing import Any

from symgen import limits as limiting
from symgen import notes
from symgen.corpus.corpus import Corpus, Entry, open_corpus
from symgen.errors import ReadError, SymgenError, one_line
from symgen.limits import Limits
from symgen.notes.sequence import NoteSequence
from symgen.watch import TooSlow, within


@dataclasses.dataclass(frozen=True)
class Piece:
    """One piece of music and its place in the corpus; `sha256` is that of its file."""

    id: str
    sequence: NoteSequence
    group: str  # from the metadata table, else the id of the piece (not of its book)
    split: str | None
    label: dict[str, str]
    sha256: str


def load(entry: Entry) -> list[Piece | ReadError]:
    """Read the pieces of one file; a bad piece among others is returned as its ReadError.

    Raises ReadError with the name of the file if nothing can be read, or if it has no notes. The
    label `title` comes from the metadata table, else from the file itself. A piece without a group
    in the table is a group of its own. Reading stops after `seconds` of the limits.
    """
    data = entry.read()
    digest = hashlib.sha256(data).hexdigest()
    try:
        with limiting.using(entry.limits) as most, within(most.seconds):
            found = notes.read_bytes(data, entry.name, **entry.reading)
    except TooSlow:
        raise most.refuse(entry.name, "seconds") from None
    except ReadError:
        raise
    except SymgenError as error:  # such as a missing extra
        raise ReadError(entry.name, str(error)) from None
    except Exception as error:
        raise ReadError(
            entry.name, f"the reader failed: {type(error).__name__}: {error}".rstrip(": ")
        ) from error
    if not any(isinstance(one, ReadError) or len(one) for _, one in found):
        raise ReadError(entry.name, "holds no notes")
    return [
        one if isinstance(one, ReadError) else _piece(entry, suffix, one, digest)
        for suffix, one in found
    ]


def _piece(entry: Entry, suffix: str, sequence: NoteSequence, digest: str) -> Piece:
    title = one_line(sequence.source.title)
    label = {"title": title, **entry.label} if title else entry.label
    group = entry.id + suffix if entry.group == entry.id else entry.group
    return Piece(entry.id + suffix, sequence, group, entry.split, label, digest)


def pieces(
    source: str | os.PathLike[str] | Corpus,
    refused: list[ReadError] | None = None,
    limits: Limits | None = None,
    **reading: Any,
) -> Iterator[Piece]:
    """Yield every readable piece of a folder, file, archive or corpus name.

    `reading` are options of readers, such as accidentals="pitch"; a Corpus has its own.

    A file or a piece that cannot be read does not stop the others. Its ReadError is appended to
    `refused`, or becomes a warning. `limits` are those of each file; a Corpus has its own.
    """
    with limiting.using(limits):
        corpus = source if isinstance(source, Corpus) else open_corpus(source, reading)
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
