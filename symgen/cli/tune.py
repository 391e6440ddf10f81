"""`symgen bundle tune`: choose the temperature and top-p of a model's samples."""

from __future__ import annotations

from typing import Any

import click

from symgen.cli.arguments import MODEL
from symgen.cli.command import command, option, overwrite, section
from symgen.cli.common import Out, common
from symgen.cli.options.shared import data_option, output_option, seconds_option, whole_option
from symgen.errors import BadOption
from symgen.pretrained import is_name


@command(
    examples=(
        "symgen bundle tune runs/perf_dynamics/best.symgen",
        "symgen bundle tune piano -o mine.symgen --data data/my-music-notes --temperatures 0.9,1",
    )
)
@click.argument("path", metavar="MODEL", type=MODEL)
@section(
    "Measurement",
    data_option(
        show_default="the one that the model was trained on",
        help="Dataset whose held-out pieces are compared with the samples.",
    ),
    whole_option("--samples", default=32, help="Samples for each pair of values."),
    seconds_option(default=30.0, show_default="30", help="Length of each sample: 90, 3:00 or 90s."),
    option(
        "--temperatures",
        metavar="T,T,...",
        default="0.85,0.9,0.95,1,1.05",
        show_default=True,
        help="Temperatures to try.",
    ),
    option(
        "--top-p",
        metavar="P,P,...",
        default="0.9,0.95,0.98,1",
        show_default=True,
        help="Values of top-p to try.",
    ),
)
@section(
    "Randomness",
    whole_option("--seed", least=0, default=0, help="Seed of the samples and the excerpts."),
)
@section(
    "Output",
    output_option("FILE", show_default="the bundle itself", help="Bundle to write."),
    overwrite("Replace another file that exists."),
)
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
    """Choose the temperature and top-p whose samples are closest to held-out music.

    `symgen sample` then uses them by default. If the bundle lacks statistics of its training music,
    they are added too.
    """
    from symgen.bundle.write import with_report, with_sampling
    from symgen.dataset.of import dataset_of
    from symgen.evaluation.tune import tune as measured
    from symgen.files import refuse_overwrite
    from symgen.sampling import load

    if output is None and is_name(path):
        raise BadOption(f"{path} ships with symgen and is not changed; add -o FILE.symgen")
    grid = _numbers("temperatures", temperatures), _numbers("top-p", top_p)
    model = load(path)
    target = refuse_overwrite(output, force) if output else model.path
    dataset = dataset_of(model, data, newest=True)
    if not model.training.music:
        from symgen.training.reports.music import survey

        model = load(with_report(model, target, {"music": survey(dataset)}))
        out.log(f"{target}: statistics of its training music were added")
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
    out.result(summary(chosen, str(target)), {"path": str(target), **chosen})


def summary(chosen: dict[str, Any], target: str) -> str:
    """Return the tried values as a table, and the chosen ones."""
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
            f"distance {facts['distance']:.4f} between {facts['samples']} samples of "
            f"{facts['seconds']:g} s and {facts['excerpts']} held-out excerpts",
        ]
    )


def _numbers(name: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise BadOption(
            f"--{name} {text!r}: expected numbers separated by commas, such as 0.9,1"
        ) from None
