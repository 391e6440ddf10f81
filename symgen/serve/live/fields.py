"""The controls of a model as fields of a form: sliders, choices and switches.

They come from the schema of its targets (`symgen.controls.schema`), so any bundle has its own, and
from `symgen.serve.live.touch` for what is not the model's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symgen.notes.theory.scales import STEPS
from symgen.sampling.model import PlayableModel
from symgen.sampling.request.form import form
from symgen.serve.live.touch import CALM, LOUDNESS, Touch

TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MODES = ("", "m", *(f" {mode}" for mode in STEPS if mode not in ("major", "minor")))
USUAL = {
    "density": (0.5, 12.0, 0.5),
    "register": (48.0, 84.0, 1.0),
    "polyphony": (1.0, 8.0, 0.5),
    LOUDNESS: (20.0, 110.0, 1.0),
    CALM: (0.0, 1.0, 0.05),
}
"""The ends of the sliders where nothing is known of the training music, and their steps."""

STEPS_OF_A_SLIDER = 100
TITLES = {"label": "style", "strict_key": "only notes of the key"}
FIRST = ("label", "key", "strict_key", "density", LOUDNESS, "register", CALM)
"""The order of those that most models have; the others follow."""

TOUCH = {
    LOUDNESS: {"type": "number", "unit": "mean velocity", "description": "How loud it is played."},
    CALM: {"type": "number", "unit": "of 1", "description": "Softer, and with fewer notes."},
}


def described(name: str, model: PlayableModel) -> dict[str, Any]:
    """Return what the page shows of a model."""
    schema = form(model)["properties"]
    entries = {**schema, **{key: TOUCH[key] for key in sorted(Touch(model).own - set(schema))}}
    order = sorted(entries, key=lambda key: FIRST.index(key) if key in FIRST else len(FIRST))
    controls = [field(key, entries[key]) for key in order]
    labels: list[str] = next((c["values"] for c in controls if c["name"] == "label"), [])
    return {
        "name": name,
        "title": str(model.info.get("title") or model.name),
        "labels": labels,
        "controls": controls,
        "passages": True,
    }


def field(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return one control for the page; `entry` is its schema."""
    value = entry["anyOf"][0] if "anyOf" in entry else entry
    out: dict[str, Any] = {
        "name": name,
        "title": TITLES.get(name, name.replace("_", " ")),
        "unit": entry.get("unit", ""),
        "help": entry.get("description", ""),
        "default": None,
    }
    if name == "key":
        return out | {"kind": "key", "values": [t + m for m in MODES for t in TONICS]}
    if "enum" in value:
        return out | {"kind": "choice", "values": value["enum"]}
    if value.get("type") == "boolean":
        return out | {"kind": "flag", "default": False}
    if value.get("type") != "number":
        return out | {"kind": "text"}
    least, most, step = USUAL.get(name) or _ends(value)
    if seen := entry.get("seen"):
        least, most = min(least, float(min(seen))), max(most, float(max(seen)))
    return out | {"kind": "number", "least": least, "most": most, "step": step}


def _ends(value: Mapping[str, Any]) -> tuple[float, float, float]:
    least = float(value.get("minimum", value.get("exclusiveMinimum", 0)))
    most = float(value.get("maximum", least + 1))
    return least, most, (most - least) / STEPS_OF_A_SLIDER
