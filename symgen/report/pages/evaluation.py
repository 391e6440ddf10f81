"""The page of an evaluation: a section for each part that its document holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from symgen.evaluation.document import Evaluation
from symgen.evaluation.text import plain
from symgen.report.figure import Figure, Table
from symgen.report.page import Code, Page, Part, Section, Words
from symgen.report.pages.samples import samples
from symgen.report.pages.statistics import originality, statistics
from symgen.report.plotting import charts
from symgen.report.plotting.axes import number

Part_ = Mapping[str, Any]
MODELS = {"network": "network", "ngram": "n-gram", "unigram": "unigram", "repeat": "repeat last"}
MEASURES = {
    "nats_per_note": "nats per note",
    "nats_per_second": "nats per second",
    "nats_per_event": "nats per event",
    "windows": "nats per event, in windows of 512",
    "windows_carried": "of the same events, the state carried",
}


def page(made: Evaluation) -> Page:
    """Return the page of an evaluation, or of a comparison of two folders."""
    document, sections = made.document, list[Section]()
    model, likely = document.get("model"), document.get("likelihood")
    if model:
        sections.append(Section("Model and data", [_facts(document)]))
        sections += (
            [Section("Training", training(model))]
            if model.get("curve") or model["training"].get("gap")
            else []
        )
    sections += [Section("Likelihood", likelihood(likely))] if likely else []
    if made.music:
        sections.append(Section("Samples", samples(document.get("samples", []), made.music)))
    if document.get("statistics"):
        sections.append(Section("Musical statistics", statistics(document["statistics"])))
    if document.get("originality"):
        sections.append(Section("Originality", originality(document["originality"])))
    if document.get("recipe"):
        sections.append(Section("Recipe", recipe(document["recipe"])))
    return Page(_title(document), _lead(document), sections)


def _title(document: Part_) -> str:
    if document.get("model"):
        return f"What {document['model']['name']} is worth"
    sides = document.get("statistics", {})
    return (
        " against ".join(str(sides[k]["name"]) for k in ("a", "b") if sides.get(k)) or "Evaluation"
    )


def _lead(document: Part_) -> list[Words]:
    verdicts = [(document.get(part) or {}).get("verdict") for part in ("likelihood", "originality")]
    said = [
        Words(f"{verdict[0].upper()}{verdict[1:].rstrip('.')}.", "verdict")
        for verdict in verdicts
        if verdict
    ]
    return said + [Words(line, "warning") for line in document.get("data", {}).get("warnings", [])]


def _facts(document: Part_) -> Table:
    model, data = document["model"], document.get("data") or {}
    report = model["training"]
    corpora = "; ".join(
        f"{c.get('title') or c.get('name')} ({c.get('licence') or 'licence unknown'})"
        for c in model["corpora"]
    )
    weights = f"{report['parameters']:,}" if report.get("parameters") else "–"
    rows = [
        ["model", layers(model["model"])],
        ["weights" if trained(model) else "grams", weights],
        ["encoding", model["encoding"]["name"]],
        ["controls", ", ".join(model["controls"]) or "none"],
        ["trained on", corpora or "unknown"],
    ]
    if report.get("step"):
        taken = (
            f"{report['step']:,} steps" if trained(model) else f"counted, order {report['step']}"
        )
        rows.append(["training", f"{taken}, {number(report.get('seconds', 0) / 60, 3)} minutes"])
    for half, name in (("train", "training half"), ("eval", "held-out half")):
        held = (data.get("halves") or {}).get(half) or report.get(half) or {}
        minutes = f", {held['seconds'] / 60:,.0f} minutes" if held.get("seconds") else ""
        rows.append(
            [name, f"{held.get('pieces', 0):,} pieces{minutes}, {held.get('events', 0):,} events"]
        )
    return Table("facts", "What was evaluated", ["fact", "value"], rows)


def trained(model: Part_) -> bool:
    """Say whether the model learned step by step; one that is counted has a line of its curve for each order."""
    return bool(model["model"].get("layers"))


def layers(table: Part_) -> str:
    """Return a model's table in a few words."""
    named = ", ".join(f"{layer['cell']} {layer['units']}" for layer in table.get("layers", []))
    return (
        f"{table['name']}: {named}"
        if named
        else ", ".join([str(table["name"]), *(f"{k} {v}" for k, v in table.items() if k != "name")])
    )


def training(model: Part_) -> list[Part]:
    """Return the curve of the training, and how far the halves lie apart."""
    parts: list[Part] = []
    report, rows = model["training"], model.get("curve") or []
    if rows:
        best, what = (
            min(rows, key=lambda row: row["held_out"]),
            "step" if trained(model) else "order",
        )
        level = [("unigram", report["unigram"])] if report.get("unigram") else []
        about = (
            f"Held out it is best at {what} {best['step']:,} with {number(best['held_out'])} nats per event, after "
            f"{number(rows[0]['held_out'])} at {what} {rows[0]['step']:,}."
        )
        series = [("held out", [row["held_out"] for row in rows])]
        if any(row.get("train") is not None for row in rows):
            series.append(("training", [_nan(row.get("train")) for row in rows]))
            about += " The loss in training is of augmented music, with dropout."
        parts.append(
            charts.lines(
                "training",
                "Training curve",
                about,
                what,
                "nats per event",
                [row["step"] for row in rows],
                series,
                level,
            )
        )
    if gap := report.get("gap"):
        more = number(gap["held_out"] - gap["train"])
        parts.append(
            Words(
                f"The gap between the halves: {number(gap['train'])} nats per event on a like share of the training half, "
                f"{number(gap['held_out'])} on the held-out half, {more} more. {gap.get('said', '')}"
            )
        )
    return parts


def likelihood(part: Part_) -> list[Part]:
    """Return the likelihood beside the baselines, by kind of event, calibration and place in the piece."""
    rows = [(label, part[key]) for key, label in MODELS.items() if part.get(key)]
    unit = "note" if all(scored.get("nats_per_note") for _, scored in rows) else "event"
    bars = [(label, *_interval(scored[f"nats_per_{unit}"])) for label, scored in rows]
    said = ", ".join(f"{label} {number(value)}" for label, value, *_ in bars)
    parts: list[Part] = [
        Words(
            "Held-out music, whole pieces, the state carried through; fewer nats are better. Intervals: 95 %, over pieces.",
            "faint",
        ),
        charts.bars(
            "likelihood",
            f"Nats per {unit}, beside the baselines",
            f"{said}.",
            f"nats per {unit}",
            bars,
        ),
    ]
    first = rows[0][1] if rows else {}
    parts += _shape(first)
    parts += _kinds(rows)
    columns = [name for key, name in MEASURES.items() if any(key in scored for _, scored in rows)]
    keys = [key for key, name in MEASURES.items() if name in columns]
    parts.append(
        Table(
            "likelihood-measures",
            "By three measures of music",
            ["model", *columns],
            [[label, *(_spelled(scored.get(key)) for key in keys)] for label, scored in rows],
        )
    )
    fields = first.get("fields") or {}
    if len(fields) > 1:
        told = [
            [label, *(_interval(scored["fields"].get(f))[0] for f in fields)]
            for label, scored in rows
            if scored.get("fields")
        ]
        parts.append(
            Table(
                "likelihood-fields",
                "By field",
                ["model", *(f"{plain(f)}, nats" for f in fields)],
                told,
            )
        )
    return parts


def _shape(scored: Part_) -> list[Figure]:
    made = []
    if some := [row for row in scored.get("calibration") or [] if row.get("count")]:
        x = [100 * row["p"] for row in some]
        about = "What the model held to be likeliest, and how often it came; on the diagonal it is neither too sure nor too shy."
        about += (
            f" The expected calibration error is {number(100 * scored['ece'], 3)} points."
            if scored.get("ece") is not None
            else ""
        )
        made.append(
            charts.lines(
                "calibration",
                "Calibration",
                about,
                "probability given (%)",
                "share that came (%)",
                x,
                [("model", [100 * row["share"] for row in some]), ("perfect", x)],
            )
        )
    if some := scored.get("position") or []:
        x = [100 * _middle(row) for row in some]
        made.append(
            charts.lines(
                "position",
                "Loss over the piece",
                f"From {number(some[0]['nats'])} nats per event at the beginning to "
                f"{number(some[-1]['nats'])} at the end of a piece.",
                "place in the piece (%)",
                "nats per event",
                x,
                [("model", [_nan(row["nats"]) for row in some])],
            )
        )
    if some := scored.get("from_the_beginning") or []:
        names = [_ages(row["event"], i + 1 == len(some)) for i, row in enumerate(some)]
        made.append(
            charts.columns(
                "beginning",
                "Loss by what was heard before",
                f"From {number(some[0]['nats'])} nats for the first event "
                f"to {number(some[-1]['nats'])} where {names[-1]} events went before.",
                "events heard before",
                "nats per event",
                names,
                [("model", [row["nats"] for row in some])],
            )
        )
    return made


def _ages(event: int, last: bool) -> str:
    """Return the events of a bin that begins with `event`; each reaches to four times it."""
    return "0" if not event else f"{event}+" if last else f"{event}–{4 * event - 1}"


def _kinds(rows: list[tuple[str, Any]]) -> list[Part]:
    kinds = [kind for kind, row in (rows[0][1].get("kinds") or {}).items() if row] if rows else []
    if not kinds:
        return []
    having = [(label, scored["kinds"]) for label, scored in rows if scored.get("kinds")]
    series = [
        (label, [_nan(_interval((table.get(k) or {}).get("nats"))[0]) for k in kinds])
        for label, table in having
    ]
    names = [plain(k) for k in kinds]
    worst = max(zip(series[0][1], names, strict=True))
    about = f"Nats of one value of each kind; of the {having[0][0]} the dearest is {worst[1]} with {number(worst[0])}."
    table = [
        [n, 100 * (having[0][1][k].get("share") or 0), *(values[i] for _, values in series)]
        for i, (n, k) in enumerate(zip(names, kinds, strict=True))
    ]
    made = charts.columns(
        "kinds", "By kind of event", about, "kind of event", "nats per event", names, series[:3]
    )
    heads = ["kind of event", "share (%)", *(f"{label} (nats per event)" for label, _ in series)]
    return [dataclasses.replace(made, table=Table("kinds", made.title, heads, table))]


def recipe(part: Part_) -> list[Part]:
    """Return what made the model and this page."""
    parts: list[Part] = []
    if part.get("command"):
        parts.append(Code("Command of this report", str(part["command"])))
    if part.get("training"):
        parts.append(Code("Command of the training", str(part["training"])))
    versions = ", ".join(f"{name} {version}" for name, version in part.get("versions", {}).items())
    options = ", ".join(f"{k} {v}" for k, v in part.get("options", {}).items() if v is not None)
    trained = f"trained with {part['trained_with']}" if part.get("trained_with") else ""
    said = [f"Evaluated with {versions}" if versions else "", trained, options]
    parts.append(Words("; ".join(s for s in said if s) + "."))
    if part.get("config"):
        parts.append(Code("Config of the training, as resolved", part["config"]))
    return parts


def _interval(value: Any) -> tuple[float, float | None, float | None]:
    """Return (value, low, high) of a figure with or without an interval; NaN where there is none."""
    if isinstance(value, list | tuple):
        return (_nan(value[0]), *(value[1:3] if len(value) > 2 else (None, None)))
    return _nan(value), None, None


def _spelled(value: Any) -> str:
    middle, low, high = _interval(value)
    return number(middle) + (f" ({number(low)} to {number(high)})" if low is not None else "")


def _middle(row: Part_) -> float:
    place = next(v for k, v in row.items() if k not in ("nats", "count", "events"))
    return float(sum(place) / len(place)) if isinstance(place, list | tuple) else float(place)


def _nan(value: Any) -> float:
    return float("nan") if value is None else float(value)
