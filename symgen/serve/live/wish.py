"""What a listener asked for: enough to make the same music again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

MOST_CHANGES = 200


class Change(NamedTuple):
    """Targets that were set at a time, in seconds."""

    at: float
    values: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Wish:
    """A model by name, a seed, the targets at the beginning, and those that were set later.

    `minutes` is a length after which the music comes to an end; None for none.
    """

    model: str
    seed: int
    targets: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    minutes: float | None = None
    changes: tuple[Change, ...] = ()

    def until(self, time: float) -> Wish:
        """Return the wish with the changes up to a time."""
        kept = tuple(change for change in self.changes if change.at <= time)
        return dataclasses.replace(self, changes=kept)
