"""`symgen notate`: convert music between MIDI, ABC and MusicXML."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import click

from symgen.cli.arguments import FILE, Choice
from symgen.cli.command import command, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.messages import plain
from symgen.cli.targets import targets
from symgen.errors import BadOption, DataError, SymgenError, printable


@command(
    examples=(
        "symgen notate song.mid -o song.abc",
        "symgen notate tune.abc -o tune.mid",
        "symgen notate book.abc#3 -o tune.mid",
        "symgen notate *.mxl -o tunes/ --format abc",
    )
)
@click.argument("inputs", nargs=-1, required=True, type=FILE)
@section(
    "Output",
    option(
        "-o",
        "--output",
        type=FILE,
        metavar="PATH",
        show_default="beside each input, as .musicxml",
        help="A file whose extension picks the format. For many inputs, a folder.",
    ),
    option(
        "--format",
        "suffix",
        type=Choice(("musicxml", "abc", "mid")),
        show_default="musicxml",
        help="Format, if --output does not name a file.",
    ),
    overwrite(),
)
@common
def notate(
    out: Out,
    inputs: tuple[str, ...],
    output: str | None,
    suffix: str | None,
    force: bool,
) -> None:
    """Convert music files between MIDI, ABC and MusicXML.

    INPUTS are MIDI, ABC, MusicXML or any other format that symgen reads. For a book of tunes, name
    one of them: book.abc#3.
    """
    places = targets(inputs, output, suffix, "musicxml")
    _check(places)
    done: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    for source, place in zip(inputs, places, strict=True):
        try:
            done.append(_notated(out, source, place, force))
        except (SymgenError, OSError) as error:
            if len(inputs) == 1 or isinstance(error, BadOption):
                raise
            failed.append({"input": source, "reason": plain(error)})
            click.echo(f"symgen: {printable(plain(error))}", err=True)
    out.result("\n".join(map(_line, done)), {"notated": done, "failed": failed})
    if failed:
        raise DataError(f"{len(failed)} of {len(inputs)} files could not be notated")


def _check(places: list[Path]) -> None:
    """Raise BadOption, before the first file is read, for an extension that is not written."""
    from symgen.notes import writers

    for place in places:
        if place.suffix.lower() not in writers:
            raise BadOption(
                f"{place}: no notation ends in {place.suffix.lower() or 'nothing'!r}; "
                f"known: {' '.join(sorted(writers))}"
            )


def _notated(out: Out, source: str, place: Path, force: bool) -> dict[str, Any]:
    """Write `source` to `place`, print what was repaired or lost, and return what was done."""
    from symgen.notes import write
    from symgen.sampling.request.sources import tune

    piece = tune(source)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        write(piece, place, force=force)
    lost = [str(one.message).removeprefix(f"{piece.source.path}: ") for one in caught]
    lines = [*piece.source.warnings, *lost]
    for line in (*lines, *(piece.source.remarks if out.verbose else ())):
        out.log(f"{source}: {line}")
    return {
        "input": source,
        "path": str(place),
        "notes": len(piece),
        "seconds": round(piece.total_time, 3),
        "warnings": lines,
    }


def _line(done: dict[str, Any]) -> str:
    return printable(f"{done['path']}: {done['notes']} notes, {done['seconds']:.1f} s")
