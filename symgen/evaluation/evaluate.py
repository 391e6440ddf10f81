"""Evaluating a bundle: likelihood on the half it has not heard, and its samples beside real music and beside what it was trained on.

Real music is what was held out, in excerpts as long as the samples. Each part is asked for by its name and stands in the
document under it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen import __version__
from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.dataset.of import dataset_of
from symgen.errors import BadOption
from symgen.evaluation import facts as about
from symgen.evaluation import leakage as trained
from symgen.evaluation.document import Evaluation, Progress
from symgen.evaluation.excerpts import excerpts
from symgen.notes.sequence import NoteSequence

VERSION = 1
PARTS = ("likelihood", "statistics", "originality")
SAMPLES, MOST_SAMPLES = 16, 10_000
REAL = (
    32,
    200,
)  # excerpts of real music: at least, and at most; between them four times the samples


def evaluate(
    model: Bundle,
    data: Dataset | str | os.PathLike[str] | None = None,
    *,
    samples: int | Sequence[NoteSequence] = SAMPLES,
    seconds: float | None = None,
    seed: int = 0,
    parts: Sequence[str] = PARTS,
    command: str = "",
    progress: Progress | None = None,
) -> Evaluation:
    """Return what `model` (of `symgen.load`) is worth on `data`, by default the dataset that it was trained on.

    `samples` is how many are drawn, of `seconds` each (as long as the model makes them where nothing is said) from `seed`, or the
    music itself. `parts` are some of PARTS; without samples there is likelihood alone. `command` is told in the recipe. BadOption
    for a value that cannot be, DataError where the dataset does not fit or the model was trained on what it holds out.
    """
    _check(model, samples, parts)
    said: Progress = progress or (lambda done, total, what: None)
    dataset = data if isinstance(data, Dataset) else dataset_of(model, data, newest=True)
    warnings = trained.check(model, dataset)
    document: dict[str, Any] = {
        "kind": "evaluation",
        "version": VERSION,
        "symgen": __version__,
        "model": about.of_model(model),
        "data": about.of_data(dataset, warnings),
    }
    if "likelihood" in parts:
        from symgen.evaluation.likelihood.likelihood import compared

        document["likelihood"] = compared(model, dataset, progress=said)
    drawn = _drawn(model, samples, seconds, seed, said)
    music = {row["name"]: sequence for row, sequence in drawn}
    if music:
        document["samples"] = [row for row, _ in drawn]
        document |= _beside(dataset, music, parts, seed, said)
    options = {"samples": len(music), "seconds": seconds, "seed": seed, "parts": ", ".join(parts)}
    document["recipe"] = about.recipe(model, options) | ({"command": command} if command else {})
    return Evaluation(plain(document), music)


def _check(model: Bundle, samples: int | Sequence[NoteSequence], parts: Sequence[str]) -> None:
    if not isinstance(model, Bundle):
        raise BadOption(
            f"evaluate takes a bundle and not {type(model).__name__}: open it with symgen.load(path)"
        )
    if unknown := [p for p in parts if p not in PARTS]:
        raise BadOption(f"an evaluation has no part {unknown[0]!r}; it has {', '.join(PARTS)}")
    if isinstance(samples, int) and not 0 <= samples <= MOST_SAMPLES:
        raise BadOption(f"samples {samples}: expected 0 to {MOST_SAMPLES:,}")


def _drawn(
    model: Any,
    samples: int | Sequence[NoteSequence],
    seconds: float | None,
    seed: int,
    said: Progress,
) -> list[tuple[dict[str, Any], NoteSequence]]:
    """Return the samples, each with its line of the document; of those drawn here with their nats per event under the model."""
    if not isinstance(samples, int):
        return [(_line(i, sequence), sequence) for i, sequence in enumerate(samples)]
    if not samples:
        return []
    if not hasattr(model, "scored"):
        raise BadOption(
            f"{model.path} is open for reading alone; open it with symgen.load(path), or ask for 0 samples"
        )
    made = model.scored(samples, seconds, seed=seed, progress=said)
    return [
        (_line(i, sequence) | {"seed": seed, "index": i, "nats_per_event": nats}, sequence)
        for i, (sequence, nats) in enumerate(made)
    ]


def _line(i: int, sequence: NoteSequence) -> dict[str, Any]:
    return {
        "name": f"sample-{i + 1:02d}",
        "seconds": round(sequence.total_time, 3),
        "notes": len(sequence),
    }


def _beside(
    dataset: Dataset,
    music: Mapping[str, NoteSequence],
    parts: Sequence[str],
    seed: int,
    said: Progress,
) -> dict[str, Any]:
    """Return the parts of the document that set the samples beside real music."""
    lasts = float(np.median([sequence.total_time for sequence in music.values()]))
    real = excerpts(dataset.half("eval"), min(max(4 * len(music), REAL[0]), REAL[1]), lasts, seed)
    out: dict[str, Any] = {}
    if "statistics" in parts and real:
        from symgen.evaluation.statistics.compare import compare

        out["statistics"] = compare(
            music.values(),
            (piece for _, piece in real),
            titles=("samples", "held-out excerpts"),
            seed=seed,
            progress=said,
        )
    if "originality" in parts:
        from symgen.evaluation.originality import originality

        out["originality"] = originality(list(music.items()), dataset, real, progress=said)
    return out


def plain(value: Any) -> Any:
    """Return plain JSON types: NumPy's numbers and arrays as Python's, what is not finite as None."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    return None if isinstance(value, float) and not np.isfinite(value) else value
