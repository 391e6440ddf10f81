"""`corpus.toml`: metadata of a corpus, such as its licence and its source.

A manifest comes with the music, from anybody. Its texts are of one line and printable, its name is
one plain folder name, and its paths stay inside the corpus.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from symgen import regular
from symgen.config import NotToml, into, parse_toml, shipped
from symgen.errors import BadOption, DataError, UnknownName, one_line, shorten, unknown
from symgen.notes import check_reading

FILE = "corpus.toml"
TABLE = "metadata.csv"
MOST_BYTES = 1 << 20
LONGEST_NAME = 64


@dataclasses.dataclass(frozen=True)
class Archive:
    """One archive with known contents: a release, or a part of one."""

    name: str
    sha256: str = ""  # empty if the host may repack it; then `contents` verify it
    bytes: int = 0  # 0: unknown
    address: str = ""  # for the download; empty if there is none
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Standin:
    """Music that ships with a corpus and is read if the corpus has no other."""

    folder: str
    title: str = ""
    licence: str = ""


@dataclasses.dataclass(frozen=True)
class Package:
    """A Python package that contains music, and the extra of symgen that installs it."""

    name: str
    folder: str
    extra: str


@dataclasses.dataclass(frozen=True)
class Manifest:
    """The contents of a corpus.toml. Columns without a name are found by their usual names."""

    name: str = ""
    title: str = ""
    licence: str = ""
    citation: str = ""
    address: str = ""  # web page of the corpus
    synthetic: bool = False  # composed by a program
    metadata: str = TABLE  # name of the metadata table, or a pattern such as "maestro-v*.csv"
    file: str = ""  # columns of the table: this and the next three
    group: str = ""
    split: str = "split"
    labels: tuple[str, ...] = ()
    archives: tuple[Archive, ...] = ()  # the first with an address is fetched
    standin: Standin | None = None
    package: Package | None = None  # read if the folder has no music
    include: tuple[str, ...] = ()  # patterns of the paths of the music; empty: all
    keep: tuple[str, ...] = ()  # patterns of other files that a fetch keeps
    encoding: Mapping[str, Any] = dataclasses.field(default_factory=dict)  # its default encoding
    # options of readers, such as accidentals = "pitch"
    reading: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    contents: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """path -> sha256 of the files that identify the music"""


def parse(data: bytes, where: str) -> Manifest:
    """Read a manifest.

    Raises BadOption for an unknown key or a value of the wrong type, DataError for invalid TOML.
    """
    try:
        table = parse_toml(data)
    except NotToml as error:
        raise DataError(f"{where}: not valid TOML: {error}") from None
    archives = table.get("archives", [])
    if isinstance(archives, list) and all(isinstance(a, dict) for a in archives):
        needed = ("name",) if table.get("contents") else ("name", "sha256")
        table["archives"] = tuple(_part(Archive, a, needed, f"{where}: archives") for a in archives)
    if isinstance(table.get("standin"), dict):
        table["standin"] = _part(Standin, table["standin"], ("folder",), f"{where}: standin")
    if isinstance(table.get("package"), dict):
        table["package"] = _part(
            Package, table["package"], ("name", "folder", "extra"), f"{where}: package"
        )
    manifest: Manifest = into(Manifest, table, where)
    _check_name(manifest.name, where)
    _check_folder(manifest.package, where)
    try:
        check_reading(manifest.reading)
    except BadOption as error:
        raise BadOption(f"{where}: [reading] {error}") from None
    return dataclasses.replace(
        manifest,
        labels=tuple(manifest.labels),
        include=tuple(manifest.include),
        keep=tuple(manifest.keep),
        title=one_line(manifest.title),
        licence=one_line(manifest.licence),
        citation=one_line(manifest.citation),
        address=one_line(manifest.address),
    )


def _check_name(name: str, where: str) -> None:
    """Raise DataError unless a name is a plain one, because folders are called after it."""
    plain = name.isprintable() and not set(name) & set('/\\:*?"<>|')
    if not plain or name != name.strip() or name.startswith(".") or len(name) > LONGEST_NAME:
        raise DataError(
            f"{where}: name {shorten(repr(name))}: expected the name of a folder, of at most "
            f"{LONGEST_NAME} characters, without separators and not beginning with a point"
        )


def _check_folder(package: Package | None, where: str) -> None:
    """Raise DataError where the folder of a package leaves it."""
    if package is None:
        return
    path = PurePosixPath(package.folder.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in package.folder:
        raise DataError(
            f"{where}: package.folder {shorten(repr(package.folder))}: expected a path inside the "
            "package"
        )


def _part(cls: type, table: dict[str, Any], needed: tuple[str, ...], where: str) -> Any:
    for key in needed:
        if key not in table:
            raise DataError(f"[{where}] lacks {key}; add it")
    return into(cls, table, where)


def load(folder: Path) -> Manifest | None:
    """Return the manifest of a corpus folder, or None if it has none."""
    path = folder / FILE
    try:
        found = path.is_file()
        return parse(regular.contents(path, MOST_BYTES), str(path)) if found else None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None


def shipped_names() -> list[str]:
    """Return the names of the corpora that come with symgen."""
    return sorted(p.parent.name for p in shipped("corpora").glob(f"*/{FILE}"))


def of_shipped(name: str) -> Manifest:
    """Return the manifest of the corpus `name` that comes with symgen."""
    manifest = load(shipped("corpora") / name) if name in shipped_names() else None
    if manifest is None:
        raise UnknownName(unknown("corpus that comes with symgen", name, shipped_names()))
    return manifest


@functools.cache
def _in(folder: Path) -> tuple[Manifest, ...]:
    return tuple(m for path in sorted(folder.glob(f"*/{FILE}")) if (m := load(path.parent)))


def with_contents() -> list[Manifest]:
    """Return the shipped manifests that list the files of their music."""
    return [m for m in _in(shipped("corpora")) if m.contents]


def distinctive() -> list[Manifest]:
    """Return the shipped manifests whose metadata table has a distinctive name."""
    return [m for m in _in(shipped("corpora")) if m.metadata != TABLE]
