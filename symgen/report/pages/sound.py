"""The page of a model of raw audio: its bits a sample beside counting, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symgen.evaluation.sound import NAMES, price, verdict
from symgen.evaluation.verdict import Answer
from symgen.report.figure import Table
from symgen.report.page import Page, Part, Section, Verdict, Words
from symgen.report.plotting import charts

HOW = (
    "A bit is the base 2 logarithm of the probability that a model gives to a held-out sample; "
    "fewer are better. Each excerpt of two seconds begins with nothing before it. The unigram uses "
    "only frequencies, the n-gram of order 2 also the sample before."
)


def page(document: Mapping[str, Any]) -> Page:
    """Return the page of an evaluation (`symgen.evaluation.sound`)."""
    found, cost = document["bits"], document["cost"]
    better = found["model"] < min(value for key, value in found.items() if key != "model")
    answers = [Answer("Is it better than counting?", "Yes" if better else "No", verdict(document))]
    if said := price(cost):
        answers.append(Answer("What does it take?", "", said))
    rows = sorted(found.items(), key=lambda item: item[1])
    about = ", ".join(f"{NAMES[key]} {value:.3f}" for key, value in rows)
    bars = [(NAMES[key], value, None, None) for key, value in rows]
    figure = charts.bars("bits", "Bits a sample", f"{about}.", "bits a sample", bars)
    parts: list[Part] = [Words(HOW, "faint"), figure]
    if len(document["fields"]) > 1:
        cells = [[name, value] for name, value in document["fields"].items()]
        parts.append(Table("fields", "By field", ["field", "bits"], cells))
    facts = [
        ["encoding", ", ".join(f"{k} {v}" for k, v in document["model"]["encoding"].items())],
        ["model", ", ".join(f"{k} {v}" for k, v in document["model"]["model"].items())],
        ["weights", document["model"]["parameters"]],
        ["hours of training", document["data"]["hours"]["train"]],
        ["hours held out", document["data"]["hours"]["eval"]],
        ["samples scored", document["scored"]],
        ["samples scored a second of one core", cost["scored_per_cpu_second"]],
    ]
    table = Table("facts", "Model and data", ["what", "value"], facts)
    return Page(
        f"Raw audio: {document['model']['name']}",
        [Verdict(answers)],
        [Section("Likelihood", parts), Section("Model and data", [table])],
    )
