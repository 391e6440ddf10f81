"""Music beside its targets: what it came to as a whole and over time, and how far off it is.

All of it is counted by the controls themselves (`Control.measure`, `Control.error`).

The distance of one target is the error of the whole music and the mean error of its thirds, added
and halved; an error of 1 is the tolerance of the control. The distance of several is their mean.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from symgen.controls.schedule import Schedule
from symgen.controls.targets import definition
from symgen.controls.timeline import Timeline, of_notes
from symgen.types import Array

PARTS = 10  # of the music over time, of a second at least
THIRDS = 3


def measured(
    names: Iterable[str],
    notes: Array,
    begin: float,
    end: float,
    targets: Mapping[str, Schedule] | None = None,
) -> dict[str, Any]:
    """Return by name what `notes`, a table of NOTE, came to from `begin` to `end` seconds.

    A control that measures nothing, or finds nothing to measure, is left out. A key needs its
    target in `targets`.
    """
    if end <= begin:
        return {}
    line = of_notes(notes, begin, end)
    found = {name: _measure(name, line, begin, (targets or {}).get(name)) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def over_time(
    targets: Mapping[str, Schedule],
    notes: Array,
    begin: float,
    end: float,
    parts: int | None = None,
) -> dict[str, Any]:
    """Return the targets and what the music came to in each of its parts.

    `at` holds the times where the parts begin; a target has the lists `requested` and `measured`.
    """
    count = parts or int(np.clip(end - begin, 1, PARTS))
    edges = np.linspace(begin, max(end, begin), count + 1).tolist()
    spans = list(itertools.pairwise(edges))
    lines = [of_notes(notes, a, b) for a, b in spans]
    out: dict[str, Any] = {"at": [round(a, 3) for a, _ in spans]}
    for name, target in targets.items():
        found = [_measure(name, line, a, target) for line, (a, _) in zip(lines, spans, strict=True)]
        out[name] = {
            "requested": [target.typical(a, b) for a, b in spans],
            "measured": [round(v, 4) if isinstance(v, float) else v for v in found],
        }
    return out


def distance(targets: Mapping[str, Schedule], notes: Array, begin: float, end: float) -> float:
    """Return how far the music is from its targets; 0 if none is measured."""
    if end <= begin:
        return 0.0
    edges = [begin + (end - begin) * i / THIRDS for i in range(THIRDS + 1)]
    spans = [(begin, end), *itertools.pairwise(edges)]
    lines = [of_notes(notes, a, b) for a, b in spans]
    errors = []
    for name, target in targets.items():
        control = definition(name)
        if control.tolerance is None:
            continue
        whole, *thirds = (
            control.error(target.typical(a, b), _measure(name, line, a, target))
            for line, (a, b) in zip(lines, spans, strict=True)
        )
        errors.append((whole + sum(thirds) / THIRDS) / 2)
    return sum(errors) / len(errors) if errors else 0.0


def _measure(name: str, line: Timeline, begin: float, target: Schedule | None) -> Any:
    return definition(name).measure(line, None if target is None else target.later(-begin))
