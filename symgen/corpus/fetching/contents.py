"""Find and verify the files that a manifest lists with their checksums, and leave out the others.

The files may be in subfolders of the archive or folder. `root` is the prefix of their paths, such
as "" or "nottingham-dataset-master/".
"""

from __future__ import annotations

import fnmatch
import hashlib
import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from symgen.corpus.manifest import Manifest
from symgen.corpus.storage.places import Place, hidden
from symgen.errors import DataError, counted, printable
from symgen.files import sha256


def root_of(manifest: Manifest, names: Collection[str]) -> str | None:
    """Return the root under which `names` has every file that the manifest lists, or None."""
    for root in _roots(manifest, names)[:1]:
        if all(root + name in names for name in manifest.contents):
            return root
    return None


def _roots(manifest: Manifest, names: Iterable[str]) -> list[str]:
    """Return the roots under which `names` has files that the manifest lists, the most first."""
    counts: dict[str, int] = {}
    for name in names:
        parts = name.split("/")
        for i in range(len(parts)):
            if "/".join(parts[i:]) in manifest.contents:
                root = "".join(f"{part}/" for part in parts[:i])
                counts[root] = counts.get(root, 0) + 1
    return sorted(counts, key=lambda root: (-counts[root], root))


def is_of(manifest: Manifest, place: Place) -> str | None:
    """Return the root of the listed files in `place`; None if one is missing or different."""
    root = root_of(manifest, set(place.names))
    if root is None:
        return None
    digests = {root + name: digest for name, digest in manifest.contents.items()}
    right = all(
        hashlib.sha256(blob.read(name)).hexdigest() == digests[name]
        for name, blob in place.blobs()
        if name in digests
    )
    return root if right else None


def leave_out(place: Place, manifest: Manifest, root: str) -> None:
    """Move the files of `place` that the manifest does not include to `skipped`."""
    if not manifest.include:
        return
    names = [
        n
        for n in place.names
        if n.startswith(root) and matches(n.removeprefix(root), manifest.include)
    ]
    kept = set(names)
    reason = (
        f"not part of the corpus {manifest.name}, which is {', '.join(manifest.include)}; "
        "give its own folder to read it"
    )
    place.skipped += [(n, reason) for n in place.names if n not in kept]
    place.names = names


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Return whether a posix path matches a pattern; * matches within one name."""
    parts = path.split("/")
    return any(
        len(parts) == pattern.count("/") + 1
        and all(map(fnmatch.fnmatchcase, parts, pattern.split("/")))
        for pattern in patterns
    )


def take(source: Path, target: Path, manifest: Manifest, shown: object) -> int:
    """Copy the files of the corpus from `source` into the new folder `target`; return how many.

    Raises DataError, naming `shown`, if a listed file is missing or has another checksum. Then
    `target` may be incomplete.
    """
    names = {
        p.relative_to(source).as_posix(): p
        for p in sorted(source.rglob("*"))
        if p.is_file() and not p.is_symlink()
    }
    root = next(iter(_roots(manifest, names)), "")
    missing = [name for name in manifest.contents if root + name not in names]
    if missing:
        others = " and others" if len(missing) > 3 else ""
        raise DataError(
            f"{shown}: lacks {', '.join(missing[:3])}{others} of the "
            f"{counted(len(manifest.contents), 'file')} of {manifest.name}: refused, nothing was "
            "kept"
        )
    chosen = {n.removeprefix(root): p for n, p in names.items() if n.startswith(root)}
    patterns = [*manifest.include, *manifest.keep]
    chosen = {
        n: p
        for n, p in chosen.items()
        if n in manifest.contents
        or (not hidden(n) and (matches(n, patterns) or not manifest.include))
    }
    for name, path in chosen.items():
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        expected = manifest.contents.get(name)
        if expected and (found := sha256(copy)) != expected:
            raise DataError(
                f"{shown}: {printable(name)} has sha256 {found}, but the manifest says {expected}: "
                "refused, nothing was kept"
            )
    return len(chosen)
