"""Find a soundfont if none is given."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from symgen.errors import DataError

SHIPPED = "TimGM6mb.sf2"  # comes with pretty_midi; General Public License, version 2
SYSTEM = (
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/soundfonts/default.sf2",
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
)


def shipped() -> Path:
    """Return the soundfont that comes with pretty_midi."""
    spec = importlib.util.find_spec("pretty_midi")
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        if (Path(folder) / SHIPPED).is_file():
            return Path(folder) / SHIPPED
    raise DataError(
        "pretty_midi's soundfont is not installed; "
        "give one with --soundfont, or: pip install pretty_midi"
    )


def system() -> Path | None:
    """Return the default soundfont of the operating system, or None."""
    return next((Path(p) for p in SYSTEM if Path(p).is_file()), None)
