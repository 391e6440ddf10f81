"""A corpus: music under one name, with what is known of it. `open_corpus` finds it, `Entry` is one file of it."""

from __future__ import annotations

import dataclasses
import fnmatch
import os
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from symgen import notes
from symgen.config import shipped
from symgen.corpus import manifest as manifests
from symgen.corpus import metadata
from symgen.corpus.fetching import contents, packages
from symgen.corpus.manifest import Manifest
from symgen.corpus.metadata import Row
from symgen.corpus.storage.archives import open_archive
from symgen.corpus.storage.places import ARCHIVES, Blob, File, Folder, Place, is_archive, same
from symgen.errors import BadOption, DataError, nearest, printable


@dataclasses.dataclass(frozen=True)
class Entry:
    """One file of a corpus, not yet read; it may be sent to another process and read there."""

    id: str  # posix path inside the corpus
    group: str  # pieces of one group stay on one side of the split; the id where nothing is known
    split: str | None  # official: "train", "eval", "test"
    label: dict[str, str]  # composer, title, ...
    name: str  # for errors
    blob: Blob

    def read(self) -> bytes:
        """Return the file's bytes; ReadError names it."""
        return self.blob.read(self.name)


@dataclasses.dataclass(frozen=True, eq=False)
class Corpus:
    """Music under one name. It is listed when it is opened and read entry by entry."""

    name: str
    title: str
    licence: str
    citation: str
    address: str
    synthetic: bool
    note: str  # one line to be said, or nothing
    skipped: list[tuple[str, str]]  # (name, reason) of the files left out by rule
    missing: int  # rows of the tables whose file is not here
    encoding: Mapping[
        str, Any
    ]  # how its manifest would have it encoded; empty where it says nothing
    _place: Place
    _rows: dict[str, Row]

    def __len__(self) -> int:
        return len(self._place.names)

    @property
    def facts(self) -> dict[str, str | bool]:
        """What datasets and bundles keep of a corpus: nothing that depends on where it lies."""
        return {
            k: getattr(self, k)
            for k in ("name", "title", "licence", "citation", "address", "synthetic")
        }

    def entries(self) -> Iterator[Entry]:
        """Yield every music file: sorted by path, or in the order of a tar."""
        for path, blob in self._place.blobs():
            row, shown = self._rows.get(same(path), Row()), printable(path)
            name = (
                str(self._place.path) if isinstance(self._place, File) else f"{self.name}/{shown}"
            )
            yield Entry(shown, row.group or shown, row.split, row.label, printable(name), blob)


def open_corpus(source: str | os.PathLike[str]) -> Corpus:
    """Open a folder, a file, an archive or the name of a corpus; DataError where it holds no music."""
    path, said = _locate(source)
    place = (
        Folder(path)
        if path.is_dir()
        else open_archive(path)
        if is_archive(path.name)
        else File(path)
    )
    manifest, root = _manifest(path, place)
    if manifest.package and not place.names:
        place = Folder(packages.folder(manifest))
    contents.leave_out(place, manifest, root)
    standin = _choose(place, manifest)
    if not place.names:
        raise _empty(source, place, manifest)
    rows, missing, about = _tables(place, manifest)
    notes_ = [said, *about]
    if standin and manifest.standin:
        notes_.insert(
            0,
            f"{source} holds no music of yours: using the synthetic stand-in, {manifest.standin.title}",
        )
        manifest = dataclasses.replace(
            manifest, title=manifest.standin.title, licence=manifest.standin.licence, synthetic=True
        )
    return Corpus(
        manifest.name or _stem(path),
        manifest.title or manifest.name or _stem(path),
        manifest.licence,
        manifest.citation,
        manifest.address,
        manifest.synthetic,
        "; ".join(n for n in notes_ if n),
        [(printable(n), r) for n, r in place.skipped],
        missing,
        manifest.encoding,
        place,
        rows,
    )


def _locate(source: str | os.PathLike[str]) -> tuple[Path, str]:
    """Return the path of `source` and what is to be said of it: what lies there, else a corpus by its name."""
    if not os.fspath(source):
        raise BadOption("a source is empty; name a folder, a file, an archive or a corpus")
    path = Path(source)
    if path.exists():
        return path, ""
    parts = path.parts
    name = parts[-1] if parts else ""
    if len(parts) == 1 or parts[:-1] == ("corpora",):
        here, there = Path("corpora") / name, shipped("corpora") / name
        if here.is_dir() and Folder(here).names:
            return here, ""
        if (there / manifests.FILE).is_file():
            return (
                there,
                f"{path} is not here: reading the corpus {name} that comes with symgen"
                if len(parts) > 1
                else "",
            )
    known = manifests.shipped_names()
    near = nearest(name, known)
    hint = f" (did you mean {near!r}?)" if near else ""
    raise DataError(
        f"{path}: no such file, folder or corpus{hint}; "
        f"give a path, or the name of a corpus: {', '.join(known)}"
    )


def _manifest(path: Path, place: Place) -> tuple[Manifest, str]:
    """Return the corpus's own manifest, or that of the shipped corpus whose table or files it holds, or an empty one.

    With it comes what stands before the paths that it names.
    """
    own = min(
        (
            c
            for c in place.companions
            if posixpath.basename(c) == manifests.FILE and c.count("/") <= 1
        ),
        key=lambda c: (c.count("/"), c),
        default=None,
    )
    if own and (not path.is_dir() or "/" not in own):
        return manifests.parse(place.peek(own), f"{path}/{own}"), own.removesuffix(manifests.FILE)
    for known in manifests.distinctive():
        if any(_governs(c, known, place) for c in place.companions):
            return known, ""
    for known in manifests.with_contents():
        if (root := contents.is_of(known, place)) is not None:
            return known, root
    return Manifest(), ""


def _governs(table: str, known: Manifest, place: Place) -> bool:
    folder, name = posixpath.split(table)
    return fnmatch.fnmatch(name, known.metadata) and all(
        n.startswith(f"{folder}/" if folder else "") for n in place.names
    )


def _choose(place: Place, manifest: Manifest) -> bool:
    """Leave the stand-in out where there is other music; True where there is none and it is used."""
    if not manifest.standin:
        return False
    inside = manifest.standin.folder.strip("/") + "/"
    own = [n for n in place.names if not n.startswith(inside)]
    standin = not own and bool(place.names)
    place.names = own or place.names
    place.companions = [c for c in place.companions if c.startswith(inside) == standin]
    return standin


def _tables(place: Place, manifest: Manifest) -> tuple[dict[str, Row], int, list[str]]:
    """Return what the tables say of each file, how many rows have none, and lines to be said."""
    rows: dict[str, Row] = {}
    here, about, missing = {same(n) for n in place.names}, list[str](), 0
    here |= {same(n) for n, _ in place.skipped}
    for table in sorted(place.companions, key=lambda c: (c.count("/"), c)):
        named = fnmatch.fnmatch(posixpath.basename(table), manifest.metadata)
        if named or posixpath.basename(table) == manifests.TABLE:
            found = metadata.read(place.peek(table), table, manifest if named else Manifest())
            lost = sum(name not in here for name in found)
            if lost:
                about.append(
                    f"{lost} of the {len(found)} files that {printable(table)} lists are not here"
                )
            missing += lost
            rows.update(found)
    unlisted = sum(same(n) not in rows for n in place.names)
    if rows and unlisted:
        about.append(
            f"{unlisted} of {len(place.names)} files are in no table: each is a group of its own"
        )
    return rows, missing, about


def _empty(source: object, place: Place, manifest: Manifest) -> DataError:
    fetch = any(a.address for a in manifest.archives)
    step = (
        f"run: symgen corpus fetch {manifest.name}"
        if fetch
        else f"put {', '.join(sorted(notes.SUFFIXES))} files there"
    )
    telling = [(n, r) for n, r in place.skipped if not r.startswith("no music file")]
    why = f" ({len(place.skipped)} files skipped)" if place.skipped else ""
    if telling:
        why = f" ({len(place.skipped)} files skipped, such as {printable(telling[0][0])}: {telling[0][1]})"
    return DataError(f"{source}: holds no music{why}; {step}")


def _stem(path: Path) -> str:
    name = path.resolve().name
    if path.is_dir():
        return name or "corpus"
    endings = [a for a in ARCHIVES if name.lower().endswith(a)] or [path.suffix]
    return name[: -max(map(len, endings))] or name
