"""Music that lies inside an installed Python package, found without importing it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from symgen.corpus.manifest import Manifest
from symgen.errors import DataError, MissingExtra


def folder(manifest: Manifest) -> Path:
    """Return the folder of the music of a manifest with a package; MissingExtra where the package is not installed."""
    package = manifest.package
    if package is None:
        raise DataError(
            f"{manifest.name} is in no package; put your own files into corpora/{manifest.name}"
        )
    spec = importlib.util.find_spec(package.name)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(package.name, package.extra, f"the corpus {manifest.name}")
    for place in spec.submodule_search_locations:
        if (path := Path(place) / package.folder).is_dir():
            return path
    raise DataError(
        f"{manifest.name}: the {package.name} that is installed has no folder {package.folder}; "
        f"install it whole: pip install --force-reinstall {package.name}"
    )
