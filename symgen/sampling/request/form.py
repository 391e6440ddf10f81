"""The form of the targets of a bundle: which it can meet, how, and in what range."""

from __future__ import annotations

from typing import Any

from symgen.bundle.bundle import Bundle
from symgen.controls import schema
from symgen.sampling.request.methods import available


def form(bundle: Bundle) -> dict[str, Any]:
    """Return a JSON schema of the targets that `bundle` can meet; see `symgen.controls.schema`."""
    controls = bundle.controls
    seen = bundle.training.controls
    methods = available(controls, bundle.encoding)
    return schema.form(f"Targets of {bundle.name}", controls, methods, seen)
