"""JSON of strangers: its size, its number of lists and tables, and its nesting are limited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

DEPTH = 16  # lists and tables in one another
SPARE = 10_000  # lists and tables of a text of any size
BYTES = 24  # of text for each further one


def parse(data: bytes, most: int) -> Any:
    """Return what a JSON text of at most `most` bytes holds; ValueError says what is wrong.

    NaN and infinity, which are no JSON, are read as null.
    """
    if len(data) > most:
        raise ValueError(f"it has {len(data):,} bytes, the limit is {most:,}")
    count = data.count(b"[") + data.count(b"{")
    if count > (limit := SPARE + len(data) // BYTES):
        raise ValueError(f"it has {count:,} lists and tables, the limit is {limit:,}")
    try:
        found = json.loads(data, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError(f"its lists and tables are nested deeper than {DEPTH}") from None
    if count and too_deep(found):
        raise ValueError(f"its lists and tables are nested deeper than {DEPTH}")
    return found


def too_deep(value: Any, most: int = DEPTH) -> bool:
    """Return whether lists and tables are nested more than `most` deep."""
    level = [value]
    for _ in range(most + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    """Return the lists and tables directly inside `value`."""
    if isinstance(value, Mapping):
        return [v for v in value.values() if isinstance(v, dict | list)]
    return [v for v in value if isinstance(v, dict | list)] if isinstance(value, list) else []
