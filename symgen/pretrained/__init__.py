"""The models that ship with symgen. Their names can be used wherever a bundle is expected.

`piano.md` and `folk.md` are their cards; `make cards` writes them.
"""

from __future__ import annotations

import os
import shlex
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from symgen.errors import DataError, nearest, unknown


class Shipped(NamedTuple):
    """A model in this folder: its file, and what it plays."""

    file: str
    about: str


pretrained = {
    "piano": Shipped("piano.symgen", "pop and classical piano"),
    "folk": Shipped("folk.symgen", "folk tunes with chords"),
}
PIANO, FOLK = "piano", "folk"
MUSIC = (".abc", ".kar", ".mid", ".midi", ".musicxml", ".mxl", ".rmi", ".xml")
"""Extensions of music, to tell a user who names a piece where a model is expected."""


def folder() -> Path:
    """Return the folder of the models, in a checkout or an installed package."""
    return Path(str(resources.files("symgen.pretrained")))


def path_of(name: str) -> Path:
    """Return the file of a model; DataError where this installation lacks it."""
    path = folder() / pretrained[name].file
    if not path.is_file():
        raise DataError(
            f"the model {name} ships with symgen, but {path} is missing; "
            "pip install --force-reinstall symgen, or name a bundle of your own"
        )
    return path


def name_of(path: str | os.PathLike[str]) -> str | None:
    """Return the name of the model at `path`; None where it does not ship with symgen."""
    found = Path(path)
    if found.parent.resolve() != folder().resolve():
        return None
    return next((name for name, model in pretrained.items() if model.file == found.name), None)


def is_name(source: str | os.PathLike[str]) -> bool:
    """Return whether `source` is the name of a model that ships, and no bundle of that path."""
    path = Path(source)
    return str(source) in pretrained and not path.is_file() and not (path / "best.symgen").is_file()


def located(source: str | os.PathLike[str]) -> Path:
    """Return the path of a bundle that is named by its path, its run's folder, or a model's name.

    A path comes before the name of a model that ships. DataError if there is no such bundle.
    """
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"model {source!r}: expected a path, or a name such as 'piano'")
    path = Path(source)
    if is_name(source):
        return path_of(str(source))
    if path.suffix.lower() in MUSIC and path.is_file():
        raise DataError(
            f"{path} is music, not a model; to continue it: "
            f"symgen sample --primer {shlex.quote(str(path))}"
        )
    if path.is_dir() and not (path / "best.symgen").is_file():
        raise DataError(_no_run(path))
    if path.is_dir():
        path /= "best.symgen"
    if path.is_file():
        return path
    if path.name == str(source) and not path.suffix:
        known = unknown("model", str(source), pretrained)
        raise DataError(f"{known} Or name a file; `symgen train` makes a model of your own")
    raise DataError(
        f"{path}: there is no such bundle{_hint(path)}; check the path, or use one that "
        f"ships: {', '.join(pretrained)}"
    )


def _no_run(path: Path) -> str:
    """Return what is wrong with a folder that holds no bundle."""
    if (path / "config.toml").is_file():
        return f"{path}: this run has no bundle yet; continue it: symgen train --resume {path}"
    return f"{path}: holds no best.symgen, so it is not the folder of a run{_hint(path)}"


def _hint(path: Path) -> str:
    """Return a question with the bundle or run whose name is most like that of `path`."""
    run = path.parent if path.name == "best.symgen" else path
    if not run.parent.is_dir():
        return ""
    near = nearest(run.name, (other.name for other in run.parent.iterdir()))
    return f" (did you mean {run.with_name(near)}?)" if near and near != run.name else ""
