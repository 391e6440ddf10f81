"""What `compare` gives, as a table: medians beside the reference's, how alike, how sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symgen.evaluation.statistics.compare import too_few

RISK = 0.05
Document = Mapping[str, Any]


def text(statistics: Document) -> str:
    """Return the table and what it comes to as plain text."""
    return "\n".join([*_aligned(rows(statistics)), *verdict(statistics)])


def rows(statistics: Document) -> list[tuple[str, ...]]:
    """Return the table's head and a row for each metric: medians, spread, how alike, how sure, the unit."""
    sets = [statistics[key] for key in "ab" if key in statistics]
    if len(sets) == 1:
        head = ("metric", "median", "mean", "sd", "pieces", "unit")
        return [
            head,
            *(
                (name, *_cells(row["a"], "median", "mean", "sd", "pieces"), row["unit"])
                for name, row in _metrics(statistics)
            ),
        ]
    made: list[tuple[str, ...]] = [
        ("metric", "median", "reference", "overlap", "KL", "p", "p (Holm)", "unit")
    ]
    for name, row in _metrics(statistics):
        test = row["test"] or {}
        differs = "*" if (test.get("p_holm") or 1) < RISK else ""
        made.append(
            (
                name,
                *_cells(row["a"], "median"),
                *_cells(row["b"], "median"),
                *_cells(row, "overlap", "kl"),
                *_cells(test, "p"),
                _cell(test.get("p_holm")) + differs,
                row["unit"],
            )
        )
    return made


def verdict(statistics: Document) -> list[str]:
    """Return how many pieces there were, and which metrics tell the two sets apart.

    Of sets that are too small for the tests it says so instead.
    """
    sets = [statistics[key] for key in "ab" if key in statistics]
    lines = [
        f"{one['name']}: {one['pieces']} pieces, median {one['seconds']:.0f} s and {one['notes']:.0f} notes"
        for one in sets
    ]
    if len(sets) == 2:
        lines[1] += " (the reference)"
        if few := [line for one in sets if (line := too_few(one["pieces"], one["name"]))]:
            return lines + few
        tested = [
            (row["overlap"], name, row["test"]["p_holm"])
            for name, row in _metrics(statistics)
            if row["test"]
        ]
        apart = [
            name
            for _, name, p in sorted(tested, key=lambda t: (1 if t[0] is None else t[0], t[1]))
            if p < RISK
        ]
        lines.append(
            f"{len(apart)} of {len(tested)} metrics tell them apart (* corrected p below {RISK})"
            + (f", least alike first: {', '.join(apart)}" if apart else "")
        )
    return lines


def _metrics(statistics: Document) -> list[tuple[str, Document]]:
    return list(statistics["metrics"].items())


def _cells(figures: Document, *keys: str) -> tuple[str, ...]:
    return tuple(_cell(figures.get(key)) for key in keys)


def _cell(value: Any) -> str:
    """Return a number as three figures tell it; arrays and what is undefined as a dash."""
    if isinstance(value, int):
        return str(value)
    return (
        f"{value:.3g}"
        if isinstance(value, float) and abs(value) < 1000
        else f"{value:.0f}"
        if isinstance(value, float)
        else "-"
    )


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return lines whose columns are aligned: names and units to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        f"{line[0]:<{widths[0]}}  "
        + "  ".join(
            f"{cell:>{width}}" for cell, width in zip(line[1:-1], widths[1:-1], strict=True)
        )
        + f"  {line[-1]}"
        for line in lines
    ]
