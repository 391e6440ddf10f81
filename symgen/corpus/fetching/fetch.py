"""Fetch a corpus: download, verify, unpack. Only files that match the manifest are kept.

A manifest has the SHA-256 of its archives, or, if the host repacks them, of the files in them.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

from symgen import scratch
from symgen.config import shipped
from symgen.corpus import manifest as manifests
from symgen.corpus.fetching import contents, packages
from symgen.corpus.fetching.download import downloaded
from symgen.corpus.manifest import Archive, Manifest
from symgen.corpus.storage.places import Folder, is_archive
from symgen.corpus.storage.unpack import unpack
from symgen.errors import DataError, counted
from symgen.files import make_folder, naming, sha256
from symgen.types import Progress


@dataclasses.dataclass(frozen=True)
class Fetched:
    """A corpus that is here now: folder, archive ("" if it was here before), number of files."""

    path: Path
    archive: str
    files: int
    note: str = ""


def fetch(
    name: str,
    *,
    source_file: str | os.PathLike[str] | None = None,
    target: str | os.PathLike[str] | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Fetched:
    """Fetch the corpus `name` into `target` (default `corpora/<name>`) and verify it.

    `source_file` is a local archive, or a folder with its contents if the manifest lists them. The
    SHA-256 of the archive, or of each listed file, must match the manifest; otherwise DataError
    gives both and nothing is kept. An interrupted download is kept in a hidden file beside
    `target`, and the next call resumes it. Existing music is kept unless `force` is on. A corpus
    inside a Python package is only located.
    """
    folder = Path(target) if target else Path("corpora") / name
    manifest = manifests.load(folder) or manifests.of_shipped(name)
    if manifest.package and source_file is None:
        return Fetched(
            packages.folder(manifest),
            "",
            0,
            f"{name} is in the package {manifest.package.name}, which is installed: "
            f"nothing to fetch, convert it by its name",
        )
    here = _music(folder, manifest)
    if here and not force:
        return Fetched(
            folder,
            "",
            here,
            f"{folder} holds {counted(here, 'file')} already; --force fetches it again",
        )
    if source_file is not None:
        archive = _recognised(Path(source_file), manifest)
        path = Path(source_file)
        make_folder(folder.parent)
        return Fetched(folder, archive.name, _install(path, folder, manifest, force), archive.note)
    archive = _released(manifest, name)
    fresh = not folder.parent.exists()
    make_folder(folder.parent)
    try:
        with downloaded(archive, folder.parent, progress) as path:
            count = _install(path, folder, manifest, force)
    finally:
        if fresh and not any(folder.parent.iterdir()):
            folder.parent.rmdir()
    return Fetched(folder, archive.name, count, archive.note)


def _music(folder: Path, manifest: Manifest) -> int:
    if not folder.is_dir():
        return 0
    standin = manifest.standin.folder.strip("/") + "/" if manifest.standin else None
    return sum(not (standin and n.startswith(standin)) for n in Folder(folder).names)


def _released(manifest: Manifest, name: str) -> Archive:
    for archive in manifest.archives:
        if archive.address:
            return archive
    raise DataError(
        f"{name} has no address to fetch it from; put your own files into corpora/{name}"
    )


def _recognised(path: Path, manifest: Manifest) -> Archive:
    """Return the archive of the manifest with the checksum of the file.

    If the manifest lists contents, it is any archive or folder; the contents are verified later.
    """
    if manifest.contents and (path.is_dir() or (path.is_file() and is_archive(path.name))):
        return Archive(path.name, note=manifest.archives[0].note if manifest.archives else "")
    if not path.is_file():
        raise DataError(f"{path}: no such file; give --from the archive as it was downloaded")
    found = sha256(path)
    for archive in manifest.archives:
        if archive.sha256 == found:
            return archive
    known = ", ".join(f"{a.name} {a.sha256}" for a in manifest.archives if a.sha256) or "none"
    raise DataError(
        f"{path}: sha256 {found} is not a known archive of {manifest.name} ({known}); "
        "download it again, or convert the file itself if you trust it"
    )


def _install(source: Path, folder: Path, manifest: Manifest, force: bool) -> int:
    """Unpack or copy into a hidden folder beside `folder`, which then takes its place."""
    place = folder.resolve()  # behind a link
    scratch.clean(place.parent, again=True)
    with naming(folder), scratch.folder(place) as hidden:
        new = hidden / "new"
        new.mkdir()
        count = 0 if source.is_dir() else unpack(source, new)
        if manifest.contents:
            whole = source if source.is_dir() else new
            new = hidden / "chosen"
            new.mkdir()
            count = contents.take(whole, new, manifest, source)
        _keep(folder, new, force)
        if not (new / manifests.FILE).exists():
            shutil.copyfile(
                shipped("corpora") / manifest.name / manifests.FILE, new / manifests.FILE
            )
        scratch.swap(new, place)
    return count


def _keep(folder: Path, new: Path, force: bool) -> None:
    """Add to `new` what `folder` holds beside what was fetched, and the manifest that it has."""
    for child in sorted(folder.iterdir()) if folder.is_dir() else ():
        fetched = new / child.name
        if child.name == manifests.FILE:
            fetched.unlink(missing_ok=True)
        elif fetched.exists() and not force:
            raise DataError(f"{child} exists; give another -o or --force to replace it")
        if fetched.exists():
            continue
        if child.is_dir() and not child.is_symlink():
            shutil.copytree(child, fetched, symlinks=True, copy_function=_link)
        else:
            _link(child, fetched)


def _link(source: str | Path, target: str | Path) -> None:
    """Give a file a second name, or copy it where the file system has no hard links."""
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(source, target, follow_symlinks=False)
