"""`symgen quick`: a folder of music to new music like it, in under a minute."""

from __future__ import annotations

import click

from symgen.cli.common import Out, common


@click.command()
@click.argument("folder")
@click.option("-n", "--num", type=int, default=2, show_default=True, help="Pieces to make.")
@click.option("--seconds", type=float, help="Length of each. [default: 30; of tunes 16 bars]")
@click.option("--minutes", type=float, help="Of fine-tuning. [default: 25 seconds]")
@click.option(
    "--model",
    metavar="PATH|NAME",
    help="What is fine-tuned. [default: folk for tunes with chords, else piano]",
)
@click.option("--seed", type=int, help="Seed of the pieces. [default: a random one]")
@click.option(
    "-o",
    "--output",
    default="samples",
    show_default=True,
    metavar="FOLDER",
    help="Where the pieces go.",
)
@common
def quick(
    out: Out,
    folder: str,
    num: int,
    seconds: float | None,
    minutes: float | None,
    model: str | None,
    seed: int | None,
    output: str,
) -> None:
    """Make music like that in FOLDER, in under a minute: convert, fine-tune, sample, render.

    FOLDER holds MIDI or ABC; a file, an archive or the name of a corpus will do. Without Keras an
    n-gram is counted instead.

    symgen quick my-music
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
