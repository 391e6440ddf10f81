"""Every error that symgen raises on purpose: one line that gives the value, the limit and the next step.

The command line prints the message and leaves with `exit_code`: 2 for an option or its value, 1 for everything else.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SymgenError(Exception):
    """The base of all of them; a caller who wants every failure of symgen catches this one."""

    exit_code = 1


class BadOption(SymgenError):
    """An option, a config key or a value of one that cannot be used."""

    exit_code = 2


class UnknownName(BadOption):
    """A name that is in no registry."""


class ReadError(SymgenError):
    """A file that cannot be read as music. `reason` is the part after the file's name."""

    def __init__(self, name: object, reason: str) -> None:
        self.name, self.reason = printable(name), printable(reason)
        super().__init__(f"{self.name}: {self.reason}")

    def __reduce__(self) -> tuple[type[ReadError], tuple[str, str]]:
        return type(self), (self.name, self.reason)  # it crosses process walls in a pool of workers


class DataError(SymgenError):
    """A corpus, dataset, run or bundle that does not serve."""


class MissingExtra(SymgenError):
    """An optional part that is not installed; the message holds the command that installs it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra, self.purpose = package, extra, purpose
        super().__init__(f"{purpose} needs {package}: pip install 'symgen[{extra}]'")

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str, str]]:
        return type(self), (self.package, self.extra, self.purpose)


def printable(text: object) -> str:
    """Return `text` with control characters escaped, so that a hostile name cannot drive a terminal."""
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
        for c in shown
    )


def shorten(text: object, most: int = 60) -> str:
    """Return `text` printable, its middle left out where it has more than `most` characters."""
    shown = printable(text)
    return shown if len(shown) <= most else f"{shown[: most // 2]}...{shown[-most // 4 :]}"


def counted(number: int, what: str) -> str:
    """Return how many there are of a thing: 1 note, 2,000 notes."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def unknown(kind: str, name: object, known: Iterable[object]) -> str:
    """Say that `name` is not among `known`, with the nearest one."""
    names = sorted(str(k) for k in known)
    near = difflib.get_close_matches(str(name), names, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"no {kind} is called {name!r}.{hint} Known: {', '.join(names) or 'none'}."
