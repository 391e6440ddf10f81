"""The card of a model: what it is, its training music and the licence, its scores, how to use it.

`card` collects it from a bundle, `text` and `markdown` format it. Figures that a bundle does not
record are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symgen.bundle import licences
from symgen.bundle.bundle import Bundle
from symgen.bundle.info import TrainingReport
from symgen.errors import counted, printable
from symgen.pretrained import name_of, pretrained

TITLES = {
    "what": "what it is",
    "data": "trained on",
    "licence": "licence of the weights",
    "commercial": licences.QUESTION,
    "held_out": "on held-out music",
    "trained": "training",
    "copies": "longest copies",
    "size": "size",
    "plays_in": "plays in",
    "sample": "to play it",
    "fine_tune": "to fine-tune it",
}


def card(bundle: Bundle) -> dict[str, Any]:
    """Return the card as a document of plain JSON."""
    info, training = bundle.record, bundle.training
    shipped = name_of(bundle.path)
    named = shipped or bundle.path.as_posix()
    corpora = [dict(c) for c in info.corpora]
    answer = licences.commercial(corpora)
    return {
        "name": shipped or bundle.name,
        "ships_with_symgen": shipped is not None,
        "about": _about(bundle, shipped),
        "what": _what(bundle),
        "corpora": corpora,
        "licence": licences.of_weights(corpora),
        "commercial": {"answer": answer.answer, "reason": answer.reason},
        "reading": licences.READING,
        "held_out": _held_out(training),
        "trained": _trained(training),
        "copies": training.evaluated.copies,
        "bytes": bundle.path.stat().st_size,
        "precisions": list(bundle.precisions),
        "sample": f"symgen sample {named}",
        "fine_tune": _fine_tune(bundle, named),
    }


def text(card: Mapping[str, Any]) -> str:
    """Return a card as lines for a terminal."""
    width = max(len(title) for title in TITLES.values())
    rows = [f"{title:>{width}}  {line}" for title, line in _rows(card)]
    return "\n".join([f"{card['name']}: {card['about']}", *rows])


def markdown(card: Mapping[str, Any]) -> str:
    """Return a card as a page of Markdown."""
    rows = [f"| {title} | {line.replace('|', '/')} |" for title, line in _rows(card)]
    head = [f"# {card['name']}", "", f"{card['about']}.", "", "| | |", "|---|---|"]
    return "\n".join([*head, *rows, ""])


def source_line(bundle: Bundle) -> str:
    """Return a line about the model that is used: its file, its training music, its licence."""
    corpora = bundle.record.corpora
    if name := name_of(bundle.path):
        licence = licences.of_weights(corpora)
        return f"model {name} (ships with symgen): {pretrained[name].about}, {licence}"
    synthetic = {True: " (synthetic)", False: ""}
    names = [f"{c['name']}{synthetic[bool(c.get('synthetic'))]}" for c in corpora if "name" in c]
    return f"model {bundle.path}" + (f": trained on {', '.join(names)}" if names else "")


def _rows(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (title, line) of each fact that is known."""
    copies = card["copies"]
    trained = card["trained"]
    known = {
        "what": card["what"],
        "data": _data(card["corpora"]),
        "licence": card["licence"],
        "commercial": f"{card['commercial']['reason']} ({card['reading']})",
        "held_out": _scores(card["held_out"]),
        "trained": _span(trained),
        "copies": copies and _copied(copies),
        "size": f"{card['bytes'] / 1e6:.1f} MB",
        "plays_in": ", ".join(card["precisions"]),
        "sample": card["sample"],
        "fine_tune": card["fine_tune"],
    }
    return [(TITLES[key], printable(line)) for key, line in known.items() if line]


def _about(bundle: Bundle, shipped: str | None) -> str:
    if shipped:
        return pretrained[shipped].about
    own = bundle.training.config.get("about")
    return printable(own) if own else f"a model of `{bundle.record.encoding.get('name')}` music"


def _what(bundle: Bundle) -> str:
    info, numbers = bundle.record, bundle.training.parameters
    layers = [f"{layer.get('cell', 'lstm')} {layer['units']}" for layer in _layers(info.model)]
    parts = layers or [str(info.model.get("name"))]
    if info.model.get("head") == "chained":
        parts.append("chained head")
    counted_in = "grams" if bundle.counted else "weights"
    controls = ", ".join(str(c.get("name")) for c in info.controls)
    known = (
        f"encoding {info.encoding.get('name')}",
        ", ".join(parts),
        numbers and f"{numbers:,} {counted_in}",
        controls and f"conditioned on {controls}",
    )
    return "; ".join(part for part in known if part)


def _layers(model: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [layer for layer in model.get("layers", []) if "units" in layer]


def _data(corpora: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(map(_set, corpora)) or "unknown"


def _set(corpus: Mapping[str, Any]) -> str:
    parts = [str(corpus.get("licence") or "licence unknown")]
    if corpus.get("synthetic"):
        parts.append("synthetic")
    if corpus.get("from"):
        parts.append(f"through {corpus['from']}")
    return f"{corpus.get('title') or corpus.get('name')} ({', '.join(parts)})"


def _held_out(training: TrainingReport) -> dict[str, Any]:
    """Return [value, low, high] of each score that is recorded; low and high may be None."""
    out: dict[str, Any] = {}
    for key in ("nats_per_note", "nats_per_second"):
        if interval := getattr(training.evaluated, key):
            out[key] = list(interval)
        elif (value := getattr(training.score, key)) is not None:
            out[key] = [value, None, None]
    return out | {"pieces": training.eval.pieces} if out else {}


def _scores(held: Mapping[str, Any]) -> str:
    words = {"nats_per_note": "per note", "nats_per_second": "per second"}
    parts = [_score(held[key], what) for key, what in words.items() if key in held]
    if parts and held.get("pieces"):
        parts.append(f"of {counted(held['pieces'], 'piece')}")
    return ", ".join(parts)


def _score(measured: Sequence[float | None], what: str) -> str:
    value, low, high = measured
    interval = "" if low is None else f" (95 %: {low:.4g} to {high:.4g})"
    return f"{value:.4g} nats {what}{interval}"


def _trained(training: TrainingReport) -> dict[str, Any]:
    seconds = training.seconds
    return {
        "hours": None if seconds is None else round(seconds / 3600, 3),
        "machine": training.machine,
        "pieces": training.train.pieces,
        "events": training.train.events,
    }


def _span(trained: Mapping[str, Any]) -> str:
    """Return the time, the machine and the size of the training data."""
    hours = trained["hours"]
    pieces = trained["pieces"]
    events = trained["events"]
    parts = []
    if hours is not None:
        span = f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.1f} minutes"
        parts.append(span + (f" on {trained['machine']}" if trained["machine"] else ""))
    if pieces and events:
        parts.append(f"{counted(pieces, 'piece')}, {counted(events, 'event')}")
    return "; ".join(parts)


def _copied(copies: Mapping[str, Any]) -> str:
    """Return how many consecutive notes its samples copy from the training music."""
    text = f"{copies['median']:g} notes in a row (median of samples; {copies['most']:g} at most)"
    if real := copies.get("held_out"):
        text += f", of held-out music {real['median']:g} ({real['most']:g} at most)"
    return text


def _fine_tune(bundle: Bundle, named: str) -> str:
    if bundle.counted:
        return ""
    if "weights.npz" not in bundle.record.checksums:
        return "not possible: it was slimmed for playing"
    return f"symgen train --from {named} FOLDER"
