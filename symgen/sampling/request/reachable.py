"""Targets that a model of tunes cannot reach: they are moved to the nearest that it can.

A model of tunes knows one voice in a narrow range. Far below or above it, it has learned nothing
and holds its first notes for ever. So a register lies at most halfway between the mean pitches of
its training tunes and their lowest or highest notes. Models of piano music reach any register.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from symgen.controls.targets import Targets
from symgen.encodings import Encoding
from symgen.sampling.extent import Extent


def reachable(
    targets: Targets, extent: Extent | None, encoding: Encoding
) -> tuple[Targets, tuple[str, ...]]:
    """Return `targets` with a register that the model can reach, and lines on what was moved.

    `extent` is that of the training music, None where it is unknown or may be left.
    """
    register = targets.schedules.get("register")
    if not encoding.tune or extent is None or register is None:
        return targets, ()
    low, high = limits(extent)
    values = tuple(min(max(float(value), low), high) for value in register.values)
    if values == register.values:
        return targets, ()
    below = min(map(float, register.values)) < low
    line = (
        f"register {register} is beyond the training tunes, whose pitches are {extent.lowest} to "
        f"{extent.highest}: as {'low' if below else 'high'} as they allow is "
        f"{low if below else high:g}; --free lifts that"
    )
    moved: dict[str, Any] = {"register": dataclasses.replace(register, values=values)}
    return targets.replace(**moved), (line,)


def limits(extent: Extent) -> tuple[float, float]:
    """Return the lowest and the highest register that a model of tunes can reach."""
    low, high = extent.register
    lowest = round((extent.lowest + low) / 2)
    highest = round((extent.highest + high) / 2)
    return float(lowest), float(highest)
