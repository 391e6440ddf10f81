"""Controls: what a model is told beside the events, one row of numbers for each. `controls` is the registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from symgen.controls.base import (
    Control,
    Follower,
    Rows,
    columns,
    compute_all,
    compute_part,
    total_width,
)
from symgen.registry import Registry

controls = Registry(
    "control",
    {
        "density": "symgen.controls.density:Density",
        "label": "symgen.controls.label:Label",
        "loudness": "symgen.controls.loudness:Loudness",
        "meter": "symgen.controls.meter:Meter",
        "pitch_histogram": "symgen.controls.pitch_histogram:PitchHistogram",
        "polyphony": "symgen.controls.polyphony:Polyphony",
        "position": "symgen.controls.position:Position",
        "recall": "symgen.controls.recall:Recall",
        "register": "symgen.controls.register:Register",
    },
)

__all__ = [
    "Control",
    "Follower",
    "Rows",
    "columns",
    "compute_all",
    "compute_part",
    "controls",
    "make_all",
    "total_width",
]


def make_all(tables: Iterable[Mapping[str, Any]]) -> tuple[Control, ...]:
    """Build the controls that `tables` (name and options each) describe; UnknownName or BadOption say what there is."""
    return tuple(controls.make(table) for table in tables)
