"""The zip of a bundle: its members, with limits on their number, sizes and packing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from symgen import regular
from symgen.bounded import archive as archives
from symgen.bounded import json_text
from symgen.bundle import schema

INFO = "bundle.json"
MEMBERS = 64
MOST = 1 << 30  # bytes of a member: 268 million weights in float32
MOST_OF = {INFO: 4 << 20, "test.npz": 64 << 20}
RATIO = 16  # bytes of a member for each that is stored; trained weights have less than 2


def read(path: Path, name: str, most: int = MOST) -> bytes:
    """Return a member of at most `most` bytes; KeyError without it, ValueError where damaged."""
    with regular.opened(path) as file, archives.opened(file, MEMBERS) as archive:
        limits = MOST_OF | {name: min(most, MOST_OF.get(name, most))}
        archives.check_sizes(archive, limits, MOST, RATIO)
        return archives.read(archive, name)


def read_info(path: Path) -> dict[str, Any]:
    """Return bundle.json; ValueError says what is wrong."""
    try:
        data = read(path, INFO)
    except KeyError:
        raise ValueError("it has no bundle.json") from None
    found = json_text.parse(data, MOST_OF[INFO])
    if not isinstance(found, dict) or found.get("format") is None:
        raise ValueError("bundle.json has no format")
    try:
        schema.limited(found)
        schema.version(found["format"])
    except TypeError:
        raise ValueError("bundle.json has a format that is no whole number") from None
    except ValueError as error:
        raise ValueError(f"bundle.json: {error}") from None
    return found
