"""Density and polyphony go together: a target for one sets a gentle target for the other.

In models of whole notes the density is steered by the shifts, and the polyphony by the lengths. On
its own, a low density would leave notes as short as before, with silence between them; a low
polyphony would come as hasty short chords. So if only one of the two has a target, the other gets
the value that goes with it in the training music: that of the median piece, scaled by a power of
how far the target is from its own median.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from symgen.controls.schedule import Schedule
from symgen.controls.targets import Targets
from symgen.encodings import Encoding
from symgen.sampling.processors.whole_notes.time_fields import is_whole
from symgen.sampling.request.request import Request

# the other of the two, the power (twice the density, about 1.4 times the polyphony), and the share
# of that which is the target: the polyphony is only a lower limit
OTHER = {"density": ("polyphony", 0.5, 0.7), "polyphony": ("density", 0.8, 1.0)}


def companion(
    targets: Targets, music: Mapping[str, Any] | None, encoding: Encoding
) -> dict[str, Schedule]:
    """Return by name the gentle target for what has none of the two; nothing where none is due."""
    given = [name for name in OTHER if name in targets.schedules]
    if not is_whole(encoding) or not music or len(given) != 1:
        return {}
    [name] = given
    return {OTHER[name][0]: goes_with(targets.schedules[name], music, name)}


def balanced(request: Request, encoding: Encoding) -> Request:
    """Return `request` with a gentle target (`balance`) for the one of the two that has none."""
    music = None if request.free else request.music
    target: dict[str, Any] = companion(request.controls, music, encoding)
    if not target:
        return request
    return dataclasses.replace(request, controls=request.controls.replace(**target), balance=target)


def goes_with(target: Schedule, music: Mapping[str, Any], name: str) -> Schedule:
    """Return what goes with the target `name`, at the same times."""
    other, power, share = OTHER[name]
    middle = music[name]["pieces"]["50"]
    pieces = music[other]["pieces"]
    values = tuple(
        min(max(share * pieces["50"] * (value / middle) ** power, pieces["1"]), pieces["99"])
        for value in target.values
    )
    return dataclasses.replace(target, values=values)
