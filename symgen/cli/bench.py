"""`symgen bench`: score models by the protocol of published experiments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symgen.cli.arguments import CONFIG, FOLDER, MODEL
from symgen.cli.command import Group, option, section
from symgen.cli.common import Out, common
from symgen.cli.options.shared import minutes_option, whole_option
from symgen.errors import BadOption, DataError

if TYPE_CHECKING:
    from symgen.bundle.bundle import Bundle
    from symgen.dataset import Dataset
    from symgen.encodings import Encoding
    from symgen.types import Progress

CONFIGS = ("melody_chords", "melody_chords_yoavz")
CORPUS = "nottingham"


@click.group(cls=Group)
def bench() -> None:
    """Score models beside published figures and simple baselines."""


@bench.command(
    examples=(
        "symgen bench nottingham",
        "symgen bench nottingham runs/melody_chords --json",
    )
)
@click.argument("bundles", nargs=-1, metavar="[BUNDLE]...", type=MODEL)
@section(
    "Models and data",
    option(
        "--config",
        "configs",
        multiple=True,
        metavar="NAME|FILE.toml",
        type=CONFIG,
        show_default=" and ".join(CONFIGS),
        help="Score the newest run of this config; train one if there is none. May be repeated.",
    ),
    option(
        "--data",
        "folders",
        multiple=True,
        metavar="FOLDER",
        type=FOLDER,
        show_default="each model's own, or one of Nottingham under data/",
        help="Score on the held-out tunes of this dataset. May be repeated.",
    ),
    option(
        "--runs",
        default="runs",
        show_default=True,
        metavar="FOLDER",
        type=FOLDER,
        help="Folder that holds the runs.",
    ),
)
@section(
    "Measurement",
    minutes_option(
        show_default="the config's steps or epochs",
        help="Stop the training of each missing model after this: 10, 2:30 or 90s.",
    ),
    whole_option(
        "--harmonise",
        least=0,
        default=0,
        help="Also add chords to the melodies of N held-out tunes.",
    ),
)
@section(
    "Randomness and speed",
    whole_option("--seed", least=0, default=0, help="Seed of the confidence intervals."),
    whole_option("--threads", least=1, default=1, help="Processor threads for scoring."),
)
@common
def nottingham(
    out: Out,
    bundles: tuple[str, ...],
    configs: tuple[str, ...],
    folders: tuple[str, ...],
    minutes: float | None,
    seed: int,
    threads: int,
    harmonise: int,
    runs: str,
) -> None:
    """Score models of melody and chords on held-out Nottingham tunes.

    The table also shows the published model of 2 x 200 units and three baselines. A BUNDLE is a
    .symgen file or the folder of a run.
    """
    from symgen.evaluation.nottingham import harmony
    from symgen.evaluation.nottingham import text as tables
    from symgen.evaluation.nottingham.protocol import nottingham

    def suits(data: Dataset) -> None:
        if harmonise:
            harmony.pick(data, harmonise, seed)  # an error says how many there are

    chosen = _models(
        out, bundles, configs or (() if bundles else CONFIGS), folders, minutes, runs, suits
    )
    with out.track() as progress:
        drawn = (
            [_harmonised(bundle, dataset, harmonise, seed, progress) for bundle, dataset in chosen]
            if harmonise
            else []
        )
        report = nottingham(chosen, seed=seed, threads=threads, harmonised=drawn, progress=progress)
    out.result(tables.text(report), report)


def _models(
    out: Out,
    bundles: tuple[str, ...],
    configs: tuple[str, ...],
    folders: tuple[str, ...],
    minutes: float | None,
    runs: str,
    suits: Callable[[Dataset], None],
) -> list[tuple[Bundle, Dataset]]:
    """Return the models to score, each with its dataset.

    `suits` checks each dataset before anything is trained, and raises if it cannot be used.
    """
    from symgen.bundle.bundle import Bundle
    from symgen.dataset import Dataset

    given = [Dataset.open(folder) for folder in folders]
    opened = [Bundle.open(path) for path in bundles]
    found = [_newest(runs, config) for config in configs]
    if not opened and not found:
        raise BadOption("no model is named; name a bundle, a run's folder, or --config NAME")
    known = [bundle for bundle in [*opened, *found] if bundle]
    for data in given or [_dataset(bundle, given) for bundle in known]:
        suits(data)
    opened += [
        bundle or _trained(out, config, given, minutes, runs, suits)
        for bundle, config in zip(found, configs, strict=True)
    ]
    return [(bundle, _dataset(bundle, given)) for bundle in opened]


def _newest(runs: str, config: str) -> Bundle | None:
    """Return the bundle that a run of `config` wrote last; None if there is none."""
    from symgen import config as configs
    from symgen.bundle.bundle import Bundle

    name = configs.load(config)["name"]
    found = []
    for path in Path(runs).glob("*/best.symgen"):
        try:
            bundle = Bundle.open(path)
        except DataError:
            continue
        if bundle.training.config.get("name") == name:
            found.append((path.stat().st_mtime_ns, bundle))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _trained(
    out: Out,
    config: str,
    given: list[Dataset],
    minutes: float | None,
    runs: str,
    suits: Callable[[Dataset], None],
) -> Bundle:
    from symgen import config as configs
    from symgen import training
    from symgen.bundle.bundle import Bundle
    from symgen.cli.train import watching
    from symgen.encodings import encodings

    table = configs.load(config)
    encoding = encodings.make(table.get("encoding", {"name": "performance"}))
    data = next((d for d in given if encoding.accepts(d.encoding)), None) or _converted(
        out, encoding
    )
    suits(data)
    out.log(f"{config}: no run under {runs}; training one on {data.path}")
    with watching(out) as watch:
        run = training.train(table, data, out=runs, minutes=minutes, log=out.log, watch=watch)
    made: Bundle = Bundle.open(run.best)
    return made


def _converted(out: Out, encoding: Encoding) -> Dataset:
    """Return the newest dataset of Nottingham in this encoding; convert one if there is none."""
    from symgen.dataset import convert

    if found := _own(encoding.accepts):
        return found
    out.log(f"no dataset of {CORPUS} with this encoding under data/; converting one")
    with out.track() as progress:
        here = Path("corpora") / CORPUS
        made: Dataset = convert(
            here.as_posix() if here.exists() else CORPUS, encoding, progress=progress
        )
    return made


def _own(fits: Any) -> Dataset | None:
    """Return the newest dataset under data/ that holds only Nottingham and whose encoding fits."""
    from symgen.dataset import Dataset

    found = []
    for manifest in Path("data").glob("*/dataset.json"):
        try:
            dataset = Dataset.open(manifest.parent)
        except DataError:
            continue
        if fits(dataset.encoding) and [c["name"] for c in dataset.info["corpora"]] == [CORPUS]:
            found.append((manifest.stat().st_mtime_ns, dataset))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _dataset(bundle: Bundle, given: list[Dataset]) -> Dataset:
    """Return the dataset that a model is scored on.

    That is one of `given`, or the model's own, or the newest of Nottingham in its encoding.
    """
    from symgen.dataset.of import recorded_dataset

    fingerprint = bundle.encoding.fingerprint()
    fitting = [d for d in given if d.encoding.fingerprint() == fingerprint]
    if given and not fitting:
        raise DataError(
            f"{bundle.path}: no dataset named with --data has its encoding; "
            "remove --data, or name the dataset that it was trained on"
        )
    if given:
        trained = bundle.training.dataset_fingerprint
        own = [dataset for dataset in fitting if dataset.info["fingerprint"] == trained]
        return [*own, *fitting][0]
    if dataset := recorded_dataset(bundle):
        return dataset
    if found := _own(lambda encoding: encoding.fingerprint() == fingerprint):
        return found
    raise DataError(
        f"{bundle.path}: no dataset of {CORPUS} in its encoding is under data/; "
        "convert one with the options of its training, or add --data FOLDER"
    )


def _harmonised(
    bundle: Bundle, dataset: Dataset, count: int, seed: int, progress: Progress | None
) -> dict[str, dict[str, Any]]:
    """Return the events of held-out melodies with the model's chords, at temperatures 1 and 0."""
    from symgen.evaluation.nottingham import harmony
    from symgen.sampling import load
    from symgen.sampling.generate import draw
    from symgen.sampling.request.request import ask
    from symgen.sampling.request.structure import Structure

    model = load(bundle.path)
    names = harmony.pick(dataset, count, seed)
    out: dict[str, dict[str, Any]] = {"drawn": {}, "likeliest": {}}
    for done, name in enumerate(names):
        if progress:
            progress(done, len(names), f"{bundle.name} harmonises")
        shape = Structure(melody=harmony.tune(dataset, name))
        for kind, temperature in (("drawn", 1.0), ("likeliest", 0.0)):
            [made] = draw(model, model.plan(ask(seed=seed, temperature=temperature, shape=shape)))
            out[kind][name] = made.events
    return out
