"""A run: its folder, and how one is started, resumed, or begun from a bundle.

runs/<name>/  config.toml  journal.jsonl  checkpoints/  logs/  best.symgen
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from symgen import checks, config
from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.errors import BadOption, DataError, shorten
from symgen.files import atomic, new_folder
from symgen.models import CountedModel, Neural
from symgen.training import ngram_run, quantize
from symgen.training.data import Data, fitting
from symgen.training.export import Exporter
from symgen.training.loop import backend, checkpoint, journal, scores
from symgen.training.loop.lock import held
from symgen.training.loop.loop import TIME_IS_UP, Loop, Status
from symgen.training.recipe import Recipe, Start, continued, resolve
from symgen.training.reports import baseline, control_statistics, overfitting
from symgen.training.reports.kinds import kind
from symgen.training.reports.report import portable, sampled_as

WRITTEN = ("best.symgen", journal.NAME)  # files of a run, besides its config

Log = Callable[[str], None]
Watch = Callable[[Status], None]


@dataclasses.dataclass(frozen=True)
class Run:
    """A run folder."""

    path: Path

    @property
    def config(self) -> dict[str, Any]:
        """The config with every option."""
        return config.read_toml(self.path / "config.toml")

    @property
    def journal(self) -> list[dict[str, Any]]:
        """One dictionary per evaluation."""
        return journal.read(self.path)

    @property
    def best(self) -> Path:
        """The path of the best bundle."""
        return self.path / "best.symgen"

    @property
    def progress(self) -> checkpoint.Progress:
        """How far it has come."""
        return checkpoint.load_progress(self.path)


def train(
    recipe: str | Path | Mapping[str, Any] = "perf_dynamics",
    data: Data = None,
    *,
    overrides: Iterable[str] = (),
    name: str | None = None,
    start: Start = None,
    out: str | Path = "runs",
    minutes: float | None = None,
    log: Log = lambda _: None,
    watch: Watch = lambda _: None,
) -> Run:
    """Train a model on `data` (default: the newest dataset that fits) and return the Run.

    `recipe` is the name, path or table of a config. `data` may be music too, which is converted
    first. `start` is a bundle to begin from, or the name of a model that ships: its model and
    weights are used, and its encoding must be that of the data. The folder of the run gets the next
    free name under `out`.
    """
    table = resolve(recipe, overrides, start, minutes)
    origin: Bundle | None = Bundle.open(start) if start else None
    weights = {}
    if origin:
        table = continued(table, origin, start)
        weights = origin.weights()
    checked = Recipe.of(table)
    name = _plain(name or str(table.get("name", "run")))
    any_encoding = isinstance(checked.model, CountedModel) and "encoding" not in table
    dataset = fitting(data, None if any_encoding else checked.encoding, log, start)
    checked = dataclasses.replace(
        checked,
        encoding=dataset.codec,  # which holds what was learned from the corpus
        controls=checked.controls
        if origin
        else control_statistics.learned(checked.controls, dataset),
    )
    if isinstance(checked.model, CountedModel):
        return _count(checked, checked.model, dataset, Path(out), name, log)
    loop = make_loop(Path(out), dataset, checked)
    checked = dataclasses.replace(checked, training=loop.options)
    if origin:
        loop.start_from(weights)
    checked = dataclasses.replace(checked, table=_every_option(checked, dataset))
    loop.folder = _new(Path(out), name, checked.table)  # last, so that an error leaves no folder
    with _worth_keeping(loop.folder), _holding(loop.folder):
        return _run(loop, dataset, checked, log, watch)


def _count(
    recipe: Recipe, model: CountedModel, dataset: Dataset, out: Path, name: str, log: Log
) -> Run:
    """Run a model that is counted."""
    folder = _new(out, name, _every_option(recipe, dataset))
    with _worth_keeping(folder), _holding(folder):
        ngram_run.run(folder, dataset, model, recipe.table, log)
    return Run(folder)


def _new(out: Path, name: str, table: Mapping[str, Any]) -> Path:
    """Make the folder of a run, with its config; no other process gets the same."""

    def fill(folder: Path) -> None:
        with atomic(folder / "config.toml", "w") as file:
            file.write(config.dumps(table))

    return new_folder(out, name, fill)


@contextlib.contextmanager
def _worth_keeping(folder: Path) -> Iterator[None]:
    """Delete the folder of a run again where an error, such as of a bad dataset, ends it at once.

    One that was interrupted stays, and can be resumed.
    """
    try:
        yield
    except Exception:
        if not checkpoint.exists(folder) and not journal.read(folder):
            shutil.rmtree(folder, ignore_errors=True)
        raise


@contextlib.contextmanager
def _holding(folder: Path) -> Iterator[None]:
    """Hold the folder of a run; DataError where it was moved or deleted meanwhile.

    Then what was written into a new folder of its name is deleted.
    """
    try:
        with held(folder):
            yield
    finally:
        if gone := not (folder / "config.toml").is_file():
            for name in WRITTEN:
                (folder / name).unlink(missing_ok=True)
            for name in ("checkpoints", "logs"):
                shutil.rmtree(folder / name, ignore_errors=True)
            with contextlib.suppress(OSError):
                folder.rmdir()
    if gone:
        raise DataError(f"{folder}: was moved or deleted while it was trained; start it again")


def _every_option(recipe: Recipe, dataset: Dataset) -> dict[str, Any]:
    """Return the config with every option, so that another version trains in the same way."""
    table = {
        **recipe.table,
        "format": config.FORMAT,
        "data": portable(dataset.path),
        "encoding": recipe.encoding.spec(),
        "model": recipe.model.spec(),
    }
    if not isinstance(recipe.model, CountedModel):
        table |= {
            "augment": dataset.augmented(recipe.augment).table(),
            "training": dataclasses.asdict(recipe.training),
            "controls": [control.spec() for control in recipe.controls],
        }
    return table


def _plain(name: str) -> str:
    if not checks.names_a_file(name):
        raise BadOption(
            f"{shorten(repr(name))} cannot name a run, which is a folder of that name: leave out "
            "slashes and control characters"
        )
    return name


def resume(
    folder: str | Path,
    *,
    data: Data = None,
    minutes: float | None = None,
    log: Log = lambda _: None,
    watch: Watch = lambda _: None,
) -> Run:
    """Resume the run in `folder` from its checkpoint; `minutes` replaces its budget.

    DataError where another process trains it.
    """
    run = Run(Path(folder))
    if not (run.path / "config.toml").is_file():
        raise DataError(f"{run.path}: not a run; symgen train starts one")
    with _holding(run.path):
        return _resume(run, data, minutes, log, watch)


def _resume(run: Run, data: Data, minutes: float | None, log: Log, watch: Watch) -> Run:
    table = run.config
    if minutes is not None:
        table = config.override(table, f"training.minutes={float(minutes)}")
    checked = Recipe.of(table)
    dataset = fitting(data or table.get("data"), checked.encoding, log)
    if isinstance(checked.model, CountedModel):
        if checkpoint.exists(run.path):
            log(f"{run.path} has ended: {run.progress.done}")
            ngram_run.finish(run.best, dataset, log)
        else:
            ngram_run.run(run.path, dataset, checked.model, checked.table, log)
        return run
    if checkpoint.exists(run.path) and run.progress.done:  # damage is told before Keras is loaded
        journal.read(run.path)
    loop = make_loop(run.path, dataset, checked)
    if checkpoint.exists(run.path):
        loop.resume()
        if minutes is not None and loop.progress.done == TIME_IS_UP:
            loop.progress.done = ""
        if loop.progress.done:
            log(f"{run.path} has ended: {loop.progress.done}")
            _finish(loop, dataset, table.get("from"), log)
            return run
    elif table.get("from"):
        loop.start_from(Bundle.open(table["from"]).weights())
    return _run(loop, dataset, checked, log, watch)


def newest(out: str | Path = "runs") -> Path:
    """Return the folder of the run that was last active."""
    found = [path.parent for path in Path(out).glob("*/config.toml")]
    if not found:
        raise DataError(f"{out} holds no run to resume; symgen train starts one")
    return max(found, key=_last_active)


def _last_active(folder: Path) -> float:
    files = (folder / "config.toml", folder / "checkpoints" / checkpoint.NAME)
    return max(file.stat().st_mtime for file in files if file.exists())


def make_loop(folder: Path, dataset: Dataset, recipe: Recipe) -> Loop:
    """Return the loop that trains the model of `recipe` in `folder`."""
    assert isinstance(recipe.model, Neural)
    if recipe.training.length % recipe.model.stride:
        raise BadOption(
            f"training.length = {recipe.training.length}: expected a multiple of "
            f"{recipe.model.stride}, which the model {recipe.model.name} takes at a time"
        )
    recipe.model.parameters(recipe.sizes)  # says so if they are too many, before Keras is loaded
    return Loop(
        folder,
        dataset,
        dataset.augmented(recipe.augment),
        recipe.model,
        recipe.sizes,
        recipe.training,
        recipe.controls,
    )


def _run(loop: Loop, dataset: Dataset, recipe: Recipe, log: Log, watch: Watch) -> Run:
    """Train until the run ends, and add to its best bundle what is known then."""
    folder = loop.folder
    origin = recipe.table.get("from")
    unigram = scores.unigram(dataset.rows("train"), dataset.rows("eval"))
    log(f"{folder}: {dataset.path}, {_evaluations(loop, dataset)}; {_entropy(unigram)}")
    precision = f"precision {loop.options.precision}: {loop.reason}"
    log(f"{backend.device(loop.learner.network)}; {precision}")
    if not origin:  # else its size is that of the bundle
        log(loop.estimate())
    export = Exporter(folder, recipe, dataset, sum(unigram.values()), loop.parameters)
    try:
        done = loop.run(export, watch)
    except KeyboardInterrupt:
        log(
            f"{folder}: stopped after step {loop.progress.step}; resume it with: "
            f"symgen train --resume {folder}"
        )
        raise
    log(
        f"{folder}: ended after step {loop.progress.step}: {done}; best "
        f"{loop.progress.best:.4f} nats per event at step {loop.progress.best_step}"
    )
    if origin and (gained := overfitting.gained(journal.read(folder))):
        log(f"{folder}: {gained}")
    _finish(loop, dataset, origin, log)
    return Run(folder)


def _finish(loop: Loop, dataset: Dataset, origin: str | None, log: Log) -> None:
    """Add to the best bundle what is known at the end, and was not added before an interruption."""
    best = loop.folder / "best.symgen"
    facts = Bundle.open(best).training.to_dict()
    if not facts.get("gap"):
        overfitting.at_end(loop, best, log)
    if not facts.get("baselines"):
        baseline.at_end(best, dataset, log)
    quantize.at_end(best, dataset.rows("eval"), log)
    sampled_as(best, origin)


def _evaluations(loop: Loop, dataset: Dataset) -> str:
    watched = loop.watched
    held_out = dataset.rows("eval")
    text = f"evaluated every {loop.every} steps"
    if watched is held_out:
        return text
    return f"{text} on {kind(dataset).part(watched, held_out)}"


def _entropy(unigram: Mapping[str, float]) -> str:
    total = sum(unigram.values())
    return f"unigram entropy {total:.3f} nats per event{scores.by_field(unigram)}"
