"""Evaluate a bundle: its likelihood on held-out music, and its samples compared with real music.

Real music is held-out pieces, in excerpts as long as the samples. Each part has a name, and is a
part of the document under that name.
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
from symgen.evaluation import facts, leakage
from symgen.evaluation.document import Evaluation
from symgen.evaluation.excerpts import Excerpt, excerpts, typical
from symgen.notes.sequence import NoteSequence
from symgen.types import Progress

VERSION = 1
PARTS = ("likelihood", "statistics", "originality")
SAMPLES, MAX_SAMPLES = 16, 10_000
EXCERPTS_PER_SAMPLE, MIN_EXCERPTS, MAX_EXCERPTS = 4, 32, 200
REFERENCE = "real-excerpt"  # the name of the excerpt that is kept to listen to


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
    """Evaluate `model` (from `symgen.load`) on `data`, by default the dataset it was trained on.

    `samples` is the number of samples to draw with `seed`, or the music itself. A sample lasts
    `seconds`, or as long as the model makes it. `parts` are some of PARTS; without samples only
    likelihood remains. `command` is kept in the recipe. BadOption for an invalid value; DataError
    if the dataset does not fit, or if the model was trained on its held-out pieces.
    """
    _check(model, samples, parts)
    report: Progress = progress or (lambda done, total, what: None)
    dataset = data if isinstance(data, Dataset) else dataset_of(model, data, newest=True)
    warnings = leakage.check(model, dataset)
    document: dict[str, Any] = {
        "kind": "evaluation",
        "version": VERSION,
        "symgen": __version__,
        "model": facts.of_model(model),
        "data": facts.of_data(dataset, warnings),
    }
    if "likelihood" in parts:
        from symgen.evaluation.likelihood.likelihood import compared

        document["likelihood"] = compared(model, dataset, progress=report)
    drawn = _drawn(model, samples, seconds, seed, report)
    music = {row["name"]: sequence for row, sequence in drawn}
    reference: Excerpt | None = None
    if music:
        real = _real(dataset, music, seed)
        reference = typical(real)
        document["samples"] = [row for row, _ in drawn]
        document |= _compared(dataset, music, real, parts, seed, report)
    if reference:
        document["reference"] = _row(REFERENCE, reference[1]) | {"title": reference[0]}
    options = {"samples": len(music), "seconds": seconds, "seed": seed, "parts": ", ".join(parts)}
    document["recipe"] = facts.recipe(model, options) | ({"command": command} if command else {})
    return Evaluation(plain(document), music, reference and reference[1])


def _check(model: Bundle, samples: int | Sequence[NoteSequence], parts: Sequence[str]) -> None:
    if not isinstance(model, Bundle):
        raise BadOption(
            f"evaluate takes a bundle, not {type(model).__name__}; open it with symgen.load(path)"
        )
    if unknown := [p for p in parts if p not in PARTS]:
        raise BadOption(f"an evaluation has no part {unknown[0]!r}; it has {', '.join(PARTS)}")
    if isinstance(samples, int) and not 0 <= samples <= MAX_SAMPLES:
        raise BadOption(f"samples {samples}: expected 0 to {MAX_SAMPLES:,}")


def _drawn(
    model: Any,
    samples: int | Sequence[NoteSequence],
    seconds: float | None,
    seed: int,
    progress: Progress,
) -> list[tuple[dict[str, Any], NoteSequence]]:
    """Return the samples, each with its row; drawn samples have their nats under the model."""
    if not isinstance(samples, int):
        return [(_row(_name(i), sequence), sequence) for i, sequence in enumerate(samples)]
    if not samples:
        return []
    if not hasattr(model, "scored"):
        raise BadOption(
            f"{model.path} cannot be sampled, because it was opened with Bundle.open; open it with "
            "symgen.load(path), or use 0 samples"
        )
    made = model.scored(samples, seconds, seed=seed, progress=progress)
    return [
        (_row(_name(i), sequence) | {"seed": seed, "index": i, "nats_per_event": nats}, sequence)
        for i, (sequence, nats) in enumerate(made)
    ]


def _name(i: int) -> str:
    return f"sample-{i + 1:02d}"


def _row(name: str, sequence: NoteSequence) -> dict[str, Any]:
    seconds = round(sequence.total_time, 3)
    return {"name": name, "seconds": seconds, "notes": len(sequence)}


def _real(dataset: Dataset, music: Mapping[str, NoteSequence], seed: int) -> list[Excerpt]:
    """Return held-out excerpts as long as the median sample."""
    seconds = float(np.median([sequence.total_time for sequence in music.values()]))
    count = min(max(EXCERPTS_PER_SAMPLE * len(music), MIN_EXCERPTS), MAX_EXCERPTS)
    return excerpts(dataset.split("eval"), count, seconds, seed)


def _compared(
    dataset: Dataset,
    music: Mapping[str, NoteSequence],
    real: Sequence[Excerpt],
    parts: Sequence[str],
    seed: int,
    progress: Progress,
) -> dict[str, Any]:
    """Return the parts of the document that compare the samples with real music."""
    out: dict[str, Any] = {}
    if "statistics" in parts and real:
        from symgen.evaluation.statistics.compare import compare

        out["statistics"] = compare(
            music.values(),
            (piece for _, piece in real),
            titles=("samples", "held-out excerpts"),
            seed=seed,
            progress=progress,
        )
    if "originality" in parts:
        from symgen.evaluation.originality import originality

        out["originality"] = originality(list(music.items()), dataset, real, progress=progress)
    return out


def plain(value: Any) -> Any:
    """Return JSON types: NumPy's numbers and arrays become Python's, NaN and infinity None."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    return None if isinstance(value, float) and not np.isfinite(value) else value
