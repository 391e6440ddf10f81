"""The model to use if none is named: the newest run that fits, else one that ships."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from symgen.bundle.bundle import Bundle
from symgen.errors import DataError
from symgen.pretrained import FOLK, PIANO, path_of

RUNS, BEST = "runs", "best.symgen"


class Which(NamedTuple):
    """The bundle to use, and a line about the choice; empty if it is the newest run."""

    path: Path
    message: str = ""


def newest_first(runs: str | os.PathLike[str] = RUNS) -> list[Path]:
    """Return the best bundles of the runs in a folder, the one that was written last first."""
    found = [(p.stat().st_mtime_ns, p) for p in Path(runs).glob(f"*/{BEST}")]
    return [path for _, path in sorted(found, reverse=True)]


def which(option: str = "", tune: bool | None = None, runs: str | os.PathLike[str] = RUNS) -> Which:
    """Return the model to use where `option` needs one of tunes (`tune`) or one of seconds.

    Without `tune` it is the newest run. DataError where there is no run, and the model that ships
    is missing.
    """
    found = newest_first(runs)
    if found and tune is None:
        return Which(found[0])
    if found and (fits := next(_of_kind(found, bool(tune)), None)):
        if fits == found[0]:
            return Which(fits)
        message = f"{_unfit(found[0], option, tune)}: taking {fits}, the newest run that is"
        return Which(fits, message)
    name = FOLK if tune else PIANO
    try:
        shipped = path_of(name)
    except DataError as error:
        if found:
            raise DataError(f"{_unfit(found[0], option, tune)}, and {error}") from None
        raise DataError(
            f"no bundle under {Path(runs).absolute()}, and {error}; "
            "or train one with `symgen train`"
        ) from None
    if not found:
        return Which(shipped)
    return Which(shipped, f"{_unfit(found[0], option, tune)}: taking {name}; --model names another")


def _unfit(path: Path, option: str, tune: bool | None) -> str:
    kind = "tunes" if tune else "music in seconds"
    return f"{path} is no model of {kind}, which {option} asks for"


def _of_kind(found: list[Path], tune: bool) -> Iterator[Path]:
    """Yield the bundles that are of tunes, or those that are not."""
    for path in found:
        try:
            bundle: Bundle = Bundle.open(path)
            if bundle.encoding.tune == tune:
                yield path
        except DataError:
            continue  # of another version, or half written: it is no choice
