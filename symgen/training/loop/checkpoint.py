"""Checkpoints: everything that the next step depends on, in one .npz that is replaced by a rename.

It holds the weights, carried states and random counters of the trainable model, the variables of
the optimizer, and the progress (step, sums of the loss, best score, patience) as JSON. Nothing is
pickled, and the file does not depend on the backend.
"""

from __future__ import annotations

import dataclasses
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from symgen.errors import DataError, printable
from symgen.files import atomic

NAME = "last.npz"


@dataclasses.dataclass
class Progress:
    """How far a run has come."""

    step: int = 0  # batches trained on
    loss_sum: float = 0.0  # since the last evaluation
    loss_count: int = 0
    best: float | None = None  # nats per event on the held-out pieces
    best_step: int = 0
    stale: int = 0  # evaluations since the best
    drops: int = 0  # times that the learning rate was lowered on a plateau
    elapsed: float = 0.0  # seconds of training and evaluation
    journal_bytes: int = 0  # of the journal; lines after them are of steps that will run again
    done: str = ""  # why the run ended, once it has


def save(folder: Path, progress: Progress, learner: Any) -> None:
    """Write the checkpoint of a run folder."""
    import keras

    arrays: dict[str, Any] = {
        f"{kind}.{i}": keras.ops.convert_to_numpy(v.value)
        for kind, variables in _variables(learner).items()
        for i, v in enumerate(variables)
    }
    save_progress(folder, progress, arrays)


def save_progress(folder: Path, progress: Progress, arrays: dict[str, Any] | None = None) -> None:
    """Write how far the run in `folder` has come, and the arrays that it continues from."""
    table = json.dumps(dataclasses.asdict(progress)).encode()
    with atomic(folder / "checkpoints" / NAME) as file:
        np.savez(file, progress=np.frombuffer(table, np.uint8), **(arrays or {}))


def load_progress(folder: Path) -> Progress:
    """Return how far the run in `folder` has come; DataError without a readable checkpoint."""
    return Progress(**json.loads(bytes(_open(folder)["progress"])))


def restore(folder: Path, learner: Any) -> None:
    """Put the variables of a checkpoint into `learner`; DataError where they do not fit it."""
    arrays = _open(folder)
    try:
        for kind, variables in _variables(learner).items():
            for i, variable in enumerate(variables):
                variable.assign(arrays[f"{kind}.{i}"])
    except (KeyError, ValueError):
        raise DataError(
            f"{folder}: its checkpoint is not of the model in its config.toml; restore that file, "
            "or start the run again"
        ) from None


def exists(folder: Path) -> bool:
    """Return whether the run in `folder` has a checkpoint."""
    return (folder / "checkpoints" / NAME).is_file()


def _variables(learner: Any) -> dict[str, list[Any]]:
    tracked = {id(v) for m in learner.metrics for v in m.variables}
    return {
        "learner": [v for v in learner.variables if id(v) not in tracked],
        "optimizer": list(learner.optimizer.variables),
    }


def _open(folder: Path) -> dict[str, Any]:
    path = folder / "checkpoints" / NAME
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        raise DataError(
            f"{folder}: has no checkpoint to resume from; start it again with symgen train"
        ) from None
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path}: cannot be read ({printable(error)}); start the run again"
        ) from None
