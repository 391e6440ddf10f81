"""Music as notes in seconds, and the readers and writers of files.

The extension of a file name picks the reader or the writer. Importing this package loads no file
format.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any

from symgen import limits as limiting
from symgen import regular
from symgen.errors import BadOption, DataError, ReadError, shorten, unknown
from symgen.files import atomic, refuse_overwrite
from symgen.limits import Limits
from symgen.notes.base import Reader, Writer
from symgen.notes.sequence import NoteSequence, Source, notes_of
from symgen.notes.theory import chords as chords
from symgen.notes.theory import meter as meter
from symgen.registry import Registry

readers = Registry(
    "reader",
    {
        ".abc": "symgen.notes.abc.reader:AbcReader",
        ".mid": "symgen.notes.midi.reader:MidiReader",
        ".midi": "symgen.notes.midi.reader:MidiReader",
        ".kar": "symgen.notes.midi.reader:MidiReader",
        ".rmi": "symgen.notes.midi.reader:MidiReader",
        ".tfrecord": "symgen.notes.interop.proto_files:SequencesReader",
        ".musicxml": "symgen.notes.musicxml.reader:MusicXmlReader",
        ".mxl": "symgen.notes.musicxml.reader:MusicXmlReader",
        ".xml": "symgen.notes.musicxml.reader:MusicXmlReader",
    },
)

writers = Registry(
    "writer",
    {
        ".abc": "symgen.notes.abc.writer.writer:AbcWriter",
        ".mid": "symgen.notes.midi.writer:MidiWriter",
        ".midi": "symgen.notes.midi.writer:MidiWriter",
        ".musicxml": "symgen.notes.musicxml.writer.writer:MusicXmlWriter",
        ".tfrecord": "symgen.notes.interop.proto_files:SequencesWriter",
    },
)

SUFFIXES: tuple[str, ...] = tuple(readers)
"""The extensions that can be read, in lower case and with their dot."""

__all__ = [
    "SUFFIXES",
    "NoteSequence",
    "Reader",
    "Source",
    "Writer",
    "check_reading",
    "notes_of",
    "read",
    "read_bytes",
    "readers",
    "write",
    "writers",
]


def read(
    path: str | os.PathLike[str], limits: Limits | None = None, **options: Any
) -> NoteSequence:
    """Read a file with one piece. ReadError names the file, the reason and the next step.

    `limits` are those of size, such as `symgen.Limits(notes=2_000_000)` for a file that one trusts.
    `options` are fields of readers, such as accidentals="pitch" of ABC; see `read_bytes`.
    """
    path = Path(path)
    with limiting.using(limits):
        pieces = read_bytes(contents(path), str(path), **options)
    if len(pieces) != 1:
        raise ReadError(path, f"holds {len(pieces)} pieces; read it with symgen.pieces, one by one")
    piece = pieces[0][1]
    if isinstance(piece, ReadError):
        raise piece
    return piece


def read_bytes(
    data: bytes, name: str, **options: Any
) -> list[tuple[str, NoteSequence | ReadError]]:
    """Read the bytes of a file called `name`, whose extension picks the reader.

    `options` are fields of readers. Those of other formats than that of the file are without
    effect, so that they may be given for a whole corpus. BadOption if no reader has one.

    Returns (suffix, sequence) pairs; the suffix is "" in a file of one piece, else "#1", "#2", ...
    A bad piece among others may be returned as a ReadError instead of a sequence.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in readers:
        raise ReadError(name, f"no reader for {_kind(suffix)}; known: {_listed(readers)}")
    if not data:
        raise ReadError(name, "the file is empty; leave it out or fetch it again")
    if options:
        check_reading(options)
        known = readers.option_names(suffix)
        options = {key: value for key, value in options.items() if key in known}
    reader: Reader = readers.make({"name": suffix, **options})
    return _checked(reader.read(data, name), name)


Found = list[tuple[str, NoteSequence | ReadError]]


def _checked(found: Found, name: str) -> Found:
    """Return the pieces within the limits; ReadError for a file that holds too much in all."""
    most = limiting.current()
    if len(found) > most.pieces:
        raise most.refuse(name, "pieces", len(found))
    total = sum(len(one) for _, one in found if not isinstance(one, ReadError))
    if total > most.notes:
        raise most.refuse(name, "notes", total)
    for place, (suffix, one) in enumerate(found):
        if not isinstance(one, ReadError) and not one.total_time <= most.music:
            found[place] = suffix, most.refuse(name + suffix, "music", one.total_time)
    return found


def check_reading(options: Mapping[str, Any]) -> None:
    """Raise BadOption for an option that no reader has, or a value that it does not take."""
    if not options:
        return
    known = {key: suffix for suffix in readers for key in readers.option_names(suffix)}
    for key, value in options.items():
        if key not in known:
            raise BadOption(unknown("option of reading", key, known))
        readers.make({"name": known[key], key: value})


def write(
    sequence: NoteSequence, path: str | os.PathLike[str], force: bool = False, **options: str | None
) -> Path:
    """Write `sequence` to `path`; the extension picks the writer, and `options` are its fields.

    The file is complete or absent. Raises DataError if it exists and `force` is off, or if there is
    no writer for the extension.
    """
    suffix = PurePath(path).suffix.lower()
    if suffix not in writers:
        raise DataError(f"{path}: no writer for {_kind(suffix)}; known: {_listed(writers)}")
    refuse_overwrite(path, force)
    writer: Writer = writers.make({"name": suffix, **options})
    data = writer.encode(sequence)
    with atomic(path, replace=force) as file:
        file.write(data)
    return Path(path)


def contents(path: Path) -> bytes:
    """Return the bytes of a file that the user named; ReadError if it is none, or too large."""
    try:
        if path.is_dir():
            raise ReadError(path, "is a folder; read its files with symgen.pieces")
        return regular.contents(path, limiting.current().bytes)
    except FileNotFoundError:
        raise ReadError(path, "no such file; check the path") from None
    except (OSError, ValueError) as error:
        raise ReadError(
            shorten(path, 200), f"cannot be opened: {getattr(error, 'strerror', None) or error}"
        ) from None


def _kind(suffix: str) -> str:
    return f"the extension {suffix}" if suffix else "a name without extension"


def _listed(names: Iterable[str]) -> str:
    return " ".join(sorted(names))
