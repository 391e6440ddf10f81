"""A JSON schema of the targets, from which a program can draw a form.

It is JSON Schema 2020-12, an object with one property for each target. A target is one value, or
values over time: text such as "2:8" or "C@0,Am@20", or a list (`symgen.controls.schedule`). Beside
the standard keywords a property has:

    unit     of the values
    methods  how a model meets it: "condition", "steer"
    seen     the 5, 50 and 95 % quantiles in the training music
    counts   for labels: the pieces of the training music that have each
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symgen.controls import REGISTRY
from symgen.controls.base import Control
from symgen.controls.schedule import LATEST
from symgen.controls.targets import definition

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def form(
    title: str,
    controls: Sequence[Control],
    methods: Mapping[str, Sequence[str]],
    seen: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return the schema of the targets that have any `methods`.

    `controls` are those of the model; they know its labels. `seen` is what its training report says
    of each control.
    """
    trained = {control.name: control for control in controls}
    properties: dict[str, Any] = {}
    for name, known in methods.items():
        if not known:
            continue
        entry = REGISTRY[name]
        found = (seen or {}).get(name, {})
        properties[name] = field(trained.get(name) or definition(name)) | {"methods": list(known)}
        properties[name] |= {key: found[key] for key in ("seen", "counts") if found.get(key)}
        if entry.flag:
            properties[entry.flag] = {
                "type": "boolean",
                "default": False,
                "description": entry.flag_help,
            }
    return {
        "$schema": DIALECT,
        "title": title,
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def field(control: Control) -> dict[str, Any]:
    """Return the schema of one target: a value, or values over time as text or a list."""
    value = control.schema()
    row: dict[str, Any] = {
        "at": {"type": "number", "minimum": 0, "maximum": LATEST, "description": "seconds"},
        "value": value,
    }
    if control.numeric:
        row["glide"] = {"type": "boolean", "default": False}
    rows = {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": row,
            "required": ["value"],
            "additionalProperties": False,
        },
    }
    marks = "[@:]" if control.numeric else "@"
    text = {"type": "string", "pattern": marks, "description": "values over time"}
    out = {"description": REGISTRY[control.name].help, "anyOf": [value, text, rows]}
    return out | ({"unit": control.unit} if control.unit else {})
