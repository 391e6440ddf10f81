"""The charts: lines, bars with intervals, grouped columns, overlaid histograms, matrices."""

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
    Boxes,
    Drawing,
    Mark,
    Path,
    Text,
    points,
)
from symgen.types import Array

BINS = (8, 32)  # least and most
MAX_OUTLINED = 32  # columns that have an outline

Series = tuple[str, Sequence[float]]
Bar = tuple[str, float, float | None, float | None]  # name, value, low, high


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
    """Return curves over `x`, broken at NaN, and `levels` as named horizontal lines."""
    left, right, top, bottom = area()
    values = [np.asarray(y, np.float64) for _, y in series]
    values.append(np.array([level for _, level in levels]))
    across = Scale(*reaching(x, spare=0.0), left, right)
    up = Scale(*reaching(np.concatenate(values), from_zero), bottom, top)
    marks = frame(across, up, x_label, y_label)
    for label, level in levels:
        at = float(up(level))
        marks.append(Path(points([left, right], [at, at]), "faint", 1, (1, 3)))
        marks.append(Text(right - 2, at - 3, label, "end", "faint", 10))
    named = list(zip(SERIES, series, strict=False))
    for role, (_, y) in named:
        marks.append(Path(points(across(x), up(y)), role, 2, DASHES[role]))
    marks += legend([(label, role, False) for role, (label, _) in named], left)
    columns = [x_label, *_heads(series, y_label)]
    rows = [[float(v) for v in row] for row in zip(x, *(y for _, y in series), strict=True)]
    return Figure(Drawing(WIDTH, HEIGHT, tuple(marks)), Table(name, title, columns, rows), about)


def bars(
    name: str,
    title: str,
    about: str,
    label: str,
    rows: Sequence[Bar],
) -> Figure:
    """Return a bar with its number for each row of (name, value, low, high).

    Bars begin at zero; low and high are the ends of an interval.
    """
    longest = max((len(n) for n, *_ in rows), default=1)
    left, right, top, _ = area(min(LETTER * longest + 14, 130.0), 10.0)
    height = top + 26.0 * len(rows) + 42
    ends = [max(v for v in row[1:] if v is not None) for row in rows]
    across = Scale(*reaching(ends, zero=True, spare=0.18), left, right)
    up = Scale(len(rows), 0, height - 42, top)
    marks = frame(across, up, label, "", y_ticks=[], x_ticks=ticks(across.low, across.high, 5))
    for i, row in enumerate(rows):
        marks += _bar(row, across, float(up(i + 0.5)), first=i == 0)
    columns = ["model", label, "low (95 %)", "high (95 %)"]
    table = Table(name, title, columns, [list(row) for row in rows])
    return Figure(Drawing(WIDTH, height, tuple(marks)), table, about)


def _bar(row: Bar, across: Scale, middle: float, first: bool) -> list[Mark]:
    name, value, low, high = row
    begin = float(across(0))
    end = float(across(value))
    box = np.array([[min(begin, end), middle - 8, abs(end - begin), 16]])
    marks: list[Mark] = [
        Boxes(box, SERIES[0 if first else 1], 0.75 if first else 0.4),
        Text(across.begin - 6, middle + 4, name, "end"),
    ]
    if low is not None and high is not None:
        a, b = (float(v) for v in across([low, high]))
        x = [a, a, np.nan, a, b, np.nan, b, b]
        y = middle + np.array([-4, 4, 0, 0, 0, 0, -4, 4])
        marks.append(Path(points(x, y), "ink", 1.2))
    place = max(end, float(across(high or value))) + 5
    return [*marks, Text(place, middle + 4, number(value), size=10.5)]


def histogram(name: str, title: str, about: str, label: str, series: Sequence[Series]) -> Figure:
    """Return the share of values in equal bins.

    The last of `series` is filled, the others are outlines over it. The number of bins is twice
    the square root of the number of values, within BINS.
    """
    values = [_finite(v) for _, v in series]
    bins = int(np.clip(2 * np.sqrt(sum(map(len, values))), *BINS))
    low, high = _limits(np.concatenate(values))
    edges = np.linspace(low, high, bins + 1)
    shares = [_percent(np.clip(v, low, high), edges) for v in values]
    left, right, top, bottom = area()
    across = Scale(low, high, left, right)
    up = Scale(0, reaching(np.concatenate(shares), True)[1], bottom, top)
    marks = frame(across, up, label, "share (%)")
    last = len(series) - 1
    for k in reversed(range(len(series))):
        marks += _steps(across(edges), up(shares[k]), bottom, SERIES[k], k == last)
    keys = []
    for k, (key, _) in enumerate(series):
        keys.append((f"{key} ({len(values[k]):,})", SERIES[k], k == last))
    marks += legend(keys, left)
    columns = [f"{label} from", "to", *(f"{n}: share (%)" for n, _ in series)]
    rows = np.stack([edges[:-1], edges[1:], *shares], axis=1).tolist()
    return Figure(Drawing(WIDTH, HEIGHT, tuple(marks)), Table(name, title, columns, rows), about)


def _percent(values: Array, edges: Array) -> Array:
    """Return the share of the values in each bin."""
    counts, _ = np.histogram(values, edges)
    return 100 * counts / max(len(values), 1)


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
    """Return a column for each name and series, grouped by name.

    `named` are the columns whose names are written; by default as many as there is room for.
    """
    left, right, top, bottom = area()
    across = Scale(0, max(len(names), 1), left, right)
    highest = reaching(np.concatenate([_finite(v) for _, v in series]), True)[1]
    up = Scale(0, highest, bottom, top)
    written = range(0, len(names), _every(names, right - left)) if named is None else named
    marks = frame(across, up, label, y_label, x_ticks=[(i + 0.5, names[i]) for i in written])
    for k, (_, values) in enumerate(series):
        marks += _columns(values, k, len(series), across, up)
    if len(series) > 1:
        keys = [(n, role, True) for role, (n, _) in zip(SERIES, series, strict=False)]
        marks += legend(keys, left)
    rows = [[n, *(float(v[i]) for _, v in series)] for i, n in enumerate(names)]
    table = Table(name, title, [label, *_heads(series, y_label)], rows)
    return Figure(Drawing(WIDTH, HEIGHT, tuple(marks)), table, about)


def _every(names: Sequence[str], width: float) -> int:
    """Return n, so that every n-th name fits into `width`."""
    longest = LETTER * max(map(len, names), default=1)
    return max(1, round(longest * 1.25 * max(len(names), 1) / width + 0.49))


def _columns(values: Sequence[float], k: int, of: int, across: Scale, up: Scale) -> list[Mark]:
    """Return the columns of series number `k` of `of`."""
    count = len(values)
    each = 0.8 / of
    x = across(np.arange(count) + 0.1 + k * each)
    y = up(np.nan_to_num(np.asarray(values, np.float64)))
    wide = (across.end - across.begin) / max(count, 1) * each
    bottom = up.begin
    boxes = np.stack([x, y, np.full(count, wide), bottom - y], 1)
    marks: list[Mark] = [Boxes(boxes, SERIES[k], 0.45 if k else 0.85)]
    if k and count <= MAX_OUTLINED:
        outlines = [_outline(a, b, wide, bottom) for a, b in zip(x, y, strict=True)]
        marks += [Path(outline, SERIES[k], 1) for outline in outlines]
    return marks


def matrix(
    name: str,
    title: str,
    about: str,
    label: str,
    names: Sequence[str],
    panels: Sequence[tuple[str, Array]],
) -> Figure:
    """Return square matrices side by side; darker means more, each on its own scale."""
    left, top = 30.0, 26.0
    side = (WIDTH - RIGHT - left) / 2 - 12
    marks = list[Mark]()
    for k, (panel, values) in enumerate(panels):
        marks += _panel(panel, values, names, left + k * (side + 24), top, side, k)
    marks.append(Text(WIDTH / 2, top + side + 30, label, "middle"))
    rows = [
        [n, to, *(float(v[i][j]) for _, v in panels)]
        for i, n in enumerate(names)
        for j, to in enumerate(names)
    ]
    table = Table(name, title, ["from", "to", *(p for p, _ in panels)], rows)
    return Figure(Drawing(WIDTH, top + side + 38, tuple(marks)), table, about)


def _panel(
    title: str, values: Array, names: Sequence[str], left: float, top: float, side: float, k: int
) -> list[Mark]:
    """Return one matrix with names under it, and for the first also to its left."""
    size = max(len(names), 1)
    cell = side / size
    share = np.nan_to_num(np.asarray(values, np.float64))
    share = (share / (share.max() or 1.0)).reshape(-1)
    row, column = (place.reshape(-1) for place in np.indices((size, size)))
    sides = np.full(size**2, cell)
    at = np.stack([left + column * cell, top + row * cell, sides, sides], 1)
    marks: list[Mark] = [
        Text(left, 16, title),
        Boxes(np.array([[left, top, side, side]]), "shade"),
        *(Boxes(at[mask], SERIES[k], opacity) for opacity, mask in _levels(share)),
    ]
    every = max(1, round(9.0 * max(map(len, names), default=1) / cell + 0.4))
    for i, name in list(enumerate(names))[::every]:
        place = (i + 0.5) * cell
        marks.append(Text(left + place, top + side + 12, name, "middle", "faint", 9))
        if k == 0:
            marks.append(Text(left - 3, top + place + 3, name, "end", "faint", 9))
    return marks


def _heads(series: Sequence[Series], label: str) -> list[str]:
    """Return a column name for each series, with its name if there are several."""
    return [f"{name}: {label}" if len(series) > 1 else label for name, _ in series]


def _finite(values: Any) -> Array:
    known = np.asarray([np.nan if v is None else v for v in values], np.float64)
    return np.asarray(known[np.isfinite(known)], np.float64)


def _limits(values: Array) -> tuple[float, float]:
    """Return the limits of the bins; extreme values, beyond 1 and 99 %, may lie outside."""
    if not len(values):
        return 0.0, 1.0
    low = float(values.min())
    high = float(values.max())
    inner = np.percentile(values, [1, 99])
    if high > low and (inner[1] - inner[0]) < 0.5 * (high - low) and inner[1] > inner[0]:
        low = float(inner[0])
        high = float(inner[1])
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _steps(edges: Array, heights: Array, bottom: float, role: str, filled: bool) -> list[Mark]:
    """Return the outline of a histogram: filled, or dashed."""
    outline = points(
        np.repeat(edges, 2), np.concatenate([[bottom], np.repeat(heights, 2), [bottom]])
    )
    if filled:
        return [Path(outline, role, 1, fill=0.4)]
    return [Path(outline, role, 2, DASHES[role])]


def _outline(x: float, y: float, width: float, bottom: float) -> Array:
    return points([x, x, x + width, x + width], [bottom, y, y, bottom])


def _levels(share: Array) -> list[tuple[float, Array]]:
    """Return (opacity, mask of the cells) for ten steps of darkness."""
    step = np.ceil(share * 10).astype(int)
    return [(k / 10, step == k) for k in range(1, 11) if (step == k).any()]
