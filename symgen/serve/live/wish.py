"""What a listener asked for: enough to make the same music again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from symgen.errors import BadOption, shorten

MOST_CHANGES = 1000
MOST_TEXT = 24_000  # characters of an address
THEME, FINISH = "theme", "finish"
"""Changes that are no targets: a theme to answer, and the seconds until an end."""

LATEST = 86_400.0  # seconds


class Change(NamedTuple):
    """Targets that were set at a time, in seconds; or THEME, or FINISH."""

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

    def query(self) -> dict[str, str]:
        """Return what an address asks for to play the same again."""
        out = {"model": self.model, "seed": str(self.seed)}
        if self.minutes is not None:
            out["minutes"] = f"{self.minutes:g}"
        out |= {name: _text(value) for name, value in self.targets.items()}
        if self.changes:
            out["changes"] = json.dumps(self.changes, separators=(",", ":"))
        return out


def changes_of(text: str) -> tuple[Change, ...]:
    """Return the changes that an address holds, as `query` wrote them; BadOption for others."""
    try:
        found = [(float(at), dict(values)) for at, values in json.loads(text)]
    except (ValueError, TypeError, RecursionError):
        raise BadOption(
            f'changes {shorten(text)}: expected a list such as [[12.5,{{"density":4}}]]'
        ) from None
    if len(found) > MOST_CHANGES:
        raise BadOption(f"{len(found)} changes: expected at most {MOST_CHANGES}")
    times = [at for at, _ in found]
    if times != sorted(times) or not all(0 <= at <= LATEST for at in times):
        raise BadOption(f"changes {shorten(text)}: expected times in order, from 0 to {LATEST:g} s")
    return tuple(Change(at, values) for at, values in found)


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)
