"""The sections that compare music with music: statistics of two sets, and what of the samples stands in the training half."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symgen.report.figure import Figure, Table
from symgen.report.page import Part, Words
from symgen.report.plotting import charts
from symgen.report.plotting.axes import number

Facts = Mapping[str, Any]
LENGTHS = ("8", "16", "32")
BESIDE = ("overlap (%)", "KL (nats)", "p", "p (Holm)")
HOW = (
    " Overlap is that of the distances within the first set and between the sets, 100 % where they are alike; KL is the divergence of "
    "these distances; p is the chance of such a difference between sets of one kind, corrected by Holm for the number of metrics."
)
ORDINARY = (
    "The longest passage that each sample has in common with a training piece, in any key and at about any speed. Real pieces that "
    "were held out share passages too: what is ordinary is theirs."
)


def statistics(part: Facts) -> list[Part]:
    """Return a figure for each metric, and the table of all."""
    sides = [(str(part[k]["name"]), k) for k in ("a", "b") if part.get(k)]
    metrics = part["metrics"]
    counts = " and ".join(f"{part[k].get('pieces', '?')} pieces of {name}" for name, k in sides)
    parts: list[Part] = [Words(f"{counts}.{HOW if len(sides) > 1 else ''}", "faint")]
    parts += [Words(line, "warning") for line in part.get("warnings", [])]
    heads = [
        "metric",
        "unit",
        *(f"{name}: mean (deviation)" for name, _ in sides),
        *(BESIDE if len(sides) > 1 else ()),
    ]
    rows = [
        [
            _label(name),
            m["unit"],
            *(_mean(m.get(k)) for _, k in sides),
            *(_beside(m) if len(sides) > 1 else ()),
        ]
        for name, m in metrics.items()
    ]
    parts.append(Table("statistics", "All metrics", heads, rows))
    for name, metric in metrics.items():
        parts += _figure(name, metric, sides)
    parts.append(
        Table(
            "definitions",
            "What the metrics are",
            ["metric", "version", "definition"],
            [
                [_label(name), m.get("version", 1), m.get("definition", "")]
                for name, m in metrics.items()
            ],
            folded=True,
        )
    )
    return parts


def _figure(name: str, metric: Facts, sides: list[tuple[str, str]]) -> list[Figure]:
    """Return the picture of one metric; none where no piece has a value."""
    given = [(side, metric[k]) for side, k in sides if metric.get(k)]
    title, unit, kind = _label(name).capitalize(), metric["unit"], metric.get("kind", "scalar")
    said = "; ".join(f"{side} {_mean(values)}" for side, values in given)
    if kind == "scalar":
        series = [
            (side, [v for v in values.get("values", []) if v is not None]) for side, values in given
        ]
        if not any(len(v) for _, v in series):
            return []
        return [
            charts.histogram(
                f"metric-{name}", title, f"Mean (deviation): {said} {unit}.", unit, series
            )
        ]
    means = [
        (side, np.asarray(_mean_array(values), np.float64))
        for side, values in given
        if _mean_array(values) is not None
    ]
    if not means:
        return []
    bins = [str(b) for b in metric.get("bins") or range(len(means[0][1]))]
    if kind == "matrix":
        return [
            charts.matrix(
                f"metric-{name}",
                title,
                f"The darker, the more; {unit}.",
                f"from row to column ({unit})",
                bins,
                means[:2],
            )
        ]
    top = "; ".join(
        f"{side} most at {bins[int(np.nanargmax(v))]}" for side, v in means if np.isfinite(v).any()
    )
    return [
        charts.columns(
            f"metric-{name}",
            title,
            f"{top}.",
            title,
            unit,
            bins,
            [(s, v.tolist()) for s, v in means],
        )
    ]


def originality(part: Facts) -> list[Part]:
    """Return how much of the samples, and of real music that was held out, stands in the training half."""
    rows, held = part.get("samples") or [], part.get("held_out") or {}
    real = held.get("samples") or []
    parts: list[Part] = [Words(ORDINARY, "faint")]
    lengths = [("samples", [_length(r) for r in rows]), ("held out", [_length(r) for r in real])]
    lengths = [(name, values) for name, values in lengths if values]
    if lengths:
        said = ", ".join(
            f"{name}: median {number(float(np.median(v)))}, longest {number(max(v))}"
            for name, v in lengths
        )
        parts.append(
            charts.histogram(
                "copies",
                "Longest copied passage",
                f"Notes; {said}.",
                "notes of the longest passage",
                lengths,
            )
        )
    shares = [
        (name, [100 * _share(some, n) for n in LENGTHS])
        for name, some in (("samples", rows), ("held out", real))
        if some
    ]
    if shares:
        said = "; ".join(
            f"{name} " + ", ".join(number(v, 3) for v in values) for name, values in shares
        )
        parts.append(
            charts.columns(
                "shares",
                "Share found in training",
                f"Stretches of {', '.join(LENGTHS)} notes: {said} %.",
                "notes in a row",
                "share found (%)",
                LENGTHS,
                shares,
            )
        )
    heads = [
        "sample",
        "notes",
        "longest (notes)",
        "piece",
        "at (s)",
        "in the piece (s)",
        *(f"{n} in a row (%)" for n in LENGTHS),
    ]
    parts.append(Table("originality", "Samples", heads, [_row(r) for r in rows]))
    if real:
        parts.append(
            Table("originality-held-out", "Held-out pieces", heads, [_row(r) for r in real[:16]])
        )
    return parts


def _row(row: Facts) -> list[Any]:
    longest = row.get("longest") or {}
    places = [_span(longest.get("at")), _span(longest.get("in_piece"))]
    shares = [_percent((row.get("shares") or {}).get(n)) for n in LENGTHS]
    return [
        row["name"],
        row.get("notes"),
        longest.get("notes"),
        longest.get("piece"),
        *places,
        *shares,
    ]


def _beside(metric: Facts) -> list[Any]:
    test = metric.get("test") or {}
    return [_percent(metric.get("overlap")), metric.get("kl"), test.get("p"), test.get("p_holm")]


def _span(seconds: Any) -> str | None:
    return f"{seconds[0]:.1f} to {seconds[1]:.1f}" if seconds else None


def _length(row: Facts) -> float:
    return float((row.get("longest") or {}).get("notes") or 0)


def _share(rows: Any, n: str) -> float:
    found = [r["shares"][n] for r in rows if (r.get("shares") or {}).get(n) is not None]
    return float(np.mean(found)) if found else 0.0


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _label(name: str) -> str:
    return name.replace("_", " ")


def _mean(values: Facts | None) -> str:
    if not values or values.get("mean") is None or isinstance(values["mean"], list):
        return "–"
    return f"{number(values['mean'], 3)} ({number(values.get('sd'), 3)})"


def _mean_array(values: Facts) -> Any:
    return values.get("mean") if isinstance(values.get("mean"), list) else None
