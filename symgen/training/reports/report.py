"""What a bundle records about its training, and about the corpora it learned from."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import symgen
from symgen.bundle.bundle import Bundle
from symgen.bundle.write import with_sampling
from symgen.dataset.dataset import Dataset
from symgen.errors import DataError
from symgen.process import cores
from symgen.training.loop.checkpoint import Progress
from symgen.training.loop.scores import Score
from symgen.training.reports import control_statistics


def report(
    table: Mapping[str, Any],
    dataset: Dataset,
    score: Score,
    progress: Progress,
    unigram: float,
    parameters: int,
) -> dict[str, Any]:
    """Return the training report of a run of the config `table`.

    `unigram` is in nats per event; `parameters` is the number of weights or grams.
    """
    train_half = dataset.rows("train")
    held_out = dataset.rows("eval")
    return {
        "keys": control_statistics.frequent(dataset, "key"),
        "meters": control_statistics.frequent(dataset, "meter"),
        "config": dict(table),
        "dataset": portable(dataset.path),
        "dataset_fingerprint": dataset.info.get("fingerprint"),
        "train": {"pieces": len(train_half), "events": train_half.total},
        "eval": {"pieces": len(held_out), "events": held_out.total},
        "step": progress.step,
        "seconds": round(progress.elapsed, 1),
        "score": score.table(),
        "scored": score.events,
        "unigram": float(f"{unigram:.7g}"),
        "parameters": parameters,
        "symgen": symgen.__version__,
        "machine": machine(),
    }


def corpora(dataset: Dataset) -> list[Mapping[str, Any]]:
    """Return the name, the licence and the origin of each corpus."""
    facts = ("name", "title", "licence", "citation", "address", "synthetic")
    return [
        {k: corpus[k] for k in facts if corpus.get(k)} for corpus in dataset.info.get("corpora", [])
    ]


def corpora_of_run(dataset: Dataset, start: str | None, folder: Path) -> list[Mapping[str, Any]]:
    """Return the corpora of a run, with those of the bundle `start` that it began from.

    If the run in `folder` is resumed when that bundle is gone, its own bundle records them.
    """
    own = corpora(dataset)
    if not start:
        return own
    for path in (start, folder / "best.symgen"):
        with contextlib.suppress(DataError):
            before: Bundle = Bundle.open(path)
            known = [{"from": start, **c} for c in before.record.corpora]
            ours = [{**c, "from": None} for c in own]
            return own + [c for c in known if {**c, "from": None} not in ours]
    return own


def sampled_as(path: Path, start: str | None) -> None:
    """Give the bundle at `path` the sampling parameters of `start`, which it began from."""
    with contextlib.suppress(DataError):
        made = Bundle.open(path)
        before = Bundle.open(start or path)
        if start and before.record.sampling and not made.record.sampling:
            with_sampling(made, path, before.record.sampling)


def machine() -> str:
    """Return the name of the processor, and how many of its cores may be used."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8", errors="replace").split("\n") if info.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    count = cores()
    return f"{models[0] if models else platform.machine()}, {count} core{'s' * (count > 1)}"


def portable(path: Path) -> str:
    """Return a path, relative to the working folder where it is inside it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.resolve().as_posix()
