"""What one file of a stranger may hold, and what reading it may cost.

Readers ask `current()`, and a file beyond a limit is refused in one line that names it. Whoever
calls a reader sets other limits for a while:

    with using(Limits(notes=2_000_000)):
        sequence = read(path)
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

from symgen.errors import BadOption, ReadError, shorten, unknown

MOST, LEAST = 1 << 40, 0.01
"""The highest value of a limit that counts something, and the lowest of one in seconds."""

_UNITS = {
    "bytes": "bytes",
    "text": "characters",
    "notes": "notes with repeats",
    "events": "events",
    "tracks": "tracks",
    "pieces": "pieces",
    "tags": "tags",
    "music": "seconds of music",
    "sound": "seconds of sound",
    "seconds": "seconds of processor time",
    "members": "files or rows",
}


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of one file.

    bytes    unpacked
    text     characters of a file of ABC
    notes    of all its pieces, repeats played
    events   messages of MIDI; steps of all its pieces, encoded
    tracks   of MIDI, or parts of a score
    pieces   tunes of a book, records of a TFRecord file
    tags     of MusicXML
    music    seconds of one piece
    sound    seconds of one recording
    seconds  of processor time for reading, and again for encoding
    members  files of an archive with less than 512 bytes for each, rows of a table
    """

    bytes: int = 64 << 20
    text: int = 1_500_000
    notes: int = 500_000
    events: int = 4_000_000
    tracks: int = 2_000
    pieces: int = 10_000
    tags: int = 3_000_000
    music: float = 1e9
    sound: float = 86_400.0
    seconds: float = 30.0
    members: int = 100_000

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(field.default, float):
                good = isinstance(value, int | float) and LEAST <= value < math.inf
                wanted = f"a number of at least {LEAST}"
            else:
                good = isinstance(value, int) and 1 <= value <= MOST
                wanted = f"a whole number from 1 to {MOST}"
            if not good or isinstance(value, bool):
                raise BadOption(f"limit {field.name} = {shorten(value)}: expected {wanted}")

    def changed(self) -> dict[str, Any]:
        """Return the limits that are not the default ones."""
        return {
            field.name: value
            for field in dataclasses.fields(self)
            if (value := getattr(self, field.name)) != field.default
        }

    def refuse(self, name: object, limit: str, found: float | None = None) -> ReadError:
        """Return the error for a file beyond one of the limits; `found` is what it holds."""
        return ReadError(name, self.beyond(limit, found))

    def beyond(self, limit: str, found: float | None = None) -> str:
        """Return what is wrong with a file beyond one of the limits, and how to read it."""
        most = _shown(getattr(self, limit))
        has = f"more than the limit of {most} {_UNITS[limit]}"
        if found is not None:
            has = f"{_shown(found)} {_UNITS[limit]}, over the limit of {most}"
        return f"{has}; split it or leave it out, or raise the limit {limit} if you trust it"


def _shown(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.10g}"


_DEFAULT = Limits()
_current: contextvars.ContextVar[Limits] = contextvars.ContextVar("limits", default=_DEFAULT)


def current() -> Limits:
    """Return the limits in force."""
    return _current.get()


@contextlib.contextmanager
def using(limits: Limits | None) -> Iterator[Limits]:
    """Set the limits for the body; None leaves them as they are."""
    token = _current.set(limits or _current.get())
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def parse(texts: list[str] | tuple[str, ...], base: Limits | None = None) -> Limits:
    """Return the limits that texts such as "notes=2000000" make of `base`."""
    table: dict[str, float] = {}
    known = [field.name for field in dataclasses.fields(Limits)]
    for text in texts:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals:
            raise BadOption(f"--limit {text!r}: expected NAME=NUMBER, such as notes=2000000")
        if key not in known:
            raise BadOption(unknown("limit", key, known))
        table[key] = _number(text, value)
    return of(table, base)


def of(table: Mapping[str, Any], base: Limits | None = None) -> Limits:
    """Return `base` with the limits in `table`."""
    return dataclasses.replace(base or Limits(), **table)


def _number(text: str, value: str) -> float:
    plain = value.strip().replace("_", "").replace(",", "")
    try:
        return int(plain) if plain.isascii() and plain.isdigit() else float(plain)
    except ValueError:
        raise BadOption(f"--limit {text!r}: {value.strip()!r} is no number") from None
