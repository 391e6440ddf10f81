"""What a listener asks for in an address: `?model=piano&seed=7&density=4`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from symgen.checks import number
from symgen.controls import FLAGS, TARGETS
from symgen.errors import BadOption, shorten, unknown
from symgen.serve.live.touch import CALM, LOUDNESS
from symgen.serve.live.wish import Wish, changes_of

SEEDS = 2**32
LONGEST_MINUTES = 24 * 60.0
LONGEST = 200  # characters of a value
OWN = ("model", "seed", "minutes", "changes", "token")
KNOWN = (*OWN, *TARGETS, *FLAGS, LOUDNESS, CALM)


def wish_of(query: Mapping[str, str], models: Iterable[str]) -> Wish:
    """Return the wish; BadOption names what is wrong."""
    for name in query:
        if name not in KNOWN:
            raise BadOption(unknown("parameter", shorten(name), sorted(set(KNOWN))))
    changes = query.get("changes", "")
    return Wish(
        query.get("model") or next(iter(models)),
        _seed(query.get("seed", "")),
        {name: _value(name, text) for name, text in query.items() if name not in OWN},
        minutes_of(query["minutes"]) if query.get("minutes") else None,
        changes_of(changes) if changes else (),
    )


def minutes_of(text: str, most: float = LONGEST_MINUTES) -> float:
    """Return a length in minutes; BadOption for none."""
    return number("minutes", number_of("minutes", text), 0.2, most)


def number_of(name: str, text: str) -> float:
    """Return the number in a text; BadOption for none."""
    try:
        return float(text)
    except ValueError:
        raise BadOption(f"{name} {shorten(text)}: expected a number") from None


def whole_of(name: str, text: str) -> int:
    """Return the whole number in a text; BadOption for none."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise BadOption(f"{name} {shorten(text)}: expected a whole number from 0, below 10^19")
    return int(text)


def _seed(text: str) -> int:
    """Return the seed; one is drawn where none is given."""
    if not text:
        return secrets.randbelow(SEEDS)
    return whole_of("seed", text)


def _value(name: str, text: str) -> Any:
    """Return the value that a text gives a target."""
    if name in FLAGS:
        return text.lower() in ("1", "true", "yes", "on")
    if len(text) > LONGEST:
        raise BadOption(f"{name} {shorten(text)}: expected at most {LONGEST} characters")
    return text
