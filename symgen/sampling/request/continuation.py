"""A continuation takes its targets from its primer.

Density, polyphony, register and key are measured over the last LAST seconds of the primer, unless
the user sets them. They are gentle targets: the model is conditioned on them as on any other, but
its logits are steered by only a part of what a target of the user would do. Targets that a model
cannot meet are left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from symgen.controls import Control, compare
from symgen.controls.targets import Targets, definition
from symgen.encodings import Encoding, Events
from symgen.errors import BadOption
from symgen.notes.theory import keys
from symgen.sampling.request.methods import choose
from symgen.sampling.request.request import Request

LAST = 30.0  # seconds of a primer that are measured
FEWEST = 4  # notes of a primer that can be measured
SHORTEST = 1.0  # seconds
SURE = 0.9  # share of the sounding time in the key, from which the key is a target
MEASURED = ("density", "polyphony", "register")
NAMES = {"density": "density", "polyphony": "notes at once", "register": "register", "key": "key"}


def continued(request: Request, encoding: Encoding, controls: Sequence[Control]) -> Request:
    """Return `request` with the targets of its primer (`followed`) for those that it has not."""
    if request.primer is None or not request.follow or request.shape.melody is not None:
        return request
    made = {
        name: value
        for name, value in measured(request.primer, encoding, request.primer_context).items()
        if name not in request.controls.schedules and _can(name, value, request, encoding, controls)
    }
    if not made:
        return request
    return dataclasses.replace(request, controls=request.controls.changed(**made), followed=made)


def measured(
    primer: Events, encoding: Encoding, context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return by name what the end of a primer came to; nothing if it is too short."""
    sequence = encoding.decode(primer, context)
    starts = sequence.notes["start_time"]
    if len(starts) < FEWEST or starts.max() - starts.min() < SHORTEST:
        return {}
    end = float(starts.max())  # where the last notes begin; they may be long
    begin = max(end - LAST, float(starts.min()))
    notes = sequence.notes[sequence.notes["end_time"] > begin]
    found = compare.measured(MEASURED, notes, begin, end)
    out: dict[str, Any] = {name: round(value, 2) for name, value in found.items()}
    out = {name: value for name, value in out.items() if _in_range(name, value)}
    key = Targets(key=keys.key_of(sequence.replace(notes=notes)).name).schedules
    inside = compare.measured(("key",), notes, begin, end, key)["key"]
    return out | ({"key": key["key"].values[0]} if inside >= SURE else {})


def _in_range(name: str, value: float) -> bool:
    try:
        return bool(definition(name).read(value) > 0)
    except BadOption:
        return False


def message(followed: Mapping[str, Any]) -> str:
    """Return one line on what is taken from the primer."""
    parts = [
        f"{NAMES[name]} {value if isinstance(value, str) else f'{value:.3g}'}"
        for name, value in followed.items()
    ]
    return f"from the primer: {', '.join(parts)}"


def _can(
    name: str, value: Any, request: Request, encoding: Encoding, controls: Sequence[Control]
) -> bool:
    """Return whether the model can meet the target."""
    try:
        choose(Targets(**{name: value}), controls, request.method, encoding)
    except BadOption:
        return False
    return True
