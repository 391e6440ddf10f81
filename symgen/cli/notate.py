"""`symgen notate`: convert music between MIDI, ABC and MusicXML, or engrave it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from symgen.cli.arguments import FILE, Choice, Number
from symgen.cli.command import command, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.messages import plain
from symgen.cli.options.shared import accidentals_option, reading
from symgen.cli.options.targets import targets
from symgen.errors import BadOption, DataError, SymgenError, counted, printable
from symgen.scratch import together

SHEETS = (".svg", ".pdf", ".png")
PLAYED = (".mid", ".midi", ".tfrecord")


@command(
    examples=(
        "symgen notate song.mid -o song.musicxml",
        "symgen notate song.mid -o song.pdf",
        "symgen notate tune.abc -o tune.mid",
        "symgen notate book.abc#3 -o tune.mid",
        "symgen notate played.mid -o played.abc --tempo 96 --meter 3/4",
        "symgen notate *.mxl -o tunes/ --format abc",
    )
)
@click.argument("inputs", nargs=-1, required=True, type=FILE)
@section(
    "Played music",
    option(
        "--tempo",
        type=Number(),
        metavar="N",
        show_default="found",
        help="Beats per minute, of music that was not played to the beat of its file.",
    ),
    option(
        "--meter",
        metavar="N/M",
        show_default="found",
        help="Meter of such music. A beat of 6/8 is a dotted quarter note.",
    ),
    option(
        "--grid",
        type=Choice(("1/8", "1/16", "1/32")),
        default="1/16",
        show_default=True,
        help="Shortest note; triplets are found too.",
    ),
    option(
        "--lengths",
        type=Choice(("readable", "exact")),
        show_default="readable, for played music",
        help="Write notes up to the next note of their hand, or as long as they were held.",
    ),
    option(
        "--quantise/--no-quantise",
        default=True,
        show_default=True,
        help="Put the notes of played music on the grid of its beat.",
    ),
)
@section("Reading", accidentals_option())
@section(
    "Output",
    option(
        "-o",
        "--output",
        type=FILE,
        metavar="PATH",
        show_default="beside each input, as .musicxml",
        help="A file whose extension picks the format: .musicxml, .abc, .mid, or sheet "
        "music: .pdf, .svg, .png. For many inputs, a folder.",
    ),
    option(
        "--format",
        "suffix",
        type=Choice(("musicxml", "abc", "mid", "svg", "pdf", "png")),
        show_default="musicxml",
        help="Format, if --output does not name a file.",
    ),
    option(
        "--dynamics/--no-dynamics",
        default=False,
        show_default=True,
        help="Print how loud the music is, from pp to ff, in scores and sheet music.",
    ),
    overwrite(),
)
@common
def notate(
    out: Out,
    inputs: tuple[str, ...],
    output: str | None,
    suffix: str | None,
    tempo: float | None,
    meter: str | None,
    grid: str,
    lengths: str | None,
    quantise: bool,
    accidentals: str | None,
    dynamics: bool,
    force: bool,
) -> None:
    """Convert music files between MIDI, ABC and MusicXML, or engrave them.

    INPUTS are MIDI, ABC, MusicXML or any other format that symgen reads. For a book of tunes, name
    one of them: book.abc#3. Music that was played freely is put on the grid of its beat first; the
    output says which beat was found.
    """
    if not quantise and (tempo, meter, lengths) != (None, None, None):
        raise BadOption(
            "--no-quantise leaves --tempo, --meter and --lengths without use; remove it or them"
        )
    beat = {"tempo": tempo, "meter": meter, "grid": grid, "lengths": lengths} if quantise else None
    places = targets(inputs, output, suffix, "musicxml")
    _check(inputs, places)
    done: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    with together():
        for source, place in zip(inputs, places, strict=True):
            try:
                done.append(
                    _notated(out, source, place, beat, reading(accidentals), dynamics, force)
                )
            except (SymgenError, OSError) as error:
                if len(inputs) == 1 or isinstance(error, BadOption):
                    raise
                failed.append({"input": source, "reason": plain(error)})
                click.echo(f"symgen: {printable(plain(error))}", err=True)
    out.result("\n".join(map(_line, done)), {"notated": done, "failed": failed})
    if failed:
        raise DataError(f"{len(failed)} of {len(inputs)} files could not be notated")


def _check(inputs: Sequence[str], places: list[Path]) -> None:
    """Raise BadOption, before the first file is read, for a place that cannot be written to.

    That is one of another extension, and a file that is an input itself: a copy holds less.
    """
    from symgen.notes import writers

    known = sorted((*writers, *SHEETS))
    sources = {Path(source.partition("#")[0]).resolve() for source in inputs}
    for place in places:
        if place.resolve() in sources:
            raise BadOption(f"{place} would replace what is read; name another file with -o")
        if place.suffix.lower() not in known:
            raise BadOption(
                f"{place}: cannot write {place.suffix.lower() or 'no extension'!r}; "
                f"known: {' '.join(known)}"
            )


def _notated(
    out: Out,
    source: str,
    place: Path,
    beat: dict[str, Any] | None,
    options: dict[str, str],
    dynamics: bool,
    force: bool,
) -> dict[str, Any]:
    """Write `source` to `place`, print what was repaired or lost, and return what was done.

    `beat` has the options of `quantise`; without it the notes stay where they are. MIDI keeps the
    tempo as it was played, and sheet music has one tempo. `options` are those of readers.
    """
    from symgen.files import refuse_overwrite
    from symgen.notes import write
    from symgen.notes.quantise import quantise
    from symgen.rendering import sheets
    from symgen.sampling.request.sources import tune

    refuse_overwrite(place, force)
    piece = tune(source, **options)
    if not len(piece):
        raise DataError(f"{source}: holds no notes, so there is nothing to write")
    said = None
    if beat is not None:
        if place.suffix.lower() in PLAYED:  # as it was played
            beat = beat | {"lengths": beat["lengths"] or "exact"}
        done = quantise(piece, **beat, steady=place.suffix.lower() not in PLAYED)
        piece, said = done.sequence, str(done) if done.found or done.readable else None
        if said:
            out.log(f"{source}: {said}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pages = [place]
        if place.suffix.lower() in SHEETS:
            pages = sheets.save(piece, place, force, dynamics)
        else:
            written: dict[str, Any] = {}
            if place.suffix.lower() == ".musicxml":
                written = {"dynamics": dynamics}
            write(piece, place, force=force, **written)
    lost = [str(one.message).removeprefix(f"{piece.source.path}: ") for one in caught]
    lines = [*piece.source.warnings, *piece.source.unplayed, *lost]
    count = _count(place, len(piece))
    for line in (*lines, *(piece.source.remarks if out.verbose else ())):
        out.log(f"{source}: {line}")
    return {
        "input": source,
        "path": str(place),
        "pages": [str(page) for page in pages],
        "notes": count,
        "seconds": round(piece.total_time, 3),
        "beat": said,
        "warnings": lines,
    }


def _count(place: Path, notes: int) -> int:
    """Return how many of `notes` a file holds; DataError, and no file, if it holds none.

    ABC is read again, because it has the melody alone.
    """
    from symgen.errors import ReadError
    from symgen.notes import read

    if place.suffix.lower() != ".abc":
        return notes
    try:
        return len(read(place))
    except ReadError:
        place.unlink()
        raise DataError(
            f"{place}: ABC holds the melody alone, and this piece has none (only drums or rests); "
            "write .mid or .musicxml"
        ) from None


def _line(done: dict[str, Any]) -> str:
    more = len(done["pages"]) - 1
    pages = f", and {counted(more, 'more page')}" if more else ""
    return printable(
        f"{done['path']}: {counted(done['notes'], 'note')}, {done['seconds']:.1f} s{pages}"
    )
