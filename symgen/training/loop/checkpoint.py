"""Checkpoints: everything that the next step depends on, in one .npz that is replaced by a rename.

It holds the weights, carried states and random counters of the trainable model, the variables of
the optimizer, and the progress (step, sums of the loss, best score, patience) as JSON. Nothing is
pickled, and the file does not depend on the backend.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from symgen import config, regular
from symgen.bounded import json_text
from symgen.bounded.arrays import Headers, load
from symgen.errors import BadOption, DataError, shorten
from symgen.files import atomic

NAME = "last.npz"
PROGRESS = "progress"
MOST = 1 << 34  # bytes of all arrays; those of the model limit them further
MOST_PROGRESS = 1 << 16


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
    found = _open(folder, lambda headers: _only(headers, PROGRESS), names=(PROGRESS,))
    try:
        table = json_text.parse(bytes(found[PROGRESS]), MOST_PROGRESS)
        made: Progress = config.into(Progress, table, PROGRESS)
        return made
    except (BadOption, AttributeError, TypeError, ValueError) as error:
        raise _unreadable(folder / "checkpoints" / NAME, error) from None


def _only(headers: Headers, name: str) -> None:
    """Raise ValueError unless the array `name` is there, as a short text."""
    if name not in headers or headers[name].bytes > MOST_PROGRESS:
        raise ValueError(f"it has no {name}")


def restore(folder: Path, learner: Any) -> None:
    """Put the variables of a checkpoint into `learner`; DataError where they do not fit it."""
    wanted = {
        f"{kind}.{i}": variable
        for kind, variables in _variables(learner).items()
        for i, variable in enumerate(variables)
    }

    def check(headers: Headers) -> None:
        for name, variable in wanted.items():
            if name not in headers or headers[name].shape != tuple(variable.shape):
                raise Unfit

    try:
        arrays = _open(folder, check, names=tuple(wanted))
    except Unfit:
        raise DataError(
            f"{folder}: its checkpoint is not of the model in its config.toml; restore that file, "
            "or start the run again"
        ) from None
    for name, variable in wanted.items():
        if not np.isfinite(arrays[name]).all():
            raise DataError(f"{folder}: its checkpoint holds NaN or infinity; start the run again")
        variable.assign(arrays[name])


def exists(folder: Path) -> bool:
    """Return whether the run in `folder` has a checkpoint."""
    return (folder / "checkpoints" / NAME).is_file()


def _variables(learner: Any) -> dict[str, list[Any]]:
    tracked = {id(v) for m in learner.metrics for v in m.variables}
    return {
        "learner": [v for v in learner.variables if id(v) not in tracked],
        "optimizer": list(learner.optimizer.variables),
    }


def _open(folder: Path, check: Callable[[Headers], None], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the arrays `names` of a checkpoint, after `check` has seen the headers of all."""
    path = folder / "checkpoints" / NAME
    try:
        with regular.opened(path) as file:
            return load(file, MOST, check, names)
    except FileNotFoundError:
        raise DataError(
            f"{folder}: has no checkpoint to resume from; start it again with symgen train"
        ) from None
    except Unfit:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(f"{path}: cannot be read ({shorten(error, 200)}); start the run again")


class Unfit(Exception):
    """A checkpoint of another model."""
