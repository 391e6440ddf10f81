"""Compare models on the same held-out music, in nats per note and per second.

Their encodings may differ. Each model is scored on its own dataset, because the events differ. All
datasets must hold out the same pieces; the notes and seconds are those of the first, so that all
models are divided by the same numbers. Intervals are over pieces, as in `likelihood`, and
differences are paired.
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
from symgen.evaluation import leakage
from symgen.evaluation.likelihood.likelihood import Pieces
from symgen.evaluation.statistics.table import wrap
from symgen.runtime.passages import Scores
from symgen.types import Floats, Progress

VERSION = 1
FAR = 0.001  # the share of the notes by which encodings of the same music may differ


def side_by_side(
    models: Sequence[Bundle],
    datasets: Sequence[Dataset],
    *,
    threads: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the nats per note and per second of each model, and how many more than the first.

    `datasets` has one for each model. DataError if they do not hold out the same pieces.
    """
    if len(models) < 2 or len(models) != len(datasets):
        raise BadOption(
            f"{len(models)} models and {len(datasets)} datasets: expected at least two models, "
            "each with its dataset"
        )
    splits = [dataset.split("eval") for dataset in datasets]
    pieces = Pieces(splits[0])
    warnings = []
    sums, rows = list[Floats](), list[dict[str, Any]]()
    for model, dataset, split in zip(models, datasets, splits, strict=True):
        order = same_pieces(datasets[0], dataset)
        warnings += leakage.check(model, dataset) + _differ(pieces, split, order, dataset)
        each = _scored(model, split, threads, progress).nats.sum(axis=1, dtype=np.float64)
        nats = Pieces(split).sums(each)[order]
        sums.append(nats)
        row = {
            "name": model.name,
            "bundle": model.path.as_posix(),
            "encoding": model.encoding.name,
            "events": split.total,
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
        "pieces": len(splits[0]),
        "notes": int(pieces.notes.sum()),
        "seconds": float(pieces.seconds.sum()),
        "models": rows,
        "warnings": warnings,
    }


def same_pieces(first: Dataset, other: Dataset) -> npt.NDArray[np.intp]:
    """Return the places in `other` of the held-out pieces of `first`.

    DataError if the pieces differ.
    """
    ours = first.split("eval").ids
    theirs = other.split("eval").ids
    if odd := sorted(set(ours) ^ set(theirs)):
        raise DataError(
            f"{first.path} and {other.path} do not hold out the same pieces: {odd[0]} "
            f"is held out in only one of them ({len(odd)} such pieces); convert the same music "
            "with the same options"
        )
    places = {name: i for i, name in enumerate(theirs)}
    return np.array([places[name] for name in ours], np.intp)


def _differ(
    pieces: Pieces, split: Split, order: npt.NDArray[np.intp], dataset: Dataset
) -> list[str]:
    """Return a warning if `split` clearly has other numbers of notes or seconds than `pieces`."""
    other = Pieces(split)
    out = []
    for what in ("notes", "seconds"):
        ours = getattr(pieces, what)
        theirs = getattr(other, what)[order]
        if abs(ours - theirs).sum() > FAR * ours.sum():
            out.append(
                f"{dataset.path} has {theirs.sum():,.0f} {what} of this music, "
                f"the first dataset {ours.sum():,.0f}"
            )
    return out


def _scored(model: Bundle, split: Split, threads: int, progress: Progress | None) -> Scores:
    """Return the score of each value of `split` under `model`."""
    from symgen.evaluation.likelihood.network import network

    return network(model, split, threads, progress)


def text(document: Mapping[str, Any]) -> str:
    """Return the verdict and the comparison as text of at most 100 columns."""
    minutes = f"{document['seconds'] / 60:,.0f} minutes"
    lines = [
        *wrap(verdict(document)),
        *(part for line in document["warnings"] for part in wrap(f"warning: {line}")),
        "",
        f"{document['pieces']:,} held-out pieces, {document['notes']:,} notes, {minutes}",
        f"{'model':<18}{'encoding':<14}{'nats per note (95 %)':<23}{'per second (95 %)':<24}"
        "more than the first",
        *(_line(row) for row in document["models"]),
    ]
    return "\n".join(lines)


def verdict(document: Mapping[str, Any]) -> str:
    """Say which model is best, and by how much."""
    first, *others = document["models"]
    rival = min(others, key=lambda row: row["nats_per_note"][0])
    more, low, high = rival["more_per_note"]
    best, other = first, rival
    if more < 0:
        best, other = rival, first
        more, low, high = -more, -high, -low
    chance = " The difference may be chance." if low <= 0 else ""
    return (
        f"{best['name']} is best: it takes {best['nats_per_note'][0]:.3f} nats per note, "
        f"{more:.3f} fewer than {other['name']} (95 %: {low:.3f} to {high:.3f}).{chance}"
    )


def _line(row: Mapping[str, Any]) -> str:
    note, second, more = (
        _interval(row.get(key)) for key in ("nats_per_note", "nats_per_second", "more_per_note")
    )
    return f"{row['name'][:17]:<18}{row['encoding']:<14}{note:<23}{second:<24}{more}".rstrip()


def _interval(value: Sequence[float] | None) -> str:
    return "-" if not value else f"{value[0]:.3f} [{value[1]:.2f}, {value[2]:.2f}]"
