"""The section on copied passages: what the samples share with the training split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen.report.figure import Table
from symgen.report.page import Folded, Part, Words
from symgen.report.plotting import charts
from symgen.report.plotting.axes import number

Facts = Mapping[str, Any]
LENGTHS = ("8", "16", "32")
MAX_HELD_OUT = 16  # rows in the table of held-out pieces
ORDINARY = (
    "The longest passage that each sample shares with a training piece, in any key and at nearly "
    "any speed. Held-out real pieces share passages too; they show what is ordinary."
)
COLUMNS = (
    "piece",
    "notes",
    "longest passage (notes)",
    "training piece",
    "at (s)",
    "in the training piece (s)",
    *(f"{n} notes found (%)" for n in LENGTHS),
)


def originality(part: Facts) -> list[Part]:
    """Return the figures and tables of the part `originality`."""
    held_out = (part.get("held_out") or {}).get("samples") or []
    sets = [("samples", part.get("samples") or []), ("held out", held_out)]
    sets = [(name, rows) for name, rows in sets if rows]
    parts: list[Part] = [Words(ORDINARY, "faint")]
    if sets:
        parts += [_lengths(sets), _shares(sets)]
    rows = [_row(row) for row in part.get("samples") or []]
    folded = [Table("originality", "Samples", COLUMNS, rows)]
    if held_out:
        rows = [_row(row) for row in held_out[:MAX_HELD_OUT]]
        folded.append(Table("originality-held-out", "Held-out pieces", COLUMNS, rows))
    return [*parts, Folded("Every sample, with the places of its longest passage", folded)]


def _lengths(sets: Sequence[tuple[str, Sequence[Facts]]]) -> Part:
    series = [(name, [_length(row) for row in rows]) for name, rows in sets]
    about = "; ".join(
        f"{name}: median {number(float(np.median(v)))}, longest {number(max(v))} notes"
        for name, v in series
    )
    label = "notes of the longest passage"
    return charts.histogram("copies", "Longest shared passage", f"{about}.", label, series)


def _shares(sets: Sequence[tuple[str, Sequence[Facts]]]) -> Part:
    series = [(name, [100 * _share(rows, n) for n in LENGTHS]) for name, rows in sets]
    about = "; ".join(
        f"{name} " + ", ".join(number(value, 3) for value in values) for name, values in series
    )
    return charts.columns(
        "shares",
        "Share of the music found in training",
        f"Sequences of {', '.join(LENGTHS)} notes: {about} %.",
        "notes in a row",
        "share found (%)",
        LENGTHS,
        series,
    )


def _row(row: Facts) -> list[Any]:
    longest = row.get("longest") or {}
    shares = row.get("shares") or {}
    return [
        row["name"],
        row.get("notes"),
        longest.get("notes"),
        longest.get("piece"),
        _span(longest.get("at")),
        _span(longest.get("in_piece")),
        *(percent(shares.get(n)) for n in LENGTHS),
    ]


def _span(seconds: Any) -> str | None:
    return f"{seconds[0]:.1f} to {seconds[1]:.1f}" if seconds else None


def _length(row: Facts) -> float:
    return float((row.get("longest") or {}).get("notes") or 0)


def _share(rows: Sequence[Facts], length: str) -> float:
    shares = [(row.get("shares") or {}).get(length) for row in rows]
    known = [share for share in shares if share is not None]
    return float(np.mean(known)) if known else 0.0


def percent(share: float | None) -> float | None:
    """Return a share in percent, with one decimal."""
    return None if share is None else round(100 * share, 1)
