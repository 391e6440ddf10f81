"""A corpus: music under one name with its metadata. `open_corpus` finds it; `Entry` is a file."""

from __future__ import annotations

import dataclasses
import fnmatch
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from symgen import limits, notes
from symgen.config import shipped
from symgen.corpus import manifest as manifests
from symgen.corpus import metadata
from symgen.corpus.fetching import contents, packages
from symgen.corpus.manifest import Manifest
from symgen.corpus.metadata import Row
from symgen.corpus.storage.archives import open_archive
from symgen.corpus.storage.places import ARCHIVES, Blob, File, Folder, Place, is_archive, same
from symgen.errors import BadOption, DataError, counted, nearest, printable
from symgen.limits import Limits


@dataclasses.dataclass(frozen=True)
class Entry:
    """One file of a corpus, not yet read; another process may read it."""

    id: str  # posix path inside the corpus
    group: str  # pieces of one group stay on one side of the split; the id if unknown
    split: str | None  # official: "train", "eval", "test"
    label: dict[str, str]  # composer, title, ...
    name: str  # for errors
    blob: Blob
    limits: Limits | None = None  # the default ones
    reading: Mapping[str, Any] = dataclasses.field(default_factory=dict)  # options of readers

    def read(self) -> bytes:
        """Return the bytes of the file; ReadError names it."""
        with limits.using(self.limits):
            return self.blob.read(self.name)


@dataclasses.dataclass(frozen=True, eq=False)
class Corpus:
    """Music under one name. Opening it lists the files; entries are read one by one."""

    name: str
    title: str
    licence: str
    citation: str
    address: str
    synthetic: bool
    note: str  # one line for the user, or ""
    skipped: list[tuple[str, str]]  # (name, reason) of files left out
    missing: int  # rows of metadata tables whose file is not here
    encoding: Mapping[str, Any]  # recommended by its manifest; may be empty
    limits: Limits | None  # other than the default ones, for each file
    reading: Mapping[str, Any]  # options of readers, by its manifest or the user; may be empty
    _place: Place
    _rows: dict[str, Row]

    def __len__(self) -> int:
        return len(self._place.names)

    @property
    def facts(self) -> dict[str, Any]:
        """The facts that datasets and bundles store; they do not depend on the location."""
        known = ("name", "title", "licence", "citation", "address", "synthetic")
        facts = {k: getattr(self, k) for k in known}
        return facts | ({"reading": dict(self.reading)} if self.reading else {})

    def entries(self) -> Iterator[Entry]:
        """Yield every music file, sorted by path, or in the order of a tar archive."""
        for path, blob in self._place.blobs():
            row = self._rows.get(same(path), Row())
            shown = printable(path)
            name = f"{self.name}/{shown}"
            if isinstance(self._place, File):
                name = str(self._place.path)
            yield Entry(
                shown,
                printable(row.group) or shown,
                row.split,
                row.label,
                printable(name),
                blob,
                self.limits,
                self.reading,
            )


def open_corpus(source: str | os.PathLike[str], reading: Mapping[str, Any] | None = None) -> Corpus:
    """Open a folder, a file, an archive or the name of a corpus; DataError if it has no music.

    The limits in force are those of its files. `reading` has options of readers, such as
    {"accidentals": "pitch"}; they go before those of the manifest. BadOption if no reader has one.
    """
    notes.check_reading(reading or {})
    path, found = _locate(source)
    place = _place(path)
    manifest, root = _manifest(path, place)
    if manifest.package and not place.names:
        place = Folder(packages.folder(manifest))
    contents.leave_out(place, manifest, root)
    standin = _choose(place, manifest)
    if not place.names:
        raise _empty(source, place, manifest)
    rows, missing, remarks = _tables(place, manifest)
    remarks.insert(0, found)
    if standin and manifest.standin:
        title = manifest.standin.title
        remarks.insert(
            0, f"{source} holds no music of yours: using the synthetic stand-in, {title}"
        )
        manifest = dataclasses.replace(
            manifest, title=title, licence=manifest.standin.licence, synthetic=True
        )
    name = manifest.name or printable(_stem(path))
    asked = limits.current()
    return Corpus(
        name,
        manifest.title or name,
        manifest.licence,
        manifest.citation,
        manifest.address,
        manifest.synthetic,
        "; ".join(remark for remark in remarks if remark),
        [(printable(n), printable(r)) for n, r in place.skipped],
        missing,
        manifest.encoding,
        asked if asked.changed() else None,
        {**manifest.reading, **(reading or {})},
        place,
        rows,
    )


def open_all(
    sources: Sequence[str | os.PathLike[str]], reading: Mapping[str, Any] | None = None
) -> list[Corpus]:
    """Open every source; DataError where two have one name, because their ids would be the same."""
    corpora = [open_corpus(source, reading) for source in sources]
    names = [corpus.name for corpus in corpora]
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"two of the sources are called {name!r}; rename a folder or convert them apart"
            )
    return corpora


def _place(path: Path) -> Place:
    if path.is_dir():
        return Folder(path)
    return open_archive(path) if is_archive(path.name) and path.is_file() else File(path)


def _locate(source: str | os.PathLike[str]) -> tuple[Path, str]:
    """Return the path of `source`, else of the corpus with that name, and a remark or ""."""
    if not os.fspath(source):
        raise BadOption("a source is empty; name a folder, a file, an archive or a corpus")
    path = Path(source)
    if path.exists():
        return path, ""
    parts = path.parts
    name = parts[-1] if parts else ""
    if len(parts) == 1 or parts[:-1] == ("corpora",):
        here = Path("corpora") / name
        there = shipped("corpora") / name
        if here.is_dir() and Folder(here).names:
            return here, ""
        if (there / manifests.FILE).is_file():
            remark = f"{path} is not here: reading the corpus {name} that comes with symgen"
            return there, remark if len(parts) > 1 else ""
    if len(parts) > 1 and parts[:-1] != ("corpora",):
        raise DataError(f"{path}: no such file or folder; check the path")
    known = manifests.shipped_names()
    near = nearest(name, known)
    hint = f" (did you mean {near!r}?)" if near else ""
    raise DataError(
        f"{path}: no such file, folder or corpus{hint}; "
        f"give a path, or the name of a corpus: {', '.join(known)}"
    )


def _manifest(path: Path, place: Place) -> tuple[Manifest, str]:
    """Return the manifest, and the prefix of the paths in it.

    It is that of the corpus itself, else that of a shipped corpus with this table or these files,
    else an empty one.
    """
    candidates = [c for c in place.companions if posixpath.basename(c) == manifests.FILE]
    near = [c for c in candidates if c.count("/") <= 1]
    own = min(near, key=lambda c: (c.count("/"), c), default=None)
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
    """Remove the stand-in if there is other music; return whether it is used."""
    if not manifest.standin:
        return False
    inside = manifest.standin.folder.strip("/") + "/"
    own = [n for n in place.names if not n.startswith(inside)]
    standin = not own and bool(place.names)
    place.names = own or place.names
    place.companions = [c for c in place.companions if c.startswith(inside) == standin]
    return standin


def _tables(place: Place, manifest: Manifest) -> tuple[dict[str, Row], int, list[str]]:
    """Return the row of each file, the number of rows without a file, and remarks."""
    rows: dict[str, Row] = {}
    here = {same(n) for n in place.names}
    remarks = list[str]()
    missing = 0
    here |= {same(n) for n, _ in place.skipped}
    for table in sorted(place.companions, key=lambda c: (c.count("/"), c)):
        named = fnmatch.fnmatch(posixpath.basename(table), manifest.metadata)
        if named or posixpath.basename(table) == manifests.TABLE:
            found = metadata.read(place.peek(table), table, manifest if named else Manifest())
            lost = sum(name not in here for name in found)
            if lost:
                remarks.append(
                    f"{lost:,} of the {counted(len(found), 'file')} that {printable(table)} lists "
                    "are not here"
                )
            missing += lost
            rows.update(found)
    unlisted = sum(same(n) not in rows for n in place.names)
    if rows and unlisted:
        remarks.append(
            f"{unlisted:,} of {counted(len(place.names), 'file')} are in no table: each is a group "
            "of its own"
        )
    return rows, missing, remarks


def _empty(source: object, place: Place, manifest: Manifest) -> DataError:
    step = f"put {', '.join(sorted(notes.SUFFIXES))} files there"
    if any(archive.address for archive in manifest.archives):
        step = f"run: symgen corpus fetch {manifest.name}"
    telling = [(n, r) for n, r in place.skipped if not r.startswith("no music file")]
    why = f"{counted(len(place.skipped), 'file')} skipped" if place.skipped else ""
    if telling:
        why += f", such as {printable(telling[0][0])}: {telling[0][1]}"
    why = f" ({why})" if why else ""
    return DataError(f"{source}: holds no music{why}; {step}")


def _stem(path: Path) -> str:
    name = path.resolve().name
    if path.is_dir():
        return name or "corpus"
    endings = [a for a in ARCHIVES if name.lower().endswith(a)] or [path.suffix]
    return name[: -max(map(len, endings))] or name
