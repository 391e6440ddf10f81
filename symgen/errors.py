"""Every error that symgen raises on purpose.

The message is one line: the value, the limit and the next step. The command line prints it and
exits with `exit_code`: 2 for an option or its value, 1 for everything else.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable


class SymgenError(Exception):
    """The base class; catch it to catch every error that symgen raises on purpose."""

    exit_code = 1


class BadOption(SymgenError):
    """An option, a config key, or a value of one that cannot be used."""

    exit_code = 2


class UnknownName(BadOption):
    """A name that is not in a registry."""


class ReadError(SymgenError):
    """A file that cannot be read as music. `reason` is the message without the file's name."""

    def __init__(self, name: object, reason: str) -> None:
        self.name, self.reason = printable(name), printable(reason)
        super().__init__(f"{self.name}: {self.reason}")

    def __reduce__(self) -> tuple[type[ReadError], tuple[str, str]]:
        return type(self), (self.name, self.reason)  # a worker process sends it to its parent


class DataError(SymgenError):
    """A corpus, dataset, run or bundle that cannot be used."""


class MissingExtra(SymgenError):
    """An optional package that is not installed; the message says how to install it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra, self.purpose = package, extra, purpose
        super().__init__(f"{purpose} needs {package}: pip install 'symgen[{extra}]'")

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str, str]]:
        return type(self), (self.package, self.extra, self.purpose)


def printable(text: object) -> str:
    """Return `text` with control characters escaped, so that no name can control the terminal."""
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
        for c in shown
    )


def one_line(text: str) -> str:
    """Return `text` on one line and printable, for the title of a file or a corpus."""
    return printable(" ".join(text.split()))


def shorten(text: object, most: int = 60) -> str:
    """Return `text` printable, with its middle left out if it is longer than `most` characters."""
    shown = printable(text)
    if len(shown) <= most:
        return shown
    return f"{shown[: most // 2]}...{shown[-most // 4 :]}"


def too_new(version: int, newest: int) -> str:
    """Return that a format is newer than the `newest` one that is known, and what to do."""
    return f"format {version}, and this symgen reads up to {newest}; pip install --upgrade symgen"


def span(seconds: float) -> str:
    """Return a length of time in a suitable unit."""
    for limit, unit, size in ((90, "seconds", 1), (5400, "minutes", 60), (math.inf, "hours", 3600)):
        if seconds < limit:
            digits = 1 if seconds < 10 * size else 0
            return f"{seconds / size:.{digits}f} {unit}"
    return "forever"


def counted(number: int, what: str) -> str:
    """Return a count with its noun: 1 note, 2,000 notes."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def nearest(name: object, known: Iterable[object]) -> str | None:
    """Return the member of `known` that is spelled most like `name`, or None."""
    return next(iter(difflib.get_close_matches(str(name), [str(k) for k in known], 1)), None)


def unknown(kind: str, name: object, known: Iterable[object]) -> str:
    """Return a message that `name` is not among `known`, with the nearest name."""
    names = sorted(str(k) for k in known)
    near = nearest(name, names)
    hint = f" Did you mean {near!r}?" if near else ""
    return f"no {kind} is called {name!r}.{hint} Known: {', '.join(names) or 'none'}."
