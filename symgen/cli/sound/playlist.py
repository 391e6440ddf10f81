"""`symgen render --playlist`: many pieces and recordings become one playlist."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.common import Out
from symgen.cli.corpus.recordings import clock
from symgen.cli.options.shared import reading
from symgen.errors import BadOption, DataError, printable

if TYPE_CHECKING:
    from symgen.notes.sequence import NoteSequence
    from symgen.rendering.playlist import Playlist, Source

FOLDER = "playlist"


def write(
    out: Out,
    inputs: Sequence[str],
    output: str | None,
    suffix: str | None,
    accidentals: str | None,
    options: Mapping[str, Any],
) -> None:
    """Make the playlist and print its tracks; `options` are those of `rendering.playlist.make`."""
    from symgen.rendering.playlist import make

    if suffix == "png":
        raise BadOption("--format png: a playlist is sound; choose wav, flac, ogg or mp3")
    place = Path(output or FOLDER)
    if place.suffix and not place.is_dir():
        raise BadOption(f"--output {place}: a playlist is a folder; --format names its format")
    sources = [source for name in inputs for source in found(name, reading(accidentals))]
    with out.track() as progress:
        made = make(
            sources,
            place,
            suffix=f".{suffix or 'wav'}",
            progress=progress,
            warn=out.log,
            **options,
        )
    for title, reason in made.failed:
        line = reason if title in reason else f"{title}: {reason}"
        click.echo(f"symgen: {printable(line)}", err=True)
    out.result(_text(made), _document(made))
    if made.failed:
        raise DataError(f"{len(made.failed):,} of {len(sources):,} entries left out")


def found(name: str, options: Mapping[str, Any]) -> Iterator[Source]:
    """Yield the entry that an input names, or those of a folder, sorted.

    Of notes and their sound under one name in a folder, the sound is taken.
    """
    from symgen import notes
    from symgen.audio.reading import is_audio
    from symgen.corpus.storage.places import hidden
    from symgen.rendering.playlist import Source

    path = Path(name)
    if path.is_dir():
        inside = [p for p in sorted(path.rglob("*")) if not hidden(p.relative_to(path).as_posix())]
        sound = {p.with_suffix("") for p in inside if is_audio(p)}  # notes that were rendered
        chosen = [
            p
            for p in inside
            if p.is_file()
            and (
                is_audio(p)
                or (p.suffix.lower() in notes.SUFFIXES and p.with_suffix("") not in sound)
            )
        ]
        if not chosen:
            raise DataError(f"{path}: holds neither notes nor recordings")
        for one in chosen:
            yield from found(str(one), options)
    elif is_audio(path):
        yield Source(path.stem, path)
    else:
        yield Source(path.stem, None, lambda: _notes(name, options))


def _notes(name: str, options: Mapping[str, Any]) -> NoteSequence:
    from symgen.sampling.request.sources import tune

    return tune(name, **options)


def _text(made: Playlist) -> str:
    lines = []
    for entry in made.entries:
        loud = "undefined" if entry.lufs is None else f"{entry.lufs:.1f} LUFS"
        lines.append(
            f"{clock(entry.begin):>8}  {entry.path}: {clock(entry.seconds)}, {loud}, "
            f"{entry.gain:+.1f} dB"
        )
    return "\n".join([*lines, f"{made.mix}: {clock(made.seconds)}", str(made.m3u)])


def _document(made: Playlist) -> dict[str, Any]:
    return {
        "tracks": [dataclasses.asdict(e) | {"path": str(e.path)} for e in made.entries],
        "mix": str(made.mix),
        "list": str(made.m3u),
        "seconds": made.seconds,
        "failed": [{"input": title, "reason": reason} for title, reason in made.failed],
    }
