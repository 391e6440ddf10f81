"""The card of a model: what it is, what music it learned from and what follows, what it is worth.

`card` gathers it from a bundle, `text` and `markdown` write it. Figures that a bundle does not hold
are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symgen.bundle import licences
from symgen.bundle.bundle import Bundle
from symgen.errors import counted
from symgen.pretrained import name_of, pretrained

TITLES = {
    "what": "what it is",
    "data": "trained on",
    "licence": "licence of the weights",
    "commercial": "may I use it commercially?",
    "held_out": "on held-out music",
    "trained": "training",
    "copies": "longest copies",
    "size": "size",
    "plays_in": "plays in",
    "sample": "to play it",
    "fine_tune": "to fine-tune it",
}


def card(bundle: Bundle) -> dict[str, Any]:
    """Return the card as a document: every value is plain JSON."""
    info, training = bundle.info, bundle.info["training"]
    shipped = name_of(bundle.path)
    named = shipped or bundle.path.as_posix()
    corpora = [dict(c) for c in info["corpora"] if isinstance(c, Mapping)]
    answer = licences.commercial(corpora)
    return {
        "name": shipped or bundle.name,
        "ships_with_symgen": shipped is not None,
        "about": _about(bundle, shipped),
        "what": _what(bundle),
        "corpora": corpora,
        "licence": licences.of_weights(corpora),
        "commercial": {"answer": answer.answer, "said": answer.said},
        "reading": licences.READING,
        "held_out": _held_out(training),
        "trained": _trained(training),
        "copies": training.get("evaluated", {}).get("copies"),
        "bytes": bundle.path.stat().st_size,
        "precisions": list(bundle.precisions) if bundle.player == "onnx" else [],
        "sample": f"symgen sample {named}",
        "fine_tune": _fine_tune(bundle, named),
    }


def text(of: Mapping[str, Any]) -> str:
    """Return a card as lines for a terminal."""
    width = max(len(title) for title in TITLES.values())
    rows = [f"{title:>{width}}  {line}" for title, line in _rows(of)]
    return "\n".join([f"{of['name']}: {of['about']}", *rows])


def markdown(of: Mapping[str, Any]) -> str:
    """Return a card as a page of Markdown."""
    rows = [f"| {title} | {line.replace('|', '/')} |" for title, line in _rows(of)]
    head = [f"# {of['name']}", "", f"{of['about']}.", "", "| | |", "|---|---|"]
    return "\n".join([*head, *rows, ""])


def source_line(bundle: Bundle) -> str:
    """Say in a line which model is played: where it comes from, what it learned, its licence."""
    corpora = bundle.info.get("corpora", [])
    if name := name_of(bundle.path):
        licence = licences.of_weights(corpora)
        return f"model {name} (ships with symgen): {pretrained[name].about}, {licence}"
    heard = [
        f"{c['name']}{' (synthetic)' if c.get('synthetic') else ''}" for c in corpora if "name" in c
    ]
    return f"model {bundle.path}" + (f": trained on {', '.join(heard)}" if heard else "")


def _rows(of: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (title, line) of each thing that is known."""
    copies, trained = of["copies"], of["trained"]
    known = {
        "what": of["what"],
        "data": _data(of["corpora"]),
        "licence": of["licence"],
        "commercial": f"{of['commercial']['said']} ({of['reading']})",
        "held_out": _scores(of["held_out"]),
        "trained": _span(trained),
        "copies": copies and _copied(copies),
        "size": f"{of['bytes'] / 1e6:.1f} MB",
        "plays_in": ", ".join(of["precisions"]),
        "sample": of["sample"],
        "fine_tune": of["fine_tune"],
    }
    return [(TITLES[key], line) for key, line in known.items() if line]


def _about(bundle: Bundle, shipped: str | None) -> str:
    own = bundle.info["training"].get("config", {}).get("about")
    if shipped:
        return pretrained[shipped].about
    return str(own) if own else f"a model of `{bundle.info['encoding'].get('name')}` music"


def _what(bundle: Bundle) -> str:
    model, encoding = bundle.info["model"], bundle.info["encoding"].get("name")
    numbers = bundle.info["training"].get("parameters")
    layers = [f"{layer.get('cell', 'lstm')} {layer['units']}" for layer in model.get("layers", [])]
    parts = [*(layers or [str(model.get("name"))])]
    if model.get("head") == "chained":
        parts.append("chained head")
    many = f"{numbers:,} {'grams' if bundle.player == 'table' else 'weights'}" if numbers else ""
    told = ", ".join(str(c.get("name")) for c in bundle.info["controls"])
    known = (f"encoding {encoding}", ", ".join(parts), many, told and f"is told {told}")
    return "; ".join(part for part in known if part)


def _data(corpora: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(map(_set, corpora)) or "unknown"


def _set(corpus: Mapping[str, Any]) -> str:
    said = [str(corpus.get("licence") or "licence unknown")]
    if corpus.get("synthetic"):
        said.append("synthetic")
    if corpus.get("from"):
        said.append(f"by way of {corpus['from']}")
    return f"{corpus.get('title') or corpus.get('name')} ({', '.join(said)})"


def _held_out(training: Mapping[str, Any]) -> dict[str, Any]:
    """Return [value, low, high] of each measure that is known; low and high may be None."""
    found, score = training.get("evaluated", {}), training.get("score", {})
    out: dict[str, Any] = {}
    for key in ("nats_per_note", "nats_per_second"):
        if found.get(key):
            out[key] = list(found[key])
        elif score.get(key) is not None:
            out[key] = [score[key], None, None]
    return out | {"pieces": training.get("eval", {}).get("pieces")} if out else {}


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


def _trained(training: Mapping[str, Any]) -> dict[str, Any]:
    seconds, half = training.get("seconds"), training.get("train", {})
    return {
        "hours": None if seconds is None else round(seconds / 3600, 3),
        "machine": training.get("machine"),
        "pieces": half.get("pieces"),
        "events": half.get("events"),
    }


def _span(trained: Mapping[str, Any]) -> str:
    hours, on = trained["hours"], f" on {trained['machine']}" if trained["machine"] else ""
    pieces, events = trained["pieces"], trained["events"]
    music = f"{counted(pieces, 'piece')}, {counted(events, 'event')}" if pieces and events else ""
    if hours is None:
        return music
    span = f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.1f} minutes"
    return f"{span}{on}" + (f"; {music}" if music else "")


def _copied(copies: Mapping[str, Any]) -> str:
    """Say how many notes in a row its samples have from the music that it was trained on."""
    said = f"{copies['median']:g} notes in a row (median of samples; {copies['most']:g} at most)"
    if real := copies.get("held_out"):
        said += f", of held-out music {real['median']:g} ({real['most']:g} at most)"
    return said


def _fine_tune(bundle: Bundle, named: str) -> str:
    if bundle.player != "onnx":
        return ""
    if "weights.npz" not in bundle.info["checksums"]:
        return "cannot be: it was slimmed for playing"
    return f"symgen train --from {named} FOLDER"
