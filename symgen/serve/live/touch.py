"""How the music is played, where that is not the model's: loudness and calm.

They act on any model. Loudness moves all velocities so that their mean, over the last notes, is
what is asked. Calm, from 0 to 1, plays softer, and asks the model for fewer notes where the
listener has not set a density.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Mapping
from typing import Any

from symgen.checks import number
from symgen.sampling.model import PlayableModel

LOUDNESS, CALM, DENSITY = "loudness", "calm", "density"
SOFTER, FEWER = 0.4, 0.6  # shares that full calm takes off
LAST = 40  # notes of the mean
QUIETEST, LOUDEST = 1, 127


class Touch:
    """The touch of one session; `usual` is the density of its training music, None if unknown.

    `own` are the names that it answers for: those of its two that the model has no target for.
    """

    def __init__(self, model: PlayableModel) -> None:
        trained = {control.name for control in model.controls}
        self.own = frozenset({LOUDNESS, CALM} - trained)
        self.usual = usual(model)
        self.asked: dict[str, float] = {}
        self._last = deque[int](maxlen=LAST)

    def copy(self) -> Touch:
        """Return another that goes on from here."""
        other = copy.copy(self)
        other.asked, other._last = dict(self.asked), self._last.copy()
        return other

    def take(self, asked: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        """Take changes of what was `asked`; return those of them that are for the model.

        BadOption, and nothing changes, for a value out of range.
        """
        made = dict(self.asked)
        for name in self.own & set(changes):
            if (value := changes[name]) is None:
                made.pop(name, None)
                continue
            most = LOUDEST if name == LOUDNESS else 1
            made[name] = number(name, _number(value), 0, most)
        self.asked = made
        out = {name: value for name, value in changes.items() if name not in self.own}
        density = changes[DENSITY] if DENSITY in changes else asked.get(DENSITY)
        if (CALM in changes or DENSITY in changes) and density is None and self.usual is not None:
            calm = made.get(CALM, 0.0)
            out[DENSITY] = round(self.usual * (1 - FEWER * calm), 2) if calm else None
        return out

    def play(self, velocity: int) -> int:
        """Return the velocity with which a note of `velocity` is played."""
        self._last.append(velocity)
        if not self.asked:
            return velocity
        mean = sum(self._last) / len(self._last)
        moved = velocity + self.asked.get(LOUDNESS, mean) - mean
        softer = moved * (1 - SOFTER * self.asked.get(CALM, 0.0))
        return min(max(round(softer), QUIETEST), LOUDEST)


def usual(model: PlayableModel) -> float | None:
    """Return the middle density of the training pieces; None where nothing is known of it."""
    music = model.training.music or {}
    middle = music.get("density", {}).get("pieces", {}).get("50")
    return None if middle is None else float(middle)


def _number(value: Any) -> Any:
    """Return a text as a number, if it is one."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
