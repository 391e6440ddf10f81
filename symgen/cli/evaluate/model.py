"""`symgen evaluate` for models: one, with its report, or several side by side."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symgen.cli.common import Out, warn
from symgen.errors import BadOption, counted

if TYPE_CHECKING:
    from symgen.evaluation.document import Evaluation

BUNDLE, BEST = ".symgen", "best.symgen"


def is_model(source: Sequence[str], of_music: bool = False) -> bool:
    """Return whether `source` names models: bundles, runs, models that ship, or nothing at all.

    BadOption for models and music together. The name folk is the model, unless the options are
    `of_music`; corpora/folk is always the corpus.
    """
    from symgen.pretrained import is_name

    models = [
        one
        for one in source
        if one.lower().endswith(BUNDLE)
        or (Path(one) / BEST).is_file()
        or (is_name(one) and not of_music)
    ]
    if models and len(source) > len(models):
        other = next(one for one in source if one not in models)
        raise BadOption(
            f"{models[0]} is a model and {other} is not; name only models or only music"
        )
    return not source or bool(models)


def refuse(options: Mapping[str, Any], what: str) -> None:
    """Raise BadOption if one of these options has a value, because it does not apply to `what`."""
    for name, value in options.items():
        if value not in (None, False, ()):
            raise BadOption(f"{name} does not apply to {what}; remove it")


def evaluate_model(
    out: Out,
    path: str | None,
    seconds: float | None,
    seed: int,
    output: str | None,
    force: bool,
    *,
    data: Sequence[str],
    samples: int | None,
    parts: str | None,
) -> None:
    """Evaluate the bundle at `path` (None: the newest), print its table and write its report."""
    from symgen.evaluation.evaluate import PARTS, SAMPLES, evaluate
    from symgen.sampling import load

    if len(data) > 1:
        raise BadOption(f"--data: {len(data)} datasets for one model; name one")
    names: tuple[str, ...] = PARTS
    if parts is not None:
        names = tuple(name.strip() for name in parts.split(",") if name.strip())
    model = load(path)
    from symgen.bundle.card import source_line

    out.log(source_line(model))
    warn(out, model)
    with out.track() as progress:
        made = evaluate(
            model,
            data[0] if data else None,
            samples=SAMPLES if samples is None else samples,
            seconds=seconds,
            seed=seed,
            parts=names,
            progress=progress,
            command=shlex.join(["symgen", *sys.argv[1:]]),
        )
    if output is not None:
        write_report(out, made, output, force)
    out.result(made.table(), made.document)


def compare_models(
    out: Out, paths: Sequence[str], unused: Mapping[str, Any], data: Sequence[str]
) -> None:
    """Compare models of the same music in nats per note and per second, and print the table."""
    from symgen.dataset.of import dataset_of
    from symgen.evaluation.side_by_side import side_by_side, text
    from symgen.sampling import load

    refuse(unused, "several models")
    if data and len(data) != len(paths):
        raise BadOption(
            f"--data: {counted(len(data), 'dataset')} for {len(paths)} models; "
            "name one for each, in the same order"
        )
    models = [load(path) for path in paths]
    folders: Sequence[str | None] = data or [None] * len(models)
    pairs = zip(models, folders, strict=True)
    datasets = [dataset_of(model, folder, newest=True) for model, folder in pairs]
    with out.track() as progress:
        document = side_by_side(models, datasets, progress=progress)
    out.result(text(document), document)


def write_report(out: Out, made: Evaluation, output: str, force: bool) -> None:
    """Write the report, and print where it is."""
    with out.track() as progress:
        for line in made.write(output, force=force, progress=progress):
            out.log(line)
    out.log(f"report {output}")
