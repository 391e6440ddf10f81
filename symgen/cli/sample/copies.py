"""The options of `symgen sample` that refuse copies, and the dataset in which copies are looked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.common import Out
from symgen.errors import BadOption, DataError

if TYPE_CHECKING:
    from symgen.dataset import Dataset
    from symgen.sampling.model import PlayableModel
    from symgen.sampling.originality import Original


def original(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in (
        click.option(
            "--data",
            metavar="FOLDER",
            help="Dataset that the model was trained on. [default: where it was then]",
        ),
        click.option(
            "--never-repeat",
            is_flag=True,
            help="Refuse 16 notes in a row (or --max-copy) of what was played with this option too, which is kept beside the "
            "bundle, in best.played.npz of best.symgen; of a model that ships, in your data folder.",
        ),
        click.option(
            "--max-copy",
            type=int,
            metavar="N",
            help="Draw a sample again that has more than N notes in a row, in any key and at any speed, of a piece that the model "
            "was trained on; 16 is ordinary.",
        ),
    ):
        command = option(command)
    return command


def rule(max_copy: int | None, never_repeat: bool, melody: Any) -> Original | None:
    """Return what is refused, without what it is looked for in; None where nothing is."""
    from symgen.sampling.originality import MOST, Original

    if max_copy is None and not never_repeat:
        return None
    if melody is not None:
        raise BadOption(
            f"{'--never-repeat' if max_copy is None else '--max-copy'} is of notes, and --melody gives them; leave one out"
        )
    return Original(MOST if max_copy is None else max_copy)


def looked_up(
    out: Out,
    asked: Original,
    model: PlayableModel,
    max_copy: int | None,
    never_repeat: bool,
    data: str | None,
) -> Original:
    """Return what is refused with the training half (where `max_copy` asks for it) and with what was played."""
    import dataclasses

    if max_copy is not None:
        from symgen.dataset.passages import indexed

        try:
            dataset = trained_on(out, model, data)
            with out.track() as progress:
                index, said = indexed(dataset, progress=progress)
        except DataError as error:
            raise DataError(
                f"--max-copy needs the training music: {error}; name its dataset with --data FOLDER"
            ) from None
        for line in said:
            out.log(line)
        asked = dataclasses.replace(asked, index=index)
    if never_repeat:
        from symgen.sampling.history import recalled

        asked = dataclasses.replace(asked, played=recalled(model.path))
    return asked


def trained_on(out: Out, model: PlayableModel, data: str | None) -> Dataset:
    """Open the dataset that `model` was trained on, at `data` or where it was then; DataError where it is another one by now."""
    from symgen.dataset import Dataset

    report = model.info.get("training", {})
    path = data or report.get("dataset")
    if not path:
        raise DataError(f"{model.path} does not say which dataset it was trained on")
    dataset = Dataset.open(path)
    if report.get("dataset_fingerprint") not in (None, dataset.info["fingerprint"]):
        if data is None:
            raise DataError(f"{path} was made anew since {model.name} was trained")
        out.log(f"{path} is not the dataset that {model.name} was trained on, as it was then")
    return dataset
