"""Survey a corpus before training: values of each piece, unusual pieces, near-duplicates."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from symgen import __version__
from symgen.corpus import check
from symgen.corpus.corpus import Corpus
from symgen.corpus.piece import Piece
from symgen.evaluation.statistics.metrics import make_metrics, measure_all
from symgen.notes import pedal
from symgen.notes.theory import keys
from symgen.similarity import duplicates
from symgen.types import Progress

VERSION = 1
# The modified z-score from which a piece is an outlier (Iglewicz and Hoaglin, How to detect and
# handle outliers, 1993).
FAR = 3.5
MAD = 0.6745  # the median absolute deviation of a normal distribution, in standard deviations
FEWEST = 8  # pieces; among fewer there are no outliers
MEASURED = ("note_density", "polyphony", "velocity_mean", "velocity_deviation", "pitch_range")
RATIOS = ("seconds", "note_density", "tempo", "centre")  # values whose logarithms are compared


def survey(corpus: Corpus, progress: Progress | None = None) -> dict[str, Any]:
    """Read the whole corpus; return its document, of JSON types.

    {"kind": "corpus", "version", "symgen", "corpus": facts, "stats": from `corpus.check.stats`,
    "pieces": [{"id", "seconds", "notes", "key", "tempo", ...}],
    "velocities", "pitches": counts `[128]`,
    "outliers": [{"id", "what", "value", "median", "score"}], "duplicates": [[ids], ...],
    "skipped": [{"name", "reason"}]}. A value that is undefined for a piece is None.
    """
    metrics = make_metrics(MEASURED)
    rows, sketches = list[dict[str, Any]](), list[Any]()
    velocities = np.zeros(128, np.int64)
    pitches = np.zeros(128, np.int64)

    def each(piece: Piece) -> None:
        nonlocal velocities, pitches
        rows.append(_row(piece, metrics))
        sketches.append(duplicates.sketch(piece.sequence))
        velocities = velocities + np.bincount(piece.sequence.notes["velocity"], minlength=128)
        pitches = pitches + np.bincount(piece.sequence.notes["pitch"], minlength=128)

    counted = check.stats(corpus, progress, each)
    return {
        "kind": "corpus",
        "version": VERSION,
        "symgen": __version__,
        "corpus": corpus.facts,
        "stats": dataclasses.asdict(counted),
        "pieces": rows,
        "velocities": velocities.tolist(),
        "pitches": pitches.tolist(),
        "outliers": outliers(rows),
        "duplicates": _alike(rows, duplicates.joined(sketches).tolist()),
        "skipped": [{"name": n, "reason": r} for n, r in corpus.skipped],
    }


def _row(piece: Piece, metrics: Any) -> dict[str, Any]:
    sequence = piece.sequence
    found = measure_all(pedal.sustain(sequence), metrics)
    tempo = float(sequence.tempos["qpm"][0]) if len(sequence.tempos) else None
    key = keys.key_of(sequence).name if not sequence.notes["is_drum"].all() else None
    return {
        "id": piece.id,
        "seconds": round(sequence.total_time, 3),
        "notes": len(sequence),
        "key": key,
        "tempo": _number(tempo),
        "pedal": _number(check.pedal_seconds(sequence) / max(sequence.total_time, 1e-9)),
        **{name: _number(float(value)) for name, value in found.items()},
    }


def outliers(
    rows: Sequence[dict[str, Any]], values: Sequence[str] = ("seconds", "tempo", *MEASURED)
) -> list[dict[str, Any]]:
    """Return the values whose modified z-score among the rows is above FAR, farthest first."""
    found: list[dict[str, Any]] = []
    for what in values:
        found += _outliers(rows, what)
    return sorted(found, key=lambda one: -abs(one["score"]))


def _outliers(rows: Sequence[dict[str, Any]], what: str) -> list[dict[str, Any]]:
    """Return the outliers in one value."""
    ratio = what in RATIOS
    known = [row for row in rows if row[what] is not None and (row[what] > 0 or not ratio)]
    if len(known) < FEWEST:
        return []
    values = np.array([row[what] for row in known], np.float64)
    values = np.log(values) if ratio else values
    middle = float(np.median(values))
    spread = float(np.median(np.abs(values - middle)))
    if not spread:
        return []
    scores = MAD * (values - middle) / spread
    median = float(np.exp(middle)) if ratio else middle
    return [
        {
            "id": known[i]["id"],
            "what": what,
            "value": known[i][what],
            "median": _number(median),
            "score": _number(scores[i]),
        }
        for i in np.flatnonzero(np.abs(scores) > FAR).tolist()
    ]


def _alike(rows: Sequence[dict[str, Any]], cluster: Sequence[int]) -> list[list[str]]:
    """Return the ids of each cluster that has more than one piece."""
    groups: dict[int, list[str]] = {}
    for row, number in zip(rows, cluster, strict=True):
        groups.setdefault(number, []).append(row["id"])
    return [group for group in groups.values() if len(group) > 1]


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.6g}")
