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
    group: str
    split: str | None
    label: dict[str, str]
    sha256: str


def load(entry: Entry) -> list[Piece]:
    """Read one file into its pieces. ReadError names it whatever is wrong with it, also where it holds no note at all."""
    data = entry.read()
    digest = hashlib.sha256(data).hexdigest()
    try:
        found = notes.read_bytes(data, entry.name)
    except ReadError:
        raise
    except SymgenError as error:  # such as a missing extra
        raise ReadError(entry.name, str(error)) from None
    except Exception as error:
        raise ReadError(entry.name, f"the reader failed on it: {type(error).__name__}: {error}".rstrip(": ")) from error
    if not any(len(sequence) for _, sequence in found):
        raise ReadError(entry.name, "holds no notes")
    return [Piece(entry.id + suffix, sequence, entry.group, entry.split, entry.label, digest) for suffix, sequence in found]


def pieces(source: str | os.PathLike[str] | Corpus, refused: list[ReadError] | None = None) -> Iterator[Piece]:
    """Yield every readable piece of a folder, file, archive or corpus name.

    A file that cannot be read never stops the others: its ReadError is appended to `refused`, or becomes a warning.
    """
    corpus = source if isinstance(source, Corpus) else open_corpus(source)
    for entry in corpus.entries():
        try:
            yield from load(entry)
        except ReadError as error:
            if refused is None:
                warnings.warn(str(error), UserWarning, stacklevel=2)
            else:
                refused.append(error)
