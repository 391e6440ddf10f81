"""What a bundle tells of its training, and of the corpora it learned from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import symgen
from symgen.dataset.dataset import Dataset
from symgen.training import told
from symgen.training.checkpoint import Progress
from symgen.training.metrics import Score


def report(table: Mapping[str, Any], dataset: Dataset, score: Score, progress: Progress, unigram: float, parameters: int) -> dict[str, Any]:
    """Return the training report of a run of the config `table`; `unigram` is in nats an event, `parameters` counts its numbers."""
    train_half, held_out = dataset.half("train"), dataset.half("eval")
    return {
        "keys": told.frequent(dataset, "key"), "meters": told.frequent(dataset, "meter"),
        "config": dict(table), "dataset": portable(dataset.path), "dataset_fingerprint": dataset.info.get("fingerprint"),
        "train": {"pieces": len(train_half), "events": train_half.total}, "eval": {"pieces": len(held_out), "events": held_out.total},
        "step": progress.step, "seconds": round(progress.elapsed, 1), "score": score.table(), "scored": score.events,
        "unigram": float(f"{unigram:.7g}"),
        "parameters": parameters, "symgen": symgen.__version__,
    }


def corpora(dataset: Dataset) -> list[Mapping[str, Any]]:
    """Return the name, the licence and the origin of each corpus."""
    facts = ("name", "title", "licence", "citation", "address", "synthetic")
    return [{k: corpus[k] for k in facts if corpus.get(k)} for corpus in dataset.info.get("corpora", [])]


def portable(path: Path) -> str:
    """Return a path relative to the working folder where it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.resolve().as_posix()
