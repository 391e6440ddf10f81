"""The recipe of a sample: everything that makes it again, note for note.

It stands in the report beside a sample, and in its MIDI file as a text event. `options` are those
of `symgen sample` as they were given, with the targets of a file of controls among them. `bundle`
and `files` have the SHA-256 of the model and of the music that was named. Names of files are kept
as they were given, but of an absolute one only its last part: a recipe says nothing of a machine.
`draw` counts the draws before the one that was kept. So neither the training music nor the memory
of earlier samples is needed again.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Self

import symgen
from symgen.bounded import json_text
from symgen.bundle.bundle import Bundle
from symgen.checks import whole
from symgen.errors import BadOption, DataError, shorten, too_new
from symgen.files import sha256
from symgen.notes.midi.meta import RECIPE
from symgen.pretrained import name_of
from symgen.sampling.request.request import MOST_SEED
from symgen.sampling.request.sources import file_of, is_file
from symgen.sampling.sample import Sample

FORMAT = 1
NAMED = ("primer", "melody", "chords")
"""Options that may name music."""

MIDI = (".mid", ".midi")
MOST_BYTES = 64 << 20  # of a file in which a recipe is looked for
MOST_TEXT = 1 << 18  # characters of a recipe


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a sample was made; see the module."""

    symgen: str
    model: str
    bundle: str
    seed: int
    sample: int
    draw: int
    options: Mapping[str, Any]
    files: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in ("symgen", "model", "bundle"):
            if not isinstance(getattr(self, name), str):
                raise BadOption(f"{name} {shorten(getattr(self, name))}: expected text")
        for name in ("seed", "sample", "draw"):
            whole(name, getattr(self, name), 0, MOST_SEED)
        for name in ("options", "files"):
            if not isinstance(getattr(self, name), Mapping):
                raise BadOption(f"{name} {shorten(getattr(self, name))}: expected a table")
        names = [self.model, *(self.options.get(name) for name in NAMED if name in self.files)]
        for path in names:
            if not isinstance(path, str) or is_absolute(path):
                raise BadOption(f"{shorten(path)}: expected the name of a file, not absolute")

    @classmethod
    def of(
        cls, sample: Sample, model: Bundle, options: Mapping[str, Any], controls: str | None = None
    ) -> Self:
        """Return the recipe of a sample of `model`; `controls` is the file of its targets."""
        named = {n: str(v) for n in NAMED if is_music(v := options.get(n))}
        files = {n: sha256(file_of(v)) for n, v in named.items()}
        if controls is not None:
            files["controls"] = sha256(controls)
        return cls(
            symgen.__version__,
            name_of(model.path) or portable(model.path.as_posix()),
            sha256(model.path),
            sample.seed,
            sample.index,
            sample.again,
            {**options, **{n: portable(v) for n, v in named.items()}},
            files,
        )

    @classmethod
    def from_dict(cls, table: Any) -> Self:
        """Return the recipe that `to_dict` wrote; BadOption where it is none, or is newer."""
        if not isinstance(table, Mapping) or not isinstance(table.get("format"), int):
            raise BadOption("it has no format")
        if table["format"] > FORMAT:
            raise BadOption(too_new(table["format"], FORMAT))
        names = [field.name for field in dataclasses.fields(cls)]
        if missing := [name for name in names if name not in table]:
            raise BadOption(f"it lacks {missing[0]}")
        return cls(**{name: table[name] for name in names})

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {"format": FORMAT, **dataclasses.asdict(self)}

    def text(self) -> str:
        """Return the recipe as a line of ASCII, for a text event."""
        return RECIPE.decode() + json.dumps(self.to_dict(), sort_keys=True)


def portable(path: str) -> str:
    """Return a path as it was given, or the last part of an absolute one."""
    if not is_absolute(path):
        return path
    return PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name


def is_absolute(path: str) -> bool:
    """Return whether a path is absolute on any system."""
    return PurePosixPath(path).is_absolute() or bool(PureWindowsPath(path).anchor)


def is_music(value: Any) -> bool:
    """Return whether the value of an option names a file with music, and not chord symbols."""
    return isinstance(value, str) and value != "eval" and is_file(value)


def read(name: str) -> Recipe:
    """Return the recipe in a MIDI file or a report.

    For a file of another kind, it is that of the report beside it. DataError where there is none,
    or where it cannot be used.
    """
    path = Path(name)
    if path.suffix.lower() not in (*MIDI, ".json"):
        path = path.with_suffix(".json")
    if not path.is_file():
        raise DataError(f"{path}: no such file; give a sample's MIDI file or its report, .json")
    if path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path}: larger than {MOST_BYTES >> 20} MiB; give a sample of symgen")
    data = path.read_bytes()
    try:
        found = (_in_report if path.suffix == ".json" else _in_midi)(path, data)
        return Recipe.from_dict(found)
    except (BadOption, ValueError, RecursionError) as error:
        raise DataError(f"{path}: its recipe cannot be used: {shorten(error, 200)}") from None


def _in_midi(path: Path, data: bytes) -> Any:
    place = data.find(RECIPE)
    if place < 0:
        raise DataError(f"{path}: has no recipe; give a sample that symgen made, or its .json")
    text = data[place + len(RECIPE) : place + len(RECIPE) + MOST_TEXT].decode("ascii", "replace")
    return json.JSONDecoder().raw_decode(text)[0]


def _in_report(path: Path, data: bytes) -> Any:
    found = json_text.parse(data, MOST_BYTES)
    if not isinstance(found, Mapping) or "recipe" not in found:
        raise DataError(f"{path}: has no recipe; give a sample that symgen made, or its .json")
    return found["recipe"]
