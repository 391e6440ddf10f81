"""A run: its folder, and how one is started, resumed, or begun from a bundle.

runs/<name>/  config.toml  journal.jsonl  checkpoints/  logs/  best.symgen
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from symgen import config
from symgen.bundle import bundle
from symgen.bundle.write import TEST_STEPS, write
from symgen.controls import Control, make_all, total_width
from symgen.dataset.augment import Augment
from symgen.dataset.dataset import Dataset
from symgen.encodings import Encoding, encodings
from symgen.errors import BadOption, DataError, counted
from symgen.files import atomic, new_folder
from symgen.models import CountedModel, Model, Neural, Sizes, models
from symgen.models.state import zeros
from symgen.pretrained import is_name
from symgen.training import ngram_run as count
from symgen.training import quantize as quantise
from symgen.training.data import fitting
from symgen.training.loop import backend, checkpoint, journal
from symgen.training.loop import scores as metrics
from symgen.training.loop.lock import held
from symgen.training.loop.loop import Loop, Status
from symgen.training.options import Training
from symgen.training.reports import baseline, music
from symgen.training.reports import control_statistics as told
from symgen.training.reports import overfitting as gap
from symgen.training.reports.report import heard_by, portable, report, sampled_as

SECTIONS = ("encoding", "augment", "model", "training")


@dataclasses.dataclass(frozen=True)
class Run:
    """A run folder."""

    path: Path

    @property
    def config(self) -> dict[str, Any]:
        """The config as resolved."""
        return config.read_toml(self.path / "config.toml")

    @property
    def journal(self) -> list[dict[str, Any]]:
        """One dictionary an evaluation."""
        return journal.read(self.path)

    @property
    def best(self) -> Path:
        """The path of the best bundle."""
        return self.path / "best.symgen"

    @property
    def progress(self) -> checkpoint.Progress:
        """How far it has come."""
        return checkpoint.load_progress(self.path)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A config as objects."""

    table: Mapping[str, Any]
    encoding: Encoding
    augment: Augment | None
    model: Model
    training: Training
    controls: tuple[Control, ...] = ()

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Recipe:
        """Check a config; BadOption names the section, the key and the value that is wrong."""
        for key, value in table.items():
            if key not in (*SECTIONS, "controls", "name", "about", "data", "from") or (
                key in SECTIONS
            ) != isinstance(value, Mapping):
                raise BadOption(
                    f"the config has {key!r}, which is no section; it takes {', '.join(SECTIONS)} and controls"
                )
        augment = config.into(Augment, table["augment"], "augment") if "augment" in table else None
        model = models.make(table.get("model", {"name": "lstm"}))
        if isinstance(model, CountedModel):
            count.check(model, table)
        return cls(
            table,
            encodings.make(table.get("encoding", {"name": "performance"})),
            augment,
            model,
            config.into(Training, table.get("training", {}), "training"),
            _controls(table.get("controls", [])),
        )


def train(
    recipe: str | Path | Mapping[str, Any] = "perf_dynamics",
    data: Dataset | str | Path | None = None,
    *,
    overrides: Iterable[str] = (),
    name: str | None = None,
    start: str | Path | None = None,
    out: str | Path = "runs",
    minutes: float | None = None,
    log: Callable[[str], None] = lambda _: None,
    watch: Callable[[Status], None] = lambda _: None,
) -> Run:
    """Train a model as `recipe` (a config's name, path or table) says, on `data` (default: the newest that fits).

    `data` may be music too: it is converted first. `start` is a bundle to begin from, or the name
    of a model that ships: its model and weights are taken, its encoding must be that of the data.
    Returns the Run; its folder takes the next free name under `out`.
    """
    table = dict(recipe) if isinstance(recipe, Mapping) else config.load(recipe)
    for text in overrides:
        if start and _of_bundle(text):
            raise BadOption(
                f"--set {text!r}: --from takes the encoding and the model of the bundle; only model.dropout can change"
            )
        table = config.override(table, text)
    if minutes is not None and not isinstance(
        models.make(table.get("model", {"name": "lstm"})), CountedModel
    ):  # counting is soon done
        table = config.override(table, f"training.minutes={float(minutes)}")
    origin = bundle.Bundle.open(start) if start else None
    if origin:
        count.refuse(
            origin, Recipe.of(table).model
        )  # what is wrong with it is said, also of what the bundle takes the place of
        table |= {
            "model": {
                **origin.record.model,
                **{k: v for k, v in table.get("model", {}).items() if k == "dropout"},
            },
            "encoding": dict(origin.record.encoding),
            "controls": list(origin.record.controls),
            "from": str(start) if is_name(start or "") else Path(start or "").as_posix(),
        }
    checked = Recipe.of(table)
    name = _plain(name or str(table.get("name", "run")))
    of_any = isinstance(checked.model, CountedModel) and "encoding" not in table
    dataset = fitting(data, None if of_any else checked.encoding, log, start)
    checked = dataclasses.replace(
        checked,
        encoding=dataset.encoding,  # which holds what was learned of the corpus
        controls=checked.controls if origin else told.learned(checked.controls, dataset),
    )
    if isinstance(checked.model, CountedModel):
        folder = new_folder(out, name)
        with held(folder):
            _write_config(
                folder,
                table
                | {
                    "data": portable(dataset.path),
                    "encoding": checked.encoding.spec(),
                    "model": checked.model.spec(),
                },
            )
            count.run(folder, dataset, checked.model, checked.table, log)
        return Run(folder)
    loop = _loop(Path(out), dataset, checked)
    checked = dataclasses.replace(checked, training=loop.options)
    if origin:
        loop.start_from(origin.weights())
    loop.folder = new_folder(out, name)  # last, so that what fails leaves none
    table |= {
        "data": portable(dataset.path),
        "encoding": checked.encoding.spec(),
        "model": checked.model.spec(),
        "augment": (checked.augment or dataset.augment).table(),
        "training": dataclasses.asdict(checked.training),
        "controls": [c.spec() for c in checked.controls],
    }
    with held(loop.folder):
        _write_config(loop.folder, table)
        return _go(loop, dataset, checked, log, watch)


def _write_config(folder: Path, table: Mapping[str, Any]) -> None:
    with atomic(folder / "config.toml", "w") as file:
        file.write(config.dumps(table))


def _controls(tables: Any) -> tuple[Control, ...]:
    if not isinstance(tables, list) or not all(isinstance(t, Mapping) for t in tables):
        raise BadOption(
            f'controls = {tables!r}: expected [[controls]] tables, each with a name, such as name = "meter"'
        )
    return make_all(tables)


def _plain(name: str) -> str:
    if Path(name).name != name or "\\" in name or name == ".." or not name.isprintable():
        raise BadOption(
            f"{name!r} cannot name a run, which is a folder of that name: leave out slashes and control characters"
        )
    return name


def _of_bundle(override: str) -> bool:
    key = override.partition("=")[0].strip()
    return key.partition(".")[0] in ("encoding", "model") and key != "model.dropout"


def resume(
    folder: str | Path,
    *,
    data: Dataset | str | Path | None = None,
    minutes: float | None = None,
    log: Callable[[str], None] = lambda _: None,
    watch: Callable[[Status], None] = lambda _: None,
) -> Run:
    """Go on with the run in `folder` from its checkpoint; `minutes` replaces its budget.

    DataError where another process trains it.
    """
    run = Run(Path(folder))
    if not (run.path / "config.toml").is_file():
        raise DataError(f"{run.path}: not a run; symgen train starts one")
    with held(run.path):
        return _resume(run, data, minutes, log, watch)


def _resume(
    run: Run,
    data: Dataset | str | Path | None,
    minutes: float | None,
    log: Callable[[str], None],
    watch: Callable[[Status], None],
) -> Run:
    table = run.config
    if minutes is not None:
        table = config.override(table, f"training.minutes={float(minutes)}")
    checked = Recipe.of(table)
    dataset = fitting(data or table.get("data"), checked.encoding, log)
    if isinstance(checked.model, CountedModel):
        if checkpoint.exists(run.path):
            log(f"{run.path} has ended: {run.progress.done}")
        else:
            count.run(run.path, dataset, checked.model, checked.table, log)
        return run
    loop = _loop(run.path, dataset, checked)
    if checkpoint.exists(run.path):
        loop.resume()
        if minutes is not None and loop.progress.done == "the time is up":
            loop.progress.done = ""
        if loop.progress.done:
            log(f"{run.path} has ended: {loop.progress.done}")
            return run
    elif table.get("from"):
        loop.start_from(bundle.Bundle.open(table["from"]).weights())
    return _go(loop, dataset, checked, log, watch)


def newest(out: str | Path = "runs") -> Path:
    """Return the folder of the run that was last active."""
    found = [p.parent for p in Path(out).glob("*/config.toml")]
    if not found:
        raise DataError(f"{out} holds no run to resume; symgen train starts one")
    return max(
        found,
        key=lambda p: max(
            q.stat().st_mtime
            for q in (p / "config.toml", p / "checkpoints" / checkpoint.NAME)
            if q.exists()
        ),
    )


def _loop(folder: Path, dataset: Dataset, recipe: Recipe) -> Loop:
    sizes = Sizes(
        tuple((f.name, f.size) for f in recipe.encoding.fields),
        total_width(recipe.controls, recipe.encoding),
    )
    assert isinstance(recipe.model, Neural)
    return Loop(
        folder,
        dataset,
        recipe.augment or dataset.augment,
        recipe.model,
        sizes,
        recipe.training,
        recipe.controls,
    )


def _go(
    loop: Loop,
    dataset: Dataset,
    recipe: Recipe,
    log: Callable[[str], None],
    watch: Callable[[Status], None],
) -> Run:
    single = metrics.unigram(dataset.half("train"), dataset.half("eval"))
    unigram = sum(single.values())
    watched, held_out = loop.watched, dataset.half("eval")
    part = (
        ""
        if watched is held_out
        else f" on {len(watched)} of {counted(len(held_out), 'held-out piece')} ({watched.total:,} events)"
    )
    log(
        f"{loop.folder}: {dataset.path}, evaluated every {loop.every} steps{part}; unigram entropy {unigram:.3f} nats per event"
        f"{metrics.by_field(single)}"
    )
    log(
        f"{backend.device(loop.learner.network)}; precision {loop.options.precision}: {loop.reason}"
    )
    if not recipe.table.get("from"):  # else its size is that of the bundle
        log(loop.outlook())
    survey, heard = told.survey(recipe.controls, dataset), music.survey(dataset)

    def export(network: Any, score: metrics.Score, progress: checkpoint.Progress) -> None:
        write(
            loop.folder / "best.symgen",
            name=loop.folder.name,
            encoding=recipe.encoding,
            model=recipe.model,
            weights=network.export_weights(),
            test=_test_vector(network, recipe, dataset),
            corpora=heard_by(dataset, recipe.table.get("from"), loop.folder),
            training=report(recipe.table, dataset, score, progress, unigram, loop.parameters)
            | {
                "controls": survey,
                "music": heard,
                "backend": os.environ.get("KERAS_BACKEND", "tensorflow"),
            },
            controls=recipe.controls,
        )

    try:
        done = loop.run(export, watch)
    except KeyboardInterrupt:
        log(
            f"{loop.folder}: stopped after step {loop.progress.step}; go on with: symgen train --resume {loop.folder}"
        )
        raise
    log(
        f"{loop.folder}: ended after step {loop.progress.step}: {done}; best {loop.progress.best:.4f} nats per event "
        f"at step {loop.progress.best_step}"
    )
    if recipe.table.get("from") and (said := gap.gained(journal.read(loop.folder))):
        log(f"{loop.folder}: {said}")
    gap.at_end(loop, loop.folder / "best.symgen", log)
    baseline.at_end(loop.folder / "best.symgen", dataset, log)
    quantise.at_end(loop.folder / "best.symgen", dataset.half("eval"), log)
    sampled_as(loop.folder / "best.symgen", recipe.table.get("from"))
    return Run(loop.folder)


def _test_vector(network: Any, recipe: Recipe, dataset: Dataset) -> dict[str, Any]:
    """Return the inputs, the values chosen and the network's own logits of the first steps of a held-out piece."""
    import keras
    import numpy as np

    from symgen.encodings.base import inputs

    assert isinstance(recipe.model, Neural)
    half = dataset.half("eval")
    chosen = half.events(0)[:TEST_STEPS]
    controls = half.control_rows(recipe.controls, 0)[: len(chosen)]
    rows = inputs(recipe.encoding, chosen, 0, len(chosen))
    state = zeros(recipe.model.state_specs(), 1)
    logits, _ = network(rows[None], controls[None], state, chosen[None])
    named = {
        f"logits.{f.name}": np.asarray(keras.ops.convert_to_numpy(z), np.float32)[0]
        for f, z in zip(recipe.encoding.fields, logits, strict=True)
    }
    return {"event": rows, "controls": controls, "chosen": chosen, **named}
