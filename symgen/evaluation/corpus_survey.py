"""A corpus before any training: a line of figures for each piece, and which pieces stand out or are much the same."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
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

VERSION = 1
FAR = 3.5  # modified z-score from which a piece stands out (Iglewicz and Hoaglin, How to detect and handle outliers, 1993)
MAD = 0.6745  # the median absolute deviation of a normal distribution, in standard deviations
FEW = 8  # pieces from which on something can stand out
MEASURED = ("note_density", "polyphony", "velocity_mean", "velocity_deviation", "pitch_range")
LOGS = ("seconds", "note_density", "tempo")  # what is compared by ratios
Progress = Callable[[int, int, str], None]


def survey(corpus: Corpus, progress: Progress | None = None) -> dict[str, Any]:
    """Read the whole corpus; return its document, of plain JSON types.

    {"kind": "corpus", "version", "symgen", "corpus": facts, "stats": of `corpus.check.stats`, "pieces": [{"id", "seconds", "notes",
    "key", "tempo", ...}], "velocities", "pitches": counts `[128]`, "outliers": [{"id", "what", "value", "median", "score"}],
    "duplicates": [[ids alike]]}. Figures are None where a piece does not define them.
    """
    metrics = make_metrics(MEASURED)
    rows, sketches = list[dict[str, Any]](), list[Any]()
    velocities, pitches = np.zeros(128, np.int64), np.zeros(128, np.int64)

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


def outliers(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what stands out, the farthest first: a figure whose modified z-score among the pieces is above FAR."""
    found = []
    for what in ("seconds", "tempo", *MEASURED):
        known = [
            (row["id"], row[what])
            for row in rows
            if row[what] is not None and (what not in LOGS or row[what] > 0)
        ]
        values = np.array([v for _, v in known], np.float64)
        values = np.log(values) if what in LOGS else values
        middle = float(np.median(values)) if len(values) else 0.0
        spread = float(np.median(np.abs(values - middle))) if len(values) else 0.0
        if len(values) < FEW or not spread:
            continue
        scores = MAD * (values - middle) / spread
        median = float(np.exp(middle)) if what in LOGS else middle
        found += [
            {
                "id": known[i][0],
                "what": what,
                "value": known[i][1],
                "median": _number(median),
                "score": _number(scores[i]),
            }
            for i in np.flatnonzero(np.abs(scores) > FAR).tolist()
        ]
    return sorted(found, key=lambda one: -abs(one["score"]))


def _alike(rows: Sequence[dict[str, Any]], cluster: Sequence[int]) -> list[list[str]]:
    sizes = Counter(cluster)
    return [
        [row["id"] for row, of in zip(rows, cluster, strict=True) if of == which]
        for which, size in sizes.items()
        if size > 1
    ]


def _number(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.6g}")
