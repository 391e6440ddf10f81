"""Sampling: a bundle becomes music. `load` opens one; a model samples files and plays streams.

`steers` is the registry of the targets that any model can be steered to. Nothing here imports a
training framework.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from symgen.sampling.processors import steers

if TYPE_CHECKING:
    from symgen.sampling.model import PlayableModel

RUNS = "runs"

__all__ = ["load", "newest", "steers"]


def load(
    path: str | os.PathLike[str] | None = None,
    *,
    precision: str | None = None,
    threads: int | None = None,
) -> PlayableModel:
    """Open the bundle at `path`: a file, a run's folder, or a model that ships ("piano", "folk").

    None takes the newest under ./runs, or `piano` where there is none. `precision` is "float32" or
    "int8"; None takes what the bundle says. `threads` play a step, 0 for one on every core; None
    takes two. DataError where the bundle cannot be used, BadOption where it lacks the precision.
    """
    from symgen.sampling.model import PlayableModel

    model: PlayableModel = PlayableModel.open(newest() if path is None else path)
    if threads is not None:
        model = dataclasses.replace(model, threads=threads)
    return model if precision is None else model.played_in(precision)


def newest(runs: str | os.PathLike[str] = RUNS) -> Path:
    """Return the best bundle of the run that wrote one last, or `piano` without runs."""
    from symgen.sampling.which import which

    return which(runs=runs).path
