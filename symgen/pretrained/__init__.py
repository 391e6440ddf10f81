"""The models that ship with symgen. A name stands for its file wherever a bundle is asked for.

`piano.md` and `folk.md` are their cards; `make cards` writes them.
"""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from symgen.errors import DataError, unknown


class Shipped(NamedTuple):
    """The file of a model in this folder, and what it plays."""

    file: str
    about: str


pretrained = {
    "piano": Shipped("piano.symgen", "pop and classical piano"),
    "folk": Shipped("folk.symgen", "folk tunes with chords"),
}
PIANO, FOLK = "piano", "folk"


def folder() -> Path:
    """Return the folder of the models, in a checkout or an installed wheel."""
    return Path(str(resources.files("symgen.pretrained")))


def path_of(name: str) -> Path:
    """Return the file of the model called `name`; DataError where this installation lacks it."""
    path = folder() / pretrained[name].file
    if not path.is_file():
        raise DataError(
            f"the model {name} ships with symgen, but {path} is missing; "
            "pip install --force-reinstall symgen, or name a bundle of your own"
        )
    return path


def name_of(path: str | os.PathLike[str]) -> str | None:
    """Return the name of the model that lies at `path`, None where it does not ship with symgen."""
    found = Path(path)
    if found.parent.resolve() != folder().resolve():
        return None
    return next((name for name, model in pretrained.items() if model.file == found.name), None)


def is_name(source: str | os.PathLike[str]) -> bool:
    """Return whether `source` means a model that ships: its name, and no bundle lies there."""
    path = Path(source)
    return str(source) in pretrained and not path.is_file() and not (path / "best.symgen").is_file()


def located(source: str | os.PathLike[str]) -> Path:
    """Return the path of the bundle that is meant, a path before a name.

    DataError where nothing lies there and no model that ships has that name.
    """
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"model {source!r}: expected a path, or a name such as 'piano'")
    path = Path(source)
    if is_name(source):
        return path_of(str(source))
    if path.is_dir():
        path /= "best.symgen"
    if path.is_file():
        return path
    plain = path.name == str(source) and not path.suffix
    if plain:
        known = unknown("model that ships with symgen", str(source), pretrained)
        raise DataError(
            f"{known} Nor is there such a file; `symgen train` makes a model of your own"
        )
    raise DataError(f"{path}: there is no such bundle; `symgen train` makes one")
