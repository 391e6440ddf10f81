"""Which recordings there are in folders and files, and whether there is anything but them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from symgen.audio.reading import is_audio
from symgen.dataset.sound.encode import Recording
from symgen.errors import DataError, printable
from symgen.scratch import is_inside

Source = str | os.PathLike[str]
LEAST, LOOKED = 2, 20_000  # files that are looked at to tell what a folder holds


def recordings(sources: Sequence[Source]) -> list[Recording]:
    """Return the recordings, sorted by id: the path inside a source, after its name if several.

    DataError where a source is missing or holds none.
    """
    out = list[Recording]()
    for source in sources:
        path = Path(source)
        if not path.exists():
            raise DataError(f"{source}: no such file or folder of recordings")
        found = sorted(p for p in _files(path) if is_audio(p))
        if not found:
            raise DataError(
                f"{source} holds no recording; symgen reads wav, flac, ogg, opus, mp3 and aiff"
            )
        prefix = f"{name_of(path)}/" if len(sources) > 1 else ""
        inside = path if path.is_dir() else path.parent
        out += [
            Recording(printable(prefix + each.relative_to(inside).as_posix()), each)
            for each in found
        ]
    return sorted(out)


def only_recordings(sources: Sequence[Source]) -> bool:
    """Return whether `sources` are files or folders that hold recordings and no music in notes."""
    from symgen.notes import SUFFIXES

    seen = False
    for source in sources:
        path = Path(source)
        if not path.exists() or (path.is_file() and not is_audio(path)):
            return False
        for number, each in enumerate(_files(path)):
            if each.suffix.lower() in SUFFIXES or number > LOOKED:
                return False
            seen = seen or is_audio(each)
    return seen


def name_of(path: Path) -> str:
    """Return the name of a source."""
    resolved = path.resolve()
    return printable(resolved.name if resolved.is_dir() else resolved.stem) or "sound"


def _files(path: Path) -> Iterator[Path]:
    """Yield the files in a folder and its folders, without hidden ones; or the file itself."""
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            each = Path(folder, name)
            if not name.startswith(".") and not is_inside(each):
                yield each
