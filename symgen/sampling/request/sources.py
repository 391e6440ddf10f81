"""Music that a user names: a file of one piece, book.abc#3 (one tune of a book), or a recording."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.audio.reading import is_audio
from symgen.errors import ReadError, counted, shorten
from symgen.notes import SUFFIXES, contents, read, read_bytes
from symgen.notes.sequence import NoteSequence

if TYPE_CHECKING:
    from symgen.notes.abc.lead_sheet import LeadSheet

ABC = ".abc"
Tune = NoteSequence | str | os.PathLike[str]


def is_file(source: object) -> bool:
    """Return whether `source` is music or the name of a file, and not chord symbols."""
    if not isinstance(source, str):
        return not isinstance(source, Sequence)
    return _split(source)[0].suffix.lower() in SUFFIXES or _there(source)


def file_of(source: str) -> Path:
    """Return the file of a piece that is named by its file, or as book.abc#3."""
    return _split(source)[0]


def _there(name: str) -> bool:
    """Return whether the file exists; False for what cannot be a name (too long, a zero byte)."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def _split(name: str) -> tuple[Path, str]:
    """Return the file and the piece (with its #, or empty) of a name such as book.abc#3."""
    path, mark, piece = name.rpartition("#")
    if mark and Path(path).suffix.lower() in SUFFIXES and not _there(name):
        return Path(path), f"#{piece}"
    return Path(name), ""


def tune(source: Tune, **reading: Any) -> NoteSequence:
    """Read a piece; of a book, the tune named after #. ReadError lists the tunes of a book.

    A recording is transcribed. `reading` are options of readers, such as accidentals="pitch".
    """
    if isinstance(source, NoteSequence):
        return source
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"{shorten(source)}: expected the name of a file, or a NoteSequence")
    path, chosen = _split(os.fspath(source))
    if not chosen and is_audio(path) and _there(str(path)):
        return _heard(path)
    if not chosen and (path.suffix.lower() not in SUFFIXES or not _there(str(path))):
        return read(path, **reading)  # it says what is wrong
    return _piece(path, chosen, **reading)[0]


def _heard(path: Path) -> NoteSequence:
    """Return what is heard in a recording; its warnings say that it is one."""
    from symgen.audio.transcription import transcribe

    heard = transcribe(path)
    line = f"a recording, transcribed: {counted(len(heard), 'note')}"
    warnings = (line, *heard.source.warnings)
    return heard.replace(source=dataclasses.replace(heard.source, warnings=warnings))


def with_text(source: Tune, **reading: Any) -> tuple[NoteSequence, LeadSheet | None]:
    """Read a piece as `tune` does, and its text where it is ABC, to write chord symbols into."""
    if isinstance(source, str | os.PathLike):
        path, chosen = _split(os.fspath(source))
        if path.suffix.lower() == ABC and _there(str(path)):
            from symgen.notes.abc.lead_sheet import lead_sheet  # only now: it takes 30 ms

            found, data, number = _piece(path, chosen, **reading)
            return found, lead_sheet(data, str(path), number)
    return tune(source, **reading), None


def _piece(path: Path, chosen: str, **reading: Any) -> tuple[NoteSequence, bytes, int]:
    """Return the piece `chosen` of a file, or its only one, the file, and the piece's number."""
    data = contents(path)
    pieces = dict(read_bytes(data, str(path), **reading))
    names = list(pieces)
    if not chosen and len(names) == 1:
        chosen = names[0]
    if chosen not in pieces:
        some = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        lacks = f", but no {chosen}" if chosen else ""
        raise ReadError(
            path,
            f"holds {counted(len(names), 'tune')}{lacks}; choose one, such as "
            f"{path}{names[0] if names else ''} (there are {some})",
        )
    found = pieces[chosen]
    if isinstance(found, ReadError):
        raise found
    return found, data, names.index(chosen)
