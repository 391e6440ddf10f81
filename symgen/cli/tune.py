"""`symgen bundle tune`: choose the temperature and the top-p that a model is sampled with."""

from __future__ import annotations

from typing import Any

import click

from symgen.cli.common import Out, common
from symgen.errors import BadOption
from symgen.pretrained import is_name


@click.command()
@click.argument("path", metavar="MODEL")
@click.option(
    "--data",
    metavar="FOLDER",
    help="Dataset whose held-out half is the measure. [default: the one that it was trained on]",
)
@click.option("--samples", type=int, default=32, show_default=True, help="Samples for each pair.")
@click.option("--seconds", type=float, default=30.0, show_default=True, help="Length of each.")
@click.option(
    "--temperatures",
    metavar="T,T,...",
    default="0.85,0.9,0.95,1,1.05",
    show_default=True,
    help="Temperatures to try.",
)
@click.option(
    "--top-p", metavar="P,P,...", default="0.9,0.95,0.98,1", show_default=True, help="Top-p to try."
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Decides samples and excerpts.",
)
@click.option("-o", "--output", metavar="FILE", help="[default: the bundle itself]")
@click.option("--force", is_flag=True, help="Replace another file that exists.")
@common
def tune(
    out: Out,
    path: str,
    data: str | None,
    samples: int,
    seconds: float,
    temperatures: str,
    top_p: str,
    seed: int,
    output: str | None,
    force: bool,
) -> None:
    """Choose temperature and top-p by how near samples come to held-out music.

    `symgen sample` takes them from then on where none are given. A bundle that does not know
    what its training music is like is told that too.
    """
    from symgen.bundle.write import with_report, with_sampling
    from symgen.dataset.of import dataset_of
    from symgen.evaluation.tune import tune as measured
    from symgen.files import refuse_overwrite
    from symgen.sampling import load

    if output is None and is_name(path):
        raise BadOption(f"{path} ships with symgen and stays as it is; give -o FILE.symgen")
    grid = _numbers("temperatures", temperatures), _numbers("top-p", top_p)
    model = load(path)
    target = refuse_overwrite(output, force) if output else model.path
    dataset = dataset_of(model, data, newest=True)
    if not model.training.music:
        from symgen.training.reports.music import survey

        model = load(with_report(model, target, {"music": survey(dataset)}))
        out.log(f"{target}: now knows what its training music is like")
    with out.track() as progress:
        chosen = measured(
            model,
            dataset,
            temperatures=grid[0],
            top_p=grid[1],
            samples=samples,
            seconds=seconds,
            seed=seed,
            progress=progress,
        )
    with_sampling(model, target, chosen)
    out.result(said(chosen, str(target)), {"path": str(target), **chosen})


def said(chosen: dict[str, Any], target: str) -> str:
    """Return the grid as a table, and what was chosen."""
    facts = chosen["chosen_by"]
    lines = ["temperature  top-p  distance  longest copy"]
    lines += [
        f"{row['temperature']:>11g}  {row['top_p']:>5g}  {row['distance']:>8.4f}  "
        f"{row['longest_copy']:>12}"
        for row in facts["grid"]
    ]
    return "\n".join(
        [
            *lines,
            f"{target}: temperature {chosen['temperature']:g}, top-p {chosen['top_p']:g}; "
            f"distance {facts['distance']:.4f} to {facts['excerpts']} held-out excerpts, by "
            f"{facts['samples']} samples of {facts['seconds']:g} s each",
        ]
    )


def _numbers(name: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise BadOption(
            f"--{name} {text!r}: expected numbers with commas between, such as 0.9,1"
        ) from None
