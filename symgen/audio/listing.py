"""Folders and files of recordings, listed like a corpus of notes."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from symgen import notes
from symgen.audio.reading import SUFFIXES, is_audio
from symgen.corpus.storage.places import Folder, hidden, suffix
from symgen.errors import DataError, counted, printable


@dataclasses.dataclass(frozen=True)
class Recordings:
    """The recordings of a folder, sorted: (id, path); `skipped` are other files, with a reason."""

    name: str
    files: list[tuple[str, Path]]
    skipped: list[tuple[str, str]]

    def __len__(self) -> int:
        return len(self.files)


def holds_audio(source: str | os.PathLike[str]) -> bool:
    """Return whether a source is a recording, or a folder with recordings and without notes."""
    path = Path(source)
    if not path.is_dir():
        return is_audio(path) and path.exists()
    return bool(_Recordings(path).names) and not Folder(path).names


def recordings(source: str | os.PathLike[str]) -> Recordings:
    """Return the recordings of a folder with its subfolders, or one file; DataError if none."""
    path = Path(source)
    if not path.exists():
        raise DataError(f"{path}: no such file or folder; check the path")
    if not path.is_dir():
        if not is_audio(path):
            raise DataError(
                f"{path}: no recording ends in {path.suffix or 'nothing'!r}; known: {_known()}"
            )
        return Recordings(printable(path.stem), [(printable(path.name), path)], [])
    place = _Recordings(path)
    if not place.names:
        raise DataError(
            f"{path}: holds no recording ({counted(len(place.skipped), 'file')} skipped); "
            f"put {_known()} files there"
        )
    return Recordings(
        printable(path.resolve().name or "corpus"),
        [(printable(name), path / name) for name in place.names],
        [(printable(name), printable(reason)) for name, reason in place.skipped],
    )


def _known() -> str:
    return ", ".join(sorted(SUFFIXES))


class _Recordings(Folder):
    """A folder whose recordings count, and not its notes."""

    def refusal(self, name: str, size: int) -> str:
        """Return why a file is left out, or ""."""
        if reason := hidden(name):
            return reason
        if not size:
            return "is empty (0 bytes)"
        kind = suffix(name)
        if kind in notes.SUFFIXES:
            return "notes, not a recording"
        return "" if is_audio(name) else f"no recording ({kind or 'no extension'})"
