"""`symgen quick`: new music like that in a folder, in under a minute."""

from __future__ import annotations

import click

from symgen.cli.arguments import MODEL, MUSIC
from symgen.cli.command import command, option, section
from symgen.cli.common import Out, common
from symgen.cli.options.shared import (
    accidentals_option,
    minutes_option,
    output_option,
    reading,
    seconds_option,
    whole_option,
)


@command(
    examples=(
        "symgen quick my-music",
        "symgen quick my-music --minutes 5 --num 4 --seconds 2:00",
    )
)
@click.argument("folder", type=MUSIC)
@section(
    "Length",
    whole_option("-n", "--num", default=2, help="Number of pieces."),
    seconds_option(
        show_default="30; for tunes, 16 bars", help="Length of each piece: 90, 3:00 or 90s."
    ),
)
@section(
    "Training",
    option(
        "--model",
        metavar="PATH|NAME",
        type=MODEL,
        show_default="folk for tunes with chords, else piano",
        help="Model to fine-tune.",
    ),
    minutes_option(show_default="25 seconds", help="Length of the fine-tuning: 10, 2:30 or 90s."),
)
@section("Reading", accidentals_option())
@section(
    "Randomness",
    whole_option("--seed", show_default="a random one", help="Seed of the pieces."),
)
@section(
    "Output",
    output_option("FOLDER", default="samples", show_default=True, help="Folder of the pieces."),
)
@common
def quick(
    out: Out,
    folder: str,
    num: int,
    seconds: float | None,
    minutes: float | None,
    model: str | None,
    accidentals: str | None,
    seed: int | None,
    output: str,
) -> None:
    """Make music like that in FOLDER, in under a minute.

    This converts the music, fine-tunes a model on it, samples and renders. FOLDER holds MIDI or
    ABC; it may also be a file, an archive or the name of a corpus. Without Keras an n-gram is
    trained instead.
    """
    from symgen.cli.train import watching
    from symgen.quickstart import MINUTES
    from symgen.quickstart import quick as library

    with watching(out) as watch:
        made = library(
            folder,
            output,
            num=num,
            seconds=seconds,
            seed=seed,
            model=model,
            reading=reading(accidentals),
            minutes=MINUTES if minutes is None else minutes,
            log=out.log,
            watch=watch,
        )
    sounds, files = ([path.as_posix() for path in some] for some in (made.sounds, made.files))
    left = ["left out:", *(f"  {line}" for line in made.left_out)] if made.left_out else []
    lines = [
        f"model {made.run.best} ({made.how})",
        "listen:",
        *(f"  {path}" for path in sounds),
        "edit:",
        *(f"  {path}" for path in files),
        *left,
        f"more: symgen sample {made.run.path} --render",
    ]
    out.result(
        "\n".join(lines),
        {
            "bundle": made.run.best.as_posix(),
            "how": made.how,
            "why": made.why,
            "sounds": sounds,
            "files": files,
            "left_out": list(made.left_out),
        },
    )
