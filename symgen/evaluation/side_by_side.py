"""Two or more models of the same held-out music, whatever their encodings: nats per note and per second.

Each model is scored on its own dataset, since their events differ. All datasets must hold out the
same pieces; the notes and the seconds are those of the first, so that every model is divided by
the same. Intervals are over pieces, as in `likelihood`, and differences are of pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import Bundle
from symgen.dataset.dataset import Dataset
from symgen.dataset.pieces import Split
from symgen.errors import BadOption, DataError
from symgen.evaluation import leakage as trained
from symgen.evaluation.likelihood.likelihood import Pieces, Progress, Scored

VERSION = 1
FAR = 0.001  # of the notes, that encodings of the same music may differ by

Floats = npt.NDArray[np.float64]


def side_by_side(
    models: Sequence[Bundle],
    datasets: Sequence[Dataset],
    *,
    threads: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return for each model its nats per note and per second, and what it takes more than the first.

    `datasets` has one for each model. DataError where they do not hold out the same pieces.
    """
    if len(models) < 2 or len(models) != len(datasets):
        raise BadOption(
            f"{len(models)} models and {len(datasets)} datasets: expected two models or "
            "more, each with its dataset"
        )
    halves = [dataset.half("eval") for dataset in datasets]
    pieces, warnings = Pieces(halves[0]), []
    sums, rows = list[Floats](), list[dict[str, Any]]()
    for model, dataset, half in zip(models, datasets, halves, strict=True):
        order = same_pieces(datasets[0], dataset)
        warnings += trained.check(model, dataset) + _differ(pieces, half, order, dataset)
        each = _scored(model, half, threads, progress).nats.sum(axis=1, dtype=np.float64)
        nats = Pieces(half).sums(each)[order]
        sums.append(nats)
        row = {
            "name": model.name,
            "bundle": model.path.as_posix(),
            "encoding": model.encoding.name,
            "events": half.total,
            "nats_per_note": pieces.ratio(nats, pieces.notes),
            "nats_per_second": pieces.ratio(nats, pieces.seconds),
        }
        if len(sums) > 1:
            row["more_per_note"] = pieces.ratio(nats - sums[0], pieces.notes)
            row["more_per_second"] = pieces.ratio(nats - sums[0], pieces.seconds)
        rows.append(row)
    return {
        "kind": "side by side",
        "version": VERSION,
        "pieces": len(halves[0]),
        "notes": int(pieces.notes.sum()),
        "seconds": float(pieces.seconds.sum()),
        "models": rows,
        "warnings": warnings,
    }


def same_pieces(first: Dataset, other: Dataset) -> npt.NDArray[np.intp]:
    """Return where each held-out piece of `first` is in `other`; DataError for other pieces."""
    ours, theirs = first.half("eval").ids, other.half("eval").ids
    if odd := sorted(set(ours) ^ set(theirs)):
        raise DataError(
            f"{first.path} and {other.path} do not hold out the same pieces: {odd[0]} "
            f"is held out in one of them only ({len(odd)} such); convert the same music "
            "with the same options"
        )
    places = {name: i for i, name in enumerate(theirs)}
    return np.array([places[name] for name in ours], np.intp)


def _differ(
    pieces: Pieces, half: Split, order: npt.NDArray[np.intp], dataset: Dataset
) -> list[str]:
    """Return a warning where `half` holds clearly other notes or seconds than the first."""
    other, out = Pieces(half), []
    for what in ("notes", "seconds"):
        ours, theirs = getattr(pieces, what), getattr(other, what)[order]
        if abs(ours - theirs).sum() > FAR * ours.sum():
            out.append(
                f"{dataset.path} holds {theirs.sum():,.0f} {what} of this music, "
                f"the first dataset {ours.sum():,.0f}"
            )
    return out


def _scored(model: Bundle, half: Split, threads: int, progress: Progress | None) -> Scored:
    """Return what `model` gives to each value of `half`."""
    if model.player == "table":
        from symgen.evaluation.likelihood.baselines import ngram

        return ngram(model, half)
    from symgen.evaluation.likelihood.network import network

    return network(model, half, threads, progress)


def text(document: Mapping[str, Any]) -> str:
    """Return the comparison as lines for a terminal."""
    minutes = f"{document['seconds'] / 60:,.0f} minutes"
    lines = [
        f"{document['pieces']:,} held-out pieces, {document['notes']:,} notes, {minutes}",
        f"{'model':<22}{'encoding':<14}{'nats per note (95 %)':<26}{'per second (95 %)':<28}"
        "more per note than the first",
    ]
    for row in document["models"]:
        cells = [
            _interval(row.get(key)) for key in ("nats_per_note", "nats_per_second", "more_per_note")
        ]
        line = f"{row['name'][:20]:<22}{row['encoding']:<14}{cells[0]:<26}{cells[1]:<28}{cells[2]}"
        lines.append(line.rstrip())
    return "\n".join([*lines, *(f"warning: {line}" for line in document["warnings"])])


def _interval(value: Sequence[float] | None) -> str:
    return "-" if not value else f"{value[0]:.3f} [{value[1]:.3f}, {value[2]:.3f}]"
