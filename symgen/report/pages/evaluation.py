"""The page of an evaluation: the verdict, music to listen to, then a section for each part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symgen.evaluation.document import Evaluation
from symgen.evaluation.verdict import answers
from symgen.report.figure import Figure, Table
from symgen.report.page import Code, Page, Part, Section, Verdict, Words
from symgen.report.pages.likelihood import likelihood, nan
from symgen.report.pages.originality import originality
from symgen.report.pages.samples import samples
from symgen.report.pages.statistics import statistics
from symgen.report.plotting import charts
from symgen.report.plotting.axes import number

Facts = Mapping[str, Any]


def page(made: Evaluation) -> Page:
    """Return the page of an evaluation, or of a comparison of two sets of music."""
    document, sections = made.document, list[Section]()
    model = document.get("model")
    if made.music:
        rows = document.get("samples", [])
        reference = document.get("reference")
        players = samples(rows, made.music, reference, made.reference)
        sections.append(Section("Listen", players))
    if part := document.get("likelihood"):
        sections.append(Section("Likelihood on held-out music", likelihood(part)))
    if part := document.get("statistics"):
        name = "Samples and real music" if model else "Musical statistics"
        sections.append(Section(name, statistics(part)))
    if part := document.get("originality"):
        sections.append(Section("Copied passages", originality(part)))
    if model:
        sections.append(Section("The model and its data", [_facts(document)]))
        if found := training(model):
            sections.append(Section("Training", found))
    if part := document.get("recipe"):
        sections.append(Section("How to make this again", recipe(part)))
    return Page(_title(document), _lead(document), sections)


def _title(document: Facts) -> str:
    if document.get("model"):
        return f"Evaluation of {document['model']['name']}"
    sets = [document["statistics"][k]["name"] for k in "ab" if k in document.get("statistics", {})]
    if len(sets) == 1:
        return f"Musical statistics of {sets[0]}"
    return " compared with ".join(map(str, sets)) or "Evaluation"


def _lead(document: Facts) -> list[Words | Verdict]:
    found = answers(document)
    lead: list[Words | Verdict] = [Verdict(found)] if found else []
    warnings = (document.get("data") or {}).get("warnings", [])
    return [*lead, *(Words(line, "warning") for line in warnings)]


def _facts(document: Facts) -> Table:
    model = document["model"]
    corpora = "; ".join(_corpus(corpus) for corpus in model["corpora"])
    parameters = model["training"].get("parameters")
    rows = [
        ["model", layers(model["model"])],
        ["weights" if trained(model) else "n-grams", f"{parameters:,}" if parameters else "–"],
        ["encoding", model["encoding"]["name"]],
        ["controls", ", ".join(model["controls"]) or "none"],
        ["trained on", corpora or "unknown"],
        *_effort(model),
        ["training split", _split(document, "train")],
        ["held-out split", _split(document, "eval")],
    ]
    return Table("facts", "What was evaluated", ["fact", "value"], rows)


def _corpus(facts: Facts) -> str:
    licence = facts.get("licence") or "licence unknown"
    return f"{facts.get('title') or facts.get('name')} ({licence})"


def _effort(model: Facts) -> list[list[str]]:
    report = model["training"]
    if not report.get("step"):
        return []
    steps = f"{report['step']:,} steps" if trained(model) else f"counted, order {report['step']}"
    return [["training", f"{steps}, {number(report.get('seconds', 0) / 60, 3)} minutes"]]


def _split(document: Facts, split: str) -> str:
    halves = (document.get("data") or {}).get("halves") or {}
    held = halves.get(split) or document["model"]["training"].get(split) or {}
    minutes = f", {held['seconds'] / 60:,.0f} minutes" if held.get("seconds") else ""
    return f"{held.get('pieces', 0):,} pieces{minutes}, {held.get('events', 0):,} events"


def trained(model: Facts) -> bool:
    """Return whether the model was trained in steps; an n-gram has a row per order instead."""
    return bool(model["model"].get("layers"))


def layers(table: Facts) -> str:
    """Return the table of a model in a few words."""
    named = ", ".join(f"{layer['cell']} {layer['units']}" for layer in table.get("layers", []))
    if named:
        return f"{table['name']}: {named}"
    options = [f"{key} {value}" for key, value in table.items() if key != "name"]
    return ", ".join([str(table["name"]), *options])


def training(model: Facts) -> list[Part]:
    """Return the training curve, and the gap between the training and the held-out split."""
    parts: list[Part] = [_curve(model)] if model.get("curve") else []
    if gap := model["training"].get("gap"):
        more = number(gap["held_out"] - gap["train"])
        parts.append(
            Words(
                f"Nats per event are {number(gap['train'])} on a part of the training split and "
                f"{number(gap['held_out'])} on the held-out split, {more} more. "
                f"{gap.get('message', gap.get('said', ''))}"
            )
        )
    return parts


def _curve(model: Facts) -> Figure:
    rows = model["curve"]
    report = model["training"]
    best = min(rows, key=lambda row: row["held_out"])
    unit = "step" if trained(model) else "order"
    about = (
        f"The best held-out value is {number(best['held_out'])} nats per event, at {unit} "
        f"{best['step']:,}; at {unit} {rows[0]['step']:,} it was {number(rows[0]['held_out'])}."
    )
    series = [("held out", [row["held_out"] for row in rows])]
    if any(row.get("train") is not None for row in rows):
        series.append(("training", [nan(row.get("train")) for row in rows]))
        about += " The training loss includes augmentation and dropout."
    level = [("unigram", report["unigram"])] if report.get("unigram") else []
    steps = [row["step"] for row in rows]
    return charts.lines(
        "training", "Training curve", about, unit, "nats per event", steps, series, level
    )


def recipe(part: Facts) -> list[Part]:
    """Return the commands, versions and config that made the model and this page."""
    parts: list[Part] = []
    if part.get("command"):
        parts.append(Code("Command of this report", str(part["command"])))
    if part.get("training"):
        parts.append(Code("Command of the training", str(part["training"])))
    versions = ", ".join(f"{name} {version}" for name, version in part.get("versions", {}).items())
    known = {k: v for k, v in part.get("options", {}).items() if v is not None}
    options = ", ".join(f"{name} {value}" for name, value in known.items())
    facts = [
        f"Evaluated with {versions}" if versions else "",
        f"trained with {part['trained_with']}" if part.get("trained_with") else "",
        options,
    ]
    parts.append(Words("; ".join(fact for fact in facts if fact) + "."))
    if part.get("config"):
        parts.append(Code("Training config, resolved", part["config"]))
    return parts
