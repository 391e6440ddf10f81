"""What a listener's address asks for: `?model=piano&seed=7&density=4`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from symgen.controls import FLAGS
from symgen.errors import BadOption, shorten
from symgen.serve.live.wish import Wish

SEEDS = 2**32
OWN = ("model", "seed", "minutes", "token", "changes")


def wish_of(query: Mapping[str, str], models: Iterable[str]) -> Wish:
    """Return the wish; BadOption names what is wrong."""
    seed = query.get("seed", "")
    if seed and not (seed.isascii() and seed.isdigit() and len(seed) < 21):
        raise BadOption(f"seed {shorten(seed)}: expected a whole number from 0")
    return Wish(
        query.get("model") or next(iter(models)),
        int(seed) if seed else secrets.randbelow(SEEDS),
        {name: value_of(name, text) for name, text in query.items() if name not in OWN},
    )


def value_of(name: str, text: str) -> Any:
    """Return the value that a text gives a target."""
    if name in FLAGS:
        return text.lower() in ("1", "true", "yes", "on")
    return text
