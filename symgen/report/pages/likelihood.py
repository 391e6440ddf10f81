"""The section on likelihood: the model compared with the baselines."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from symgen.evaluation.text import plain
from symgen.report.figure import Figure, Table
from symgen.report.page import Folded, Part, Words
from symgen.report.plotting import charts
from symgen.report.plotting.axes import number

Facts = Mapping[str, Any]
Rows = Sequence[tuple[str, Facts]]  # (name of the model, its figures)

MODELS = {"network": "network", "ngram": "n-gram", "unigram": "unigram", "repeat": "repeat last"}
MEASURES = {
    "nats_per_note": "nats per note",
    "nats_per_second": "nats per second",
    "nats_per_event": "nats per event",
    "windows": "nats per event, in windows of 512",
    "windows_carried": "the same events, state carried",
}
HOW = (
    "Nats are the natural logarithm of the probability that a model gives to held-out music; fewer "
    "are better. Pieces are scored whole, with the state carried through. Intervals are 95 %, over "
    "pieces."
)


def likelihood(part: Facts) -> list[Part]:
    """Return the comparison with the baselines, calibration, and where the nats are spent."""
    rows = [(label, part[key]) for key, label in MODELS.items() if part.get(key)]
    first = rows[0][1] if rows else {}
    tables = [_measures(rows)]
    if len(first.get("fields") or {}) > 1:
        tables.append(_fields(rows, list(first["fields"])))
    return [
        Words(HOW, "faint"),
        _bars(rows),
        *_calibration(first.get("calibration") or [], first.get("ece")),
        *_position(first.get("position") or []),
        *_beginning(first.get("from_the_beginning") or []),
        *_kinds(rows),
        Folded("All measures", tables),
    ]


def _bars(rows: Rows) -> Figure:
    unit = "note" if all(scored.get("nats_per_note") for _, scored in rows) else "event"
    bars = [(label, *interval(scored[f"nats_per_{unit}"])) for label, scored in rows]
    about = ", ".join(f"{label} {number(value)}" for label, value, *_ in bars)
    title = f"Nats per {unit}, compared with the baselines"
    return charts.bars("likelihood", title, f"{about}.", f"nats per {unit}", bars)


def _measures(rows: Rows) -> Table:
    keys = [key for key in MEASURES if any(key in scored for _, scored in rows)]
    cells = [[label, *(_spelled(scored.get(key)) for key in keys)] for label, scored in rows]
    heads = ["model", *(MEASURES[key] for key in keys)]
    return Table("likelihood-measures", "Per note, second and event", heads, cells)


def _fields(rows: Rows, fields: Sequence[str]) -> Table:
    cells = [
        [label, *(interval(scored["fields"].get(field))[0] for field in fields)]
        for label, scored in rows
        if scored.get("fields")
    ]
    heads = ["model", *(f"{plain(field)} (nats)" for field in fields)]
    return Table("likelihood-fields", "By field", heads, cells)


def _calibration(rows: Sequence[Facts], error: float | None) -> list[Figure]:
    some = [row for row in rows if row.get("count")]
    if not some:
        return []
    about = (
        "The probability that the model gave to its first choice, and how often it was right. On "
        "the diagonal the model is neither too sure nor too unsure."
    )
    if error is not None:
        about += f" The expected calibration error is {number(100 * error, 3)} points."
    given = [100 * row["p"] for row in some]
    right = [100 * row["share"] for row in some]
    x, y = "probability given (%)", "share that was right (%)"
    series = [("model", right), ("perfect", given)]
    return [charts.lines("calibration", "Calibration", about, x, y, given, series)]


def _position(rows: Sequence[Facts]) -> list[Figure]:
    if not rows:
        return []
    about = (
        f"From {number(rows[0]['nats'])} nats per event at the beginning of a piece to "
        f"{number(rows[-1]['nats'])} at its end."
    )
    places = [100 * _middle(row) for row in rows]
    series = [("model", [nan(row["nats"]) for row in rows])]
    x, y = "place in the piece (%)", "nats per event"
    return [charts.lines("position", "Nats through the piece", about, x, y, places, series)]


def _beginning(rows: Sequence[Facts]) -> list[Figure]:
    if not rows:
        return []
    names = [_ages(row["event"], i + 1 == len(rows)) for i, row in enumerate(rows)]
    about = (
        f"From {number(rows[0]['nats'])} nats for the first event to {number(rows[-1]['nats'])} "
        f"after {names[-1]} events."
    )
    series = [("model", [row["nats"] for row in rows])]
    heading, x = "Nats by the length of the context", "events before"
    return [charts.columns("beginning", heading, about, x, "nats per event", names, series)]


def _ages(event: int, last: bool) -> str:
    """Return the name of the bin that begins with `event` and ends at four times it."""
    if not event:
        return "0"
    return f"{event}+" if last else f"{event}–{4 * event - 1}"


def _kinds(rows: Rows) -> list[Figure]:
    by_kind = rows[0][1].get("kinds") or {} if rows else {}
    kinds = [kind for kind, row in by_kind.items() if row]
    if not kinds:
        return []
    known = [(label, scored["kinds"]) for label, scored in rows if scored.get("kinds")]
    series = [
        (label, [nan(interval((table.get(kind) or {}).get("nats"))[0]) for kind in kinds])
        for label, table in known
    ]
    names = [plain(kind) for kind in kinds]
    most, worst = max(zip(series[0][1], names, strict=True))
    about = f"The {known[0][0]} is worst at {worst} events ({number(most)} nats)."
    made = charts.columns(
        "kinds", "By kind of event", about, "kind of event", "nats per event", names, series[:3]
    )
    heads = ["kind of event", "share (%)", *(f"{label} (nats per event)" for label, _ in series)]
    shares = [100 * (known[0][1][kind].get("share") or 0) for kind in kinds]
    cells = [
        [name, share, *(values[i] for _, values in series)]
        for i, (name, share) in enumerate(zip(names, shares, strict=True))
    ]
    return [dataclasses.replace(made, table=Table("kinds", made.title, heads, cells))]


def interval(value: Any) -> tuple[float, float | None, float | None]:
    """Return (value, low, high) of a figure with or without an interval; NaN if it is None."""
    if not isinstance(value, list | tuple):
        return nan(value), None, None
    if len(value) < 3:
        return nan(value[0]), None, None
    return nan(value[0]), value[1], value[2]


def _spelled(value: Any) -> str:
    middle, low, high = interval(value)
    return number(middle) + (f" ({number(low)} to {number(high)})" if low is not None else "")


def _middle(row: Facts) -> float:
    low, high = row["share"]
    return float(low + high) / 2


def nan(value: Any) -> float:
    """Return a number, NaN for None."""
    return float("nan") if value is None else float(value)
