"""Controls: what a model is told beside the events, one row of numbers for each. `controls` is the registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from symgen.encoding.controls.base import Control, Follower, Rows, compute_all, total_width
from symgen.registry import Registry

controls = Registry("control", {
    "meter": "symgen.encoding.controls.meter:Meter",
    "recall": "symgen.encoding.controls.recall:Recall",
})

__all__ = ["Control", "Follower", "Rows", "compute_all", "controls", "make_all", "total_width"]


def make_all(tables: Iterable[Mapping[str, Any]]) -> tuple[Control, ...]:
    """Build the controls that `tables` (name and options each) describe; UnknownName or BadOption say what there is."""
    return tuple(controls.make(table) for table in tables)
