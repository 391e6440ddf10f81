"""The charts: lines, bars with intervals, columns side by side, histograms over one another, and matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symgen.report.figure import Figure, Table
from symgen.report.plotting.axes import (
    HEIGHT,
    LETTER,
    RIGHT,
    WIDTH,
    Scale,
    area,
    frame,
    legend,
    number,
    reaching,
    ticks,
)
from symgen.report.plotting.drawing import (
    DASHES,
    SERIES,
    Array,
    Boxes,
    Drawing,
    Mark,
    Path,
    Text,
    points,
)

BINS = (8, 32)
Series = tuple[str, Sequence[float]]


def lines(
    name: str,
    title: str,
    about: str,
    x_label: str,
    y_label: str,
    x: Sequence[float],
    series: Sequence[Series],
    levels: Sequence[tuple[str, float]] = (),
    from_zero: bool = False,
) -> Figure:
    """Return curves over `x` (NaN breaks one), and `levels` as lines across, named where they stand."""
    left, right, top, bottom = area()
    values = np.concatenate(
        [np.asarray(y, np.float64) for _, y in series] + [np.array([v for _, v in levels])]
    )
    across, up = (
        Scale(*reaching(x, spare=0.0), left, right),
        Scale(*reaching(values, from_zero), bottom, top),
    )
    marks = frame(across, up, x_label, y_label)
    for label, level in levels:
        at = float(up(level))
        marks += [
            Path(points([left, right], [at, at]), "faint", 1, (1, 3)),
            Text(right - 2, at - 3, label, "end", "faint", 10),
        ]
    for role, (_, y) in zip(SERIES, series, strict=False):
        marks.append(Path(points(across(x), up(y)), role, 2, DASHES[role]))
    marks += legend(
        [(label, role, False) for role, (label, _) in zip(SERIES, series, strict=False)], left
    )
    columns = [
        x_label,
        *(f"{label}: {y_label}" if len(series) > 1 else y_label for label, _ in series),
    ]
    rows = [[float(v) for v in row] for row in zip(x, *(y for _, y in series), strict=True)]
    return Figure(Drawing(WIDTH, HEIGHT, tuple(marks)), Table(name, title, columns, rows), about)


def bars(
    name: str,
    title: str,
    about: str,
    label: str,
    rows: Sequence[tuple[str, float, float | None, float | None]],
) -> Figure:
    """Return a bar a row of (name, value, low, high), from zero, its number beside it; low and high draw an interval."""
    longest = max((len(n) for n, *_ in rows), default=1)
    left, right, top, _ = area(min(LETTER * longest + 14, 130.0), 10.0)
    height = top + 26.0 * len(rows) + 42
    top_of = [max(v for v in row[1:] if v is not None) for row in rows]
    across = Scale(*reaching(top_of, zero=True, spare=0.18), left, right)
    up = Scale(len(rows), 0, height - 42, top)
    marks = frame(across, up, label, "", y_ticks=[], x_ticks=ticks(across.low, across.high, 5))
    for i, (row, value, low, high) in enumerate(rows):
        middle, begin, end = float(up(i + 0.5)), float(across(0)), float(across(value))
        role = SERIES[min(i, 1)]
        marks += [
            Boxes(
                np.array([[min(begin, end), middle - 8, abs(end - begin), 16]]),
                role,
                0.75 if i == 0 else 0.4,
            ),
            Text(left - 6, middle + 4, row, "end"),
        ]
        if low is not None and high is not None:
            a, b = (float(v) for v in across([low, high]))
            whisker = points(
                [a, a, np.nan, a, b, np.nan, b, b], middle + np.array([-4, 4, 0, 0, 0, 0, -4, 4])
            )
            marks.append(Path(whisker, "ink", 1.2))
        marks.append(
            Text(max(end, float(across(high or value))) + 5, middle + 4, number(value), size=10.5)
        )
    table = Table(
        name, title, ["model", label, "low (95 %)", "high (95 %)"], [list(r) for r in rows]
    )
    return Figure(Drawing(WIDTH, height, tuple(marks)), table, about)


def histogram(name: str, title: str, about: str, label: str, series: Sequence[Series]) -> Figure:
    """Return the share of values in equal bins: the last of `series` filled, the first over it as an outline.

    There are twice the square root of their number, within BINS.
    """
    values = [_finite(v) for _, v in series]
    bins = int(np.clip(2 * np.sqrt(sum(map(len, values))), *BINS))
    low, high = _limits(np.concatenate(values))
    edges = np.linspace(low, high, bins + 1)
    shares = [100 * np.histogram(np.clip(v, low, high), edges)[0] / max(len(v), 1) for v in values]
    left, right, top, bottom = area()
    across, up = (
        Scale(low, high, left, right),
        Scale(0, reaching(np.concatenate(shares), True)[1], bottom, top),
    )
    marks = frame(across, up, label, "share (%)")
    for role, share, last in reversed(
        list(zip(SERIES, shares, [False] * (len(series) - 1) + [True], strict=False))
    ):
        marks += _steps(across(edges), up(share), bottom, role, last)
    marks += legend(
        [
            (f"{n} ({len(v):,})", role, role == SERIES[len(series) - 1])
            for role, (n, _), v in zip(SERIES, series, values, strict=False)
        ],
        left,
    )
    rows = [
        [float(edges[i]), float(edges[i + 1]), *(float(s[i]) for s in shares)] for i in range(bins)
    ]
    columns = [f"{label} from", "to", *(f"{n}: share (%)" for n, _ in series)]
    return Figure(Drawing(WIDTH, HEIGHT, tuple(marks)), Table(name, title, columns, rows), about)


def columns(
    name: str,
    title: str,
    about: str,
    label: str,
    y_label: str,
    names: Sequence[str],
    series: Sequence[Series],
    named: Sequence[int] | None = None,
) -> Figure:
    """Return a column a name and series, side by side; `named` are those whose names are written, else as many as there is room for."""
    left, right, top, bottom = area()
    count = max(len(names), 1)
    across = Scale(0, count, left, right)
    up = Scale(0, reaching(np.concatenate([_finite(v) for _, v in series]), True)[1], bottom, top)
    every = max(
        1, round(LETTER * max(map(len, names), default=1) * 1.25 * count / (right - left) + 0.49)
    )
    written = range(0, len(names), every) if named is None else named
    marks = frame(across, up, label, y_label, x_ticks=[(i + 0.5, names[i]) for i in written])
    each = 0.8 / max(len(series), 1)
    for k, (role, (_, values)) in enumerate(zip(SERIES, series, strict=False)):
        x, y = (
            across(np.arange(len(names)) + 0.1 + k * each),
            up(np.nan_to_num(np.asarray(values, np.float64))),
        )
        wide = (right - left) / count * each
        marks.append(
            Boxes(
                np.stack([x, y, np.full(len(names), wide), bottom - y], 1),
                role,
                0.85 if k == 0 else 0.45,
            )
        )
        if k:
            marks += (
                [Path(_outline(a, b, wide, bottom), role, 1) for a, b in zip(x, y, strict=True)]
                if count <= 32
                else []
            )
    if len(series) > 1:
        marks += legend(
            [(n, role, True) for role, (n, _) in zip(SERIES, series, strict=False)], left
        )
    rows = [[n, *(float(v[i]) for _, v in series)] for i, n in enumerate(names)]
    heads = [label, *(f"{n}: {y_label}" if len(series) > 1 else y_label for n, _ in series)]
    return Figure(Drawing(WIDTH, HEIGHT, tuple(marks)), Table(name, title, heads, rows), about)


def matrix(
    name: str,
    title: str,
    about: str,
    label: str,
    names: Sequence[str],
    panels: Sequence[tuple[str, Array]],
) -> Figure:
    """Return square matrices side by side, from row to column, the darker the more; each on its own scale."""
    side, marks = (WIDTH - RIGHT - 30) / 2 - 12, list[Mark]()
    size = max(len(names), 1)
    cell = side / size
    for k, (panel, values) in enumerate(panels):
        x0, y0 = 30 + k * (side + 24), 26.0
        share = np.nan_to_num(np.asarray(values, np.float64))
        share = share / (share.max() or 1.0)
        at = np.array(
            [[x0 + j * cell, y0 + i * cell, cell, cell] for i in range(size) for j in range(size)]
        )
        marks += [Text(x0, 16, panel), Boxes(np.array([[x0, y0, side, side]]), "shade")]
        marks += [Boxes(at[band], SERIES[k], level) for level, band in _levels(share.reshape(-1))]
        every = max(1, round(9.0 * max(map(len, names), default=1) / cell + 0.4))
        marks += [
            Text(x0 + (j + 0.5) * cell, y0 + side + 12, n, "middle", "faint", 9)
            for j, n in enumerate(names)
            if j % every == 0
        ]
        marks += [
            Text(x0 - 3, y0 + (i + 0.5) * cell + 3, n, "end", "faint", 9)
            for i, n in enumerate(names)
            if k == 0 and i % every == 0
        ]
    marks.append(Text(WIDTH / 2, 26 + side + 30, label, "middle"))
    rows = [
        [n, to, *(float(v[i][j]) for _, v in panels)]
        for i, n in enumerate(names)
        for j, to in enumerate(names)
    ]
    return Figure(
        Drawing(WIDTH, 26 + side + 38, tuple(marks)),
        Table(name, title, ["from", "to", *(p for p, _ in panels)], rows),
        about,
    )


def _finite(values: Any) -> Array:
    known = np.asarray([np.nan if v is None else v for v in values], np.float64)
    return np.asarray(known[np.isfinite(known)], np.float64)


def _limits(values: Array) -> tuple[float, float]:
    """Return what the bins hold: all but the outermost hundredth where that lies far out."""
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    inner = np.percentile(values, [1, 99])
    if high > low and (inner[1] - inner[0]) < 0.5 * (high - low) and inner[1] > inner[0]:
        low, high = float(inner[0]), float(inner[1])
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _steps(edges: Array, heights: Array, bottom: float, role: str, filled: bool) -> list[Mark]:
    """Return a histogram: boxes where it is filled, and its outline, dashed where it is not."""
    outline = points(
        np.repeat(edges, 2), np.concatenate([[bottom], np.repeat(heights, 2), [bottom]])
    )
    return [
        Path(
            outline,
            role,
            2.0 if not filled else 1,
            () if filled else DASHES[role],
            0.4 if filled else 0.0,
        )
    ]


def _outline(x: float, y: float, width: float, bottom: float) -> Array:
    return points([x, x, x + width, x + width], [bottom, y, y, bottom])


def _levels(share: Array) -> list[tuple[float, Array]]:
    """Return (opacity, which cells) for ten steps of darkness."""
    step = np.ceil(share * 10).astype(int)
    return [(k / 10, step == k) for k in range(1, 11) if (step == k).any()]
