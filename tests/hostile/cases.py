"""A hostile case: files made by code, a command that meets them, and what should come of it.

A case is a function that makes its files in a folder. It returns the name of what `symgen corpus
check` and `symgen convert` read, or the words of another command.
"""

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path

READ, REFUSED, EITHER = "read", "refused", "either"
CASES = {}


@dataclasses.dataclass(frozen=True)
class Case:
    """A case; `says` is part of what the first command prints, `notes` what it counts in JSON."""

    name: str
    kind: str
    make: Callable[[Path], str | list[str]]
    wanted: str
    says: str = ""
    notes: int | None = None

    def commands(self, folder: Path) -> Iterable[list[str]]:
        """Make the files in `folder` and return the words of the commands."""
        made = self.make(folder)
        if not isinstance(made, str):
            return [made]
        encoding = "mu_law" if self.kind == "sound" else "performance"
        convert = ["convert", made, "-o", "set", "--encoding", encoding]
        return [["corpus", "check", made], [*convert, "--workers", "1", "-q"]]


def hostile(kind, wanted, says=""):
    """Add a function to the cases."""

    def add(make):
        name = make.__name__.strip("_").replace("_", " ")
        assert name not in CASES
        CASES[name] = Case(name, kind, make, wanted, says)
        return make

    return add


def file(folder, name, data):
    """Write a file and return its name."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(data, str):
        path.write_text(data, encoding="utf-8")
    else:
        path.write_bytes(data)
    return name
