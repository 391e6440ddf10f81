"""`symgen practice`: new sheets for sight reading, at a level of one's own."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.cli.arguments import MODEL, Choice, Number
from symgen.cli.command import command, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.options.shared import output_option, whole_option
from symgen.errors import BadOption, printable
from symgen.scratch import together

if TYPE_CHECKING:
    from symgen.practice import Sheet
    from symgen.sampling.model import PlayableModel
    from symgen.similarity.passages import Index

FORMATS = (".pdf", ".svg", ".png", ".musicxml", ".mid", ".abc")
USUAL = ".musicxml"
FOLDER = "practice"


@command(
    examples=(
        "symgen practice --level 3",
        "symgen practice --level 1 --hands right --key G -o today.pdf",
        "symgen practice --level 5 --bars 16 --meter 6/8 -n 10 -o sheets/ --format pdf",
    )
)
@section(
    "Sheet",
    whole_option(
        "--level",
        default=1,
        help="From 1 (five notes, quarter notes) to 8 (all keys, sixteenth notes, wide leaps).",
    ),
    whole_option("--bars", default=8, help="Length in bars, 4 to 64."),
    option(
        "--hands",
        type=Choice(("right", "left", "both")),
        default="both",
        show_default=True,
        help="Hands that play: right for treble clef, left for bass clef.",
    ),
    option("--key", metavar="KEY", show_default="one of the level", help="Key: G, Dm, 'F# minor'."),
    option("--meter", metavar="N/M", show_default="one of the level", help="Meter, such as 3/4."),
    option(
        "--rhythm",
        type=Choice(("quarters", "eighths", "sixteenths")),
        show_default="that of the level",
        help="Shortest note of the melody.",
    ),
    option(
        "--tempo",
        type=Number(),
        metavar="BPM",
        show_default="that of the level",
        help="Beats per minute.",
    ),
)
@section(
    "Choice",
    whole_option("-n", "--num", least=1, default=1, help="Number of sheets."),
    whole_option(
        "--seed",
        least=0,
        show_default="drawn, and never a sheet that was made before",
        help="Make a sheet again: its seed is in the name of its file.",
    ),
    option(
        "--model",
        metavar="MODEL",
        type=MODEL,
        default="folk",
        show_default=True,
        help="A model of tunes with chords.",
    ),
)
@section(
    "Output",
    output_option(
        "PATH",
        help="A file whose extension picks the format, or a folder with a slash at its end.",
        show_default="practice/level-L-SEED.musicxml",
    ),
    option(
        "--format",
        "suffix",
        type=Choice(tuple(each.removeprefix(".") for each in FORMATS)),
        show_default="musicxml",
        help="Format, if --output does not name a file. pdf, svg and png need symgen[sheets].",
    ),
    overwrite(),
)
@common
def practice(
    out: Out,
    num: int,
    seed: int | None,
    model: str,
    output: str | None,
    suffix: str | None,
    force: bool,
    **asked: Any,
) -> None:
    """Make sheets of new music to practise sight reading.

    The music is a model's own, within the rules of a level: range, leaps, rhythm, key and what the
    left hand plays. No sheet repeats one that was made before.
    """
    from symgen.sampling import load
    from symgen.sampling.history import recalled, remember

    if seed is not None and num > 1:
        raise BadOption(f"--seed makes one sheet; leave out --num {num}")
    loaded = load(model)
    played = recalled(loaded.path) if seed is None else None
    made = _made(loaded, num, seed, played, asked)
    places = _places(output, suffix, made)
    with together():
        written = [_written(sheet, place, force) for sheet, place in zip(made, places, strict=True)]
    if played is not None:
        remember(loaded.path, [sheet.sample for sheet in made])
    out.result("\n".join(map(_line, written)), {"sheets": written})


def _made(
    model: PlayableModel, num: int, seed: int | None, played: Index | None, asked: dict[str, Any]
) -> list[Sheet]:
    """Return `num` sheets, none of which repeats another or those of `played`."""
    from symgen.practice import sheet
    from symgen.sampling.originality import title

    out = list[Any]()
    for _ in range(num):
        made = sheet(model, seed=seed, played=played, **asked)
        out.append(made)
        if played is not None:
            music = made.sample.continuation
            played = played.added([(title(made.sample), music)], len(played.order) + len(music))
    return out


def _places(output: str | None, suffix: str | None, sheets: list[Sheet]) -> list[Path]:
    """Return the file of each sheet; BadOption for an extension that is not written."""
    end = f".{suffix}" if suffix else USUAL
    names = [f"level-{sheet.level}-{sheet.seed}{end}" for sheet in sheets]
    if output is None or output.endswith(("/", "\\")) or Path(output).is_dir():
        return [Path(output or FOLDER) / name for name in names]
    place = Path(output)
    if suffix:
        raise BadOption(f"--format {suffix} is for a folder; {output} names its format itself")
    if place.suffix.lower() not in FORMATS:
        raise BadOption(
            f"{output}: cannot write {place.suffix or 'no extension'!r}; known: {' '.join(FORMATS)}"
        )
    if len(sheets) == 1:
        return [place]
    return [place.with_stem(f"{place.stem}-{number}") for number in range(1, len(sheets) + 1)]


def _written(sheet: Sheet, place: Path, force: bool) -> dict[str, Any]:
    """Write a sheet and return what is said of it."""
    from symgen.notes import write
    from symgen.rendering import sheets

    place.parent.mkdir(parents=True, exist_ok=True)
    pages = [place]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ABC has the melody alone
        if place.suffix.lower() in sheets.SHEETS:
            pages = sheets.save(sheet.sequence, place, force)
        else:
            write(sheet.sequence, place, force=force)
    return {
        "path": str(place),
        "pages": [str(page) for page in pages],
        "title": sheet.title,
        "about": sheet.about,
        "level": sheet.level,
        "key": sheet.key,
        "meter": sheet.meter,
        "bars": sheet.bars,
        "seed": sheet.seed,
        "notes": len(sheet.sequence),
    }


def _line(done: dict[str, Any]) -> str:
    return printable(f"{done['path']}: {done['title']}, {done['about']}; seed {done['seed']}")
