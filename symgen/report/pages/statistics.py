"""The section on musical statistics: metrics by theme, the most different first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from symgen.evaluation.statistics.table import is_significant, left_out, themes, title
from symgen.report.figure import Figure, Table
from symgen.report.page import Folded, Heading, Part, Words
from symgen.report.pages.originality import percent
from symgen.report.plotting import charts
from symgen.report.plotting.axes import number

Facts = Mapping[str, Any]
Sides = Sequence[tuple[str, str]]  # (name, "a" or "b")
Metrics = Sequence[tuple[str, Facts]]

HOW = (
    "Overlap compares the distances between real pieces with the distances from samples to real "
    "pieces; 100 % means no difference. A difference is significant if chance alone would hardly "
    "produce it (p < 0.05, corrected for the number of metrics). Each theme begins with its "
    "largest difference."
)
DETAILS = ("overlap (%)", "KL (nats)", "p", "p (Holm)")
NAMES = {
    "pitch": "Pitch",
    "intervals": "Melody and voice leading",
    "harmony": "Harmony",
    "rhythm": "Rhythm",
    "structure": "Structure",
    "texture": "Texture",
    "velocity": "Loudness",
    "other": "Other",
}


def statistics(part: Facts) -> list[Part]:
    """Return a table and the figures of each theme, and the full table of all metrics."""
    sides = [(str(part[k]["name"]), k) for k in ("a", "b") if part.get(k)]
    counts = " and ".join(f"{part[k].get('pieces', '?')} {name}" for name, k in sides)
    parts: list[Part] = [Words(f"{counts}. {HOW}" if len(sides) > 1 else f"{counts}.", "faint")]
    parts += [Words(line, "warning") for line in part.get("warnings", [])]
    for theme, metrics in themes(part):
        parts += _theme(theme, metrics, sides)
    if lines := left_out(part):
        parts.append(Folded("Metrics without a difference to show", [Words(s) for s in lines]))
    return [*parts, Folded("All metrics with tests and definitions", _all(part["metrics"], sides))]


def _theme(theme: str, metrics: Metrics, sides: Sides) -> list[Part]:
    """Return the table of a theme and its figures; figures without a difference are folded."""
    parts: list[Part] = [Heading(NAMES.get(theme, theme)), _table(theme, metrics, sides)]
    differing = [pair for pair in metrics if is_significant(pair[1])] or metrics[:1]
    for name, metric in differing:
        parts += _figure(name, metric, sides)
    rest = [figure for name, m in metrics[len(differing) :] for figure in _figure(name, m, sides)]
    if rest:
        parts.append(Folded(f"{len(rest)} more figures", rest))
    return parts


def _table(theme: str, metrics: Metrics, sides: Sides) -> Table:
    heads = ["metric", *(name for name, _ in sides)]
    rows = []
    for name, metric in metrics:
        medians = [_median(metric.get(key)) for _, key in sides]
        rows.append([_named(name, metric), *medians])
    if len(sides) > 1:
        heads += ["overlap (%)", "differs"]
        for row, (_, metric) in zip(rows, metrics, strict=True):
            row += [percent(metric.get("overlap")), _significant(metric)]
    return Table(f"statistics-{theme}", "Medians of the pieces", heads, rows)


def _named(name: str, metric: Facts) -> str:
    return f"{title(name)} ({metric['unit']})" if _is_number(metric) else title(name)


def _is_number(metric: Facts) -> bool:
    return bool(metric.get("kind", "scalar") == "scalar")


def _significant(metric: Facts) -> str:
    if not metric.get("test"):
        return "not tested"
    return "yes" if is_significant(metric) else "no"


def _median(values: Facts | None) -> Any:
    """Return the median; None for histograms and matrices, which have a figure instead."""
    if not values or isinstance(values.get("mean"), list):
        return None
    return values.get("median", values.get("mean"))


def _all(metrics: Mapping[str, Facts], sides: Sides) -> list[Table]:
    details = DETAILS if len(sides) > 1 else ()
    heads = ["metric", "unit", *(f"{name}: mean (sd)" for name, _ in sides), *details]
    rows = []
    for name, metric in metrics.items():
        means = [_mean(metric.get(k)) for _, k in sides]
        rows.append([title(name), metric["unit"], *means, *(_details(metric) if details else ())])
    definitions = [
        [title(name), f"{m.get('definition', '')} Version {m.get('version', 1)}."]
        for name, m in metrics.items()
    ]
    return [
        Table("statistics", "All metrics", heads, rows),
        Table("definitions", "Definitions", ["metric", "definition"], definitions),
    ]


def _details(metric: Facts) -> list[Any]:
    test = metric.get("test") or {}
    return [percent(metric.get("overlap")), metric.get("kl"), test.get("p"), test.get("p_holm")]


def _figure(name: str, metric: Facts, sides: Sides) -> list[Figure]:
    """Return the figure of one metric; none if no piece has a value."""
    given = [(side, metric[k]) for side, k in sides if metric.get(k)]
    if _is_number(metric):
        return _histogram(name, metric, given)
    means = [
        (side, np.asarray(values["mean"], np.float64))
        for side, values in given
        if isinstance(values.get("mean"), list)
    ]
    if not means:
        return []
    bins = [str(b) for b in metric.get("bins") or range(len(means[0][1]))]
    key = f"metric-{name}"
    unit = metric["unit"]
    if metric["kind"] == "matrix":
        about = f"Darker means more; {unit}."
        label = f"from row to column ({unit})"
        return [charts.matrix(key, title(name), about, label, bins, means[:2])]
    peaks = "; ".join(
        f"{side}: highest at {bins[int(np.nanargmax(v))]}" for side, v in means if _known(v)
    )
    series = [(side, values.tolist()) for side, values in means]
    return [charts.columns(key, title(name), f"{peaks}.", title(name), unit, bins, series)]


def _histogram(name: str, metric: Facts, given: Sequence[tuple[str, Facts]]) -> list[Figure]:
    series = [
        (side, [v for v in values.get("values", []) if v is not None]) for side, values in given
    ]
    if not any(len(values) for _, values in series):
        return []
    means = "; ".join(f"{side} {_mean(values)}" for side, values in given)
    about = f"Mean (standard deviation): {means}."
    unit = metric["unit"]
    return [charts.histogram(f"metric-{name}", title(name), about, unit, series)]


def _known(values: Any) -> bool:
    return bool(np.isfinite(values).any())


def _mean(values: Facts | None) -> str:
    if not values or values.get("mean") is None or isinstance(values["mean"], list):
        return "–"
    return f"{number(values['mean'], 3)} ({number(values.get('sd'), 3)})"
