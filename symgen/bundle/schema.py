"""What the values of bundle.json may be: each reader returns a value, or raises for another one.

TypeError and ValueError stand for a value that cannot be used. Where the value is needed, the text
of the ValueError says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from symgen.checks import names_a_file
from symgen.errors import printable, shorten

Table = Mapping[str, Any]

ROWS = 64  # fields, controls, layers, members
SIZE = 1 << 16  # values of a field, columns of the controls, units of a layer
TEXT = 20_000  # characters of any text
KEY = 1_000  # of the key of any table
WHOLE = 1 << 63  # no whole number is larger
CHECKSUM = re.compile("[0-9a-f]{64}")
CORPUS = ("name", "title", "licence", "citation", "address", "from")  # texts about a corpus
SHOWN = ("name", "title", "licence", "address", "from")  # those that are shown in a line
WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # names of fields, encodings, models and members


def limited(value: Any) -> None:
    """Raise ValueError for a text, a key or a whole number anywhere in `value` beyond its limit.

    `value` is plain JSON that is not nested deeply.
    """
    if isinstance(value, str):
        if len(value) > TEXT:
            raise ValueError(f"holds a text of {len(value):,} characters, the limit is {TEXT:,}")
    elif isinstance(value, int):
        if abs(value) > WHOLE:
            raise ValueError("holds a whole number beyond 64 bits")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if len(key) > KEY:
                raise ValueError(f"holds a key of {len(key):,} characters, the limit is {KEY:,}")
            limited(inner)
    elif isinstance(value, list):
        for inner in value:
            limited(inner)


def text(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError
    return value


def number(value: Any) -> float:
    """Return a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


def count(value: Any) -> int:
    """Return a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def flag(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def table(value: Any) -> Table:
    """Return a table."""
    if not isinstance(value, Mapping):
        raise TypeError
    return value


def counts(value: Any) -> Mapping[str, int]:
    """Return a table of whole numbers."""
    return {str(name): count(number) for name, number in table(value).items()}


def rows(value: Any) -> Sequence[Any]:
    """Return a list."""
    if not isinstance(value, list | tuple):
        raise TypeError
    return value


def whole(value: Any, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`."""
    if not low <= count(value) <= high:
        raise ValueError(f"{value:,} is not from {low:,} to {high:,}")
    return int(value)


def word(value: Any) -> str:
    """Return a short name of plain letters."""
    if not WORD.fullmatch(text(value)):
        raise ValueError(f"{value!r:.60} is no short name of plain letters")
    return str(value)


def version(value: Any) -> int:
    """Return the number of a format, from 1."""
    return whole(value, 1, WHOLE)


def run_name(value: Any) -> str:
    """Return a name that can name a file."""
    if not names_a_file(text(value)):
        raise ValueError(f"{shorten(repr(value))} is not a plain file name")
    return str(value)


def fields(value: Any) -> Sequence[Table]:
    """Return the fields of a step, each with its name and size."""
    found = _few(value, "fields")
    names = [word(table(row)["name"]) for row in found]
    if not found or len(set(names)) < len(names):
        raise ValueError("it has no fields, or two of one name")
    for row in found:
        whole(row["size"], 1, SIZE)
    return found


def width(value: Any) -> int:
    """Return the columns of the controls."""
    return whole(value, 0, SIZE)


def named(value: Any) -> Table:
    """Return a table of a registry, which has a name."""
    word(table(value)["name"])
    return dict(value)


def model(value: Any) -> Table:
    """Return the table of a model; its layers, if it has some, are tables with units."""
    for layer in _few(named(value).get("layers", []), "layers"):
        whole(table(layer)["units"], 1, SIZE)
        word(layer.get("cell", "lstm"))
    return dict(value)


def controls(value: Any) -> Sequence[Table]:
    """Return the tables of controls."""
    return [named(row) for row in _few(value, "controls")]


def checksums(value: Any) -> Table:
    """Return the SHA-256 of each member."""
    found = table(value)
    if len(found) > ROWS:
        raise ValueError(f"{len(found):,} members, the limit is {ROWS}")
    for name, digest in found.items():
        if not CHECKSUM.fullmatch(text(digest)):
            raise ValueError(f"that of {word(name)} is no SHA-256")
    return found


def corpora(value: Any) -> Sequence[Table]:
    """Return a table for each corpus; one that is only named has nothing but its name."""
    return [_corpus(row) for row in rows(value)]


def _corpus(value: Any) -> Table:
    """Return the table of a corpus, without what should be text and is not."""
    if not isinstance(value, Mapping):
        return {"name": printable(value)}
    kept = {k: v for k, v in value.items() if k not in CORPUS or isinstance(v, str)}
    return {k: printable(v) if k in SHOWN else v for k, v in kept.items()}


def curve(value: Any) -> Sequence[Sequence[Any]]:
    """Return rows of (step, train, held-out)."""
    found = rows(value)
    if any(len(rows(row)) != 3 for row in found):
        raise ValueError
    return found


def interval(value: Any) -> Sequence[float]:
    """Return [value, low, high]; low and high may be None."""
    first, *bounds = rows(value)
    number(first)
    if len(bounds) != 2 or any(bound is not None and number(bound) is None for bound in bounds):
        raise ValueError
    return [first, *bounds]


def copies(value: Any) -> Table:
    """Return the longest copies of samples, and of held-out music."""
    found = table(value)
    for each in (found, table(found.get("held_out") or found)):
        number(each["median"]), number(each["most"])
    return found


def _few(value: Any, what: str) -> Sequence[Any]:
    """Return a list that is not long."""
    found = rows(value)
    if len(found) > ROWS:
        raise ValueError(f"{len(found):,} {what}, the limit is {ROWS}")
    return found
