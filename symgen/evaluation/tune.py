"""Choose the temperature and top-p of a model by measurement.

For each pair of a grid, the model draws the same number of samples with the same seed. Their
distance to held-out music is 1 minus the overlap (see `distances`), averaged over the metrics. The
excerpts of held-out music are as long as the samples. The pair with the smallest distance wins.
Pairs that are hardly farther away count as equal; of those, the one closest to temperature 1 and
top-p 1 is used, so that noise changes nothing. A pair whose samples copy more of the training
split than held-out music does is used only if all pairs do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symgen import __version__
from symgen.dataset.dataset import Dataset
from symgen.dataset.passages import indexed
from symgen.errors import BadOption, DataError
from symgen.evaluation.excerpts import excerpts
from symgen.evaluation.statistics import distances
from symgen.evaluation.statistics.compare import FEWEST, Measured, measure
from symgen.notes.sequence import NoteSequence
from symgen.similarity.passages import Index

TEMPERATURES = (0.85, 0.9, 0.95, 1.0, 1.05)
TOP_P = (0.9, 0.95, 0.98, 1.0)
SAMPLES, SECONDS = 32, 30.0
EXCERPTS = 128  # at most
CLOSE = 0.01  # of distance; with SAMPLES samples, less is noise
ORDINARY = 16  # notes that music may share with the training split

Progress = Callable[[int, int, str], None]
Row = dict[str, Any]


def tune(
    model: Any,
    dataset: Dataset,
    *,
    temperatures: Sequence[float] = TEMPERATURES,
    top_p: Sequence[float] = TOP_P,
    samples: int = SAMPLES,
    seconds: float = SECONDS,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return {"temperature", "top_p", "chosen_by"} for `model` (from `symgen.load`).

    `chosen_by` says how it was measured; its `grid` has a row for each pair, with `distance` and
    `longest_copy` in notes. BadOption for too few samples; DataError for too little held-out
    music.
    """
    if samples < FEWEST:
        raise BadOption(f"samples {samples}: too few to compare; use {FEWEST} or more")
    if not temperatures or not top_p:
        raise BadOption("the grid is empty; give a temperature and a top-p")
    real = [music for _, music in excerpts(dataset.split("eval"), EXCERPTS, seconds, seed)]
    if len(real) < FEWEST:
        raise DataError(
            f"{dataset.path}: {len(real)} held-out excerpts of {seconds:g} s are too few to "
            f"compare, {FEWEST} are needed; use fewer --seconds"
        )
    reference = measure(real)
    index = indexed(dataset, progress=progress)[0]
    ordinary = max(ORDINARY, _longest(index, real))
    grid = list[Row]()
    pairs = [(t, p) for t in temperatures for p in top_p]
    for done, (temperature, share) in enumerate(pairs):
        if progress:
            progress(done, len(pairs), f"temperature {temperature:g}, top-p {share:g}")
        music = model.sample(
            samples, seconds, temperature=temperature, top_p=share, seed=seed, ending=False
        )
        grid.append(
            {
                "temperature": temperature,
                "top_p": share,
                "distance": round(distance(measure(music), reference), 4),
                "longest_copy": _longest(index, music),
            }
        )
    best = choose(grid, ordinary)
    facts = {
        "distance": best["distance"],
        "longest_copy": best["longest_copy"],
        "held_out_copy": ordinary,
        "samples": samples,
        "seconds": seconds,
        "seed": seed,
        "excerpts": len(real),
        "dataset_fingerprint": dataset.info.get("fingerprint"),
        "symgen": __version__,
        "grid": grid,
    }
    return {"temperature": best["temperature"], "top_p": best["top_p"], "chosen_by": facts}


def distance(music: Measured, reference: Measured) -> float:
    """Return the distance of two sets, from 0 (identical) to 1: the mean over the metrics."""
    found = []
    for name, values in music.values.items():
        sets = [v.reshape(len(v), -1) for v in (values, reference.values[name])]
        a, b = (v[~np.isnan(v).any(axis=1)] for v in sets)
        area, _ = distances.overlap(a, b)
        found.append(1.0 if not len(a) and len(b) else 1 - area)
    known = [value for value in found if not np.isnan(value)]
    return float(np.mean(known)) if known else 1.0


def choose(grid: Sequence[Row], ordinary: int) -> Row:
    """Return the row that wins (see the module). `ordinary` notes may be copied."""
    fair = [row for row in grid if row["longest_copy"] <= ordinary] or list(grid)
    least = min(row["distance"] for row in fair)
    near = [row for row in fair if row["distance"] <= least + CLOSE]

    def plainness(row: Row) -> tuple[float, float]:
        return abs(row["temperature"] - 1) + 1 - row["top_p"], row["distance"]

    return min(near, key=plainness)


def _longest(index: Index, music: Sequence[NoteSequence]) -> int:
    """Return the notes of the longest passage that any piece shares with the training split."""
    return max((copy.notes for piece in music if (copy := index.longest(piece))), default=0)
