"""The result of `compare` as a table: metrics by theme, the most different first.

A metric that has one and the same value in every piece says nothing about a difference. It is
named under the table instead.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.evaluation.statistics.compare import too_few

RISK = 0.05
WIDTH = 100
HEAD_ONE = ("metric", "median", "mean", "sd", "pieces", "unit")
HEAD_TWO = ("metric", "median", "reference", "overlap", "KL", "p (Holm)", "unit")
PLAIN = {  # metrics whose names do not say what differs
    "pitch_class_histogram": "how often each pitch class occurs",
    "pitch_class_transitions": "which pitch class follows which",
    "interval_histogram": "how often each interval occurs in the top voice",
    "interval_transitions": "which interval follows which in the top voice",
    "note_length_histogram": "how often each note length occurs",
    "inter_onset_histogram": "how often each time between chords occurs",
    "velocity_histogram": "how often each velocity occurs",
    "self_similarity": "how much returns, and after how long",
}

Document = Mapping[str, Any]
Named = list[tuple[str, Document]]


def text(statistics: Document) -> str:
    """Return the verdict and the table as plain text of at most 100 columns."""
    lead = [part for line in verdict(statistics) for part in wrap(line)]
    return "\n".join([*lead, "", *table(statistics)])


def wrap(line: str) -> list[str]:
    """Return a line as lines of at most 100 columns."""
    return textwrap.wrap(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def table(statistics: Document) -> list[str]:
    """Return the table as aligned lines with a line for each theme, and what it leaves out."""
    groups = themes(statistics)
    head, *body = _aligned(rows(statistics))
    lines = [head]
    start = 0
    for theme, found in groups:
        lines += [theme, *(f"  {line}" for line in body[start : start + len(found)])]
        start += len(found)
    lines[0] = f"  {head}" if groups else head
    return lines + [part for line in left_out(statistics) for part in wrap(line)]


def left_out(statistics: Document) -> list[str]:
    """Return a line for the metrics without any difference to show, and for the undefined ones."""
    constant = [_constant(name, row) for name, row in _metrics(statistics) if is_constant(row)]
    undefined = [name for name, row in _metrics(statistics) if is_undefined(row)]
    lines = [f"equal in all pieces: {', '.join(constant)}"] if constant else []
    return lines + ([f"undefined: {', '.join(undefined)}"] if undefined else [])


def _constant(name: str, row: Document) -> str:
    mean = row["a"]["mean"]
    return name if isinstance(mean, list) else f"{name} ({_cell(mean)})"


def rows(statistics: Document) -> list[tuple[str, ...]]:
    """Return the head of the table and a row for each metric, in the order of `themes`."""
    shown = [pair for _, found in themes(statistics) for pair in found]
    if "b" not in statistics:
        return [HEAD_ONE, *(_row_of_one(name, row) for name, row in shown)]
    return [HEAD_TWO, *(_row_of_two(name, row) for name, row in shown)]


def _row_of_one(name: str, row: Document) -> tuple[str, ...]:
    return (name, *_cells(row["a"], "median", "mean", "sd", "pieces"), row["unit"])


def _row_of_two(name: str, row: Document) -> tuple[str, ...]:
    p = _cell((row["test"] or {}).get("p_holm")) + ("*" if is_significant(row) else "")
    medians = [_cell(row[side].get("median")) for side in "ab"]
    return (name, *medians, *_cells(row, "overlap", "kl"), p, row["unit"])


def themes(statistics: Document) -> list[tuple[str, Named]]:
    """Return the metrics by theme; themes and their metrics begin with the most different.

    Constant and undefined metrics are left out.
    """
    groups: dict[str, Named] = {}
    for name, row in sorted(_metrics(statistics), key=lambda pair: difference(pair[1])):
        if not is_constant(row) and not is_undefined(row):
            groups.setdefault(row.get("theme", "other"), []).append((name, row))
    return list(groups.items())


def difference(row: Document) -> tuple[float, float]:
    """Return a sort key: significant differences first, then by overlap, the smallest first."""
    overlap = row.get("overlap")
    return -is_significant(row), 1.0 if overlap is None else overlap


def is_significant(row: Document) -> bool:
    """Return whether the corrected p is below 0.05."""
    p = (row.get("test") or {}).get("p_holm")
    return p is not None and p < RISK


def is_undefined(row: Document) -> bool:
    """Return whether no piece of any set has a value."""
    return not any(row[side]["pieces"] for side in "ab" if side in row)


def is_constant(row: Document) -> bool:
    """Return whether the value is the same in every piece of all sets."""
    sets = [row[side] for side in "ab" if side in row]
    if any(one["mean"] is None or np.any(_array(one["sd"]) != 0) for one in sets):
        return False
    return all(one["mean"] == sets[0]["mean"] for one in sets)


def _array(values: Any) -> npt.NDArray[np.float64]:
    return np.asarray(values, np.float64)  # None becomes NaN


def testable(statistics: Document) -> list[str]:
    """Return why the sets cannot be tested: a line for each that is too small."""
    sets = [statistics[side] for side in "ab" if side in statistics]
    return [line for one in sets if (line := too_few(one["pieces"], one["name"]))]


def differing(statistics: Document) -> tuple[int, list[str]]:
    """Return how many metrics were tested, and the names of those that differ significantly.

    The most different come first.
    """
    tested = [(difference(row), name) for name, row in _metrics(statistics) if row.get("test")]
    found = [name for key, name in sorted(tested) if is_significant(statistics["metrics"][name])]
    return len(tested), found


def phrase(name: str, row: Document) -> str:
    """Return a metric in words, with the medians of both sets if it is a number."""
    plain = PLAIN.get(name, title(name).lower())
    medians = [row[k].get("median") for k in "ab"]
    if None in medians:
        return plain
    here, there = map(_cell, medians)
    return f"{plain} (median {here} against {there}, {row['unit']})"


def title(name: str) -> str:
    """Return the name of a metric as a title: "Note density"."""
    plain = name.replace("_", " ").replace("inter onset", "inter-onset")
    return plain.replace("self similarity", "self-similarity").capitalize()


def about_sets(statistics: Document) -> list[str]:
    """Return a line about each set: its pieces, and their median length."""
    lines = [
        f"{one['name']}: {one['pieces']} pieces, median {one['seconds']:.0f} s and "
        f"{one['notes']:.0f} notes"
        for one in (statistics[side] for side in "ab" if side in statistics)
    ]
    if len(lines) > 1:
        lines[1] += " (the reference)"
    return lines


def verdict(statistics: Document) -> list[str]:
    """Return a line about each set, and one naming the metrics in which they differ.

    For sets that are too small for the tests, the last lines say so instead.
    """
    lines = about_sets(statistics)
    if len(lines) < 2:
        return lines
    if few := testable(statistics):
        return lines + few
    tested, found = differing(statistics)
    named = f", the most different first: {', '.join(found)}" if found else ""
    counted = f"{len(found)} of {tested} metrics differ significantly (* corrected p below {RISK})"
    return [*lines, counted + named]


def _metrics(statistics: Document) -> Named:
    return list(statistics["metrics"].items())


def _cells(figures: Document, *keys: str) -> tuple[str, ...]:
    return tuple(_cell(figures.get(key)) for key in keys)


def _cell(value: Any) -> str:
    """Return a number with three digits; a dash for arrays and undefined values."""
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, float):
        return "-"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return lines with aligned columns: names and units to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [_line(line, widths) for line in lines]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = zip(cells[1:-1], widths[1:-1], strict=True)
    right = "  ".join(f"{cell:>{width}}" for cell, width in numbers)
    return f"{cells[0]:<{widths[0]}}  {right}  {cells[-1]}"
