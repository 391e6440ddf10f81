"""`dataset.json`: what a dataset folder holds, and how it was made."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from symgen import regular
from symgen.bounded import json_text
from symgen.dataset.store import schema
from symgen.errors import DataError, printable, too_new

FORMAT = 2  # in format 1 the shards are not compressed
COMPRESSION = "GZIP"  # TensorFlow's word for it
MANIFEST = "dataset.json"
MOST_BYTES = 64 << 20  # of dataset.json: some 300,000 pieces
SplitName = Literal["train", "eval"]
SPLITS: tuple[SplitName, ...] = ("train", "eval")
Info = dict[str, Any]

_OURS = re.compile(
    r"dataset\.json|passages\.npz|(train|eval)-\d+-of-\d+\.(tfrecord|bytes)|\..*\.part"
)


def read_manifest(folder: Path) -> Info:
    """Return the contents of `dataset.json`; DataError where it is missing, broken or newer."""
    path = folder / MANIFEST
    if not folder.is_dir():
        raise DataError(
            f"{folder}: no such folder; make a dataset with: symgen convert SOURCE -o {folder}"
        )
    try:
        info = json_text.parse(regular.contents(path, MOST_BYTES), MOST_BYTES)
    except FileNotFoundError:
        raise DataError(
            f"{folder}: not a dataset, it has no {MANIFEST}; make one with: symgen convert {folder}"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read: {printable(reason)}") from None
    version = info.get("format") if isinstance(info, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DataError(f"{path}: not the description of a dataset; convert again")
    if version > FORMAT:
        raise DataError(f"{path}: {too_new(version, FORMAT)}")
    try:
        schema.check(info)
    except ValueError as error:
        raise DataError(
            f"{path}: not the description of a dataset ({printable(error)}); convert again"
        ) from None
    return dict(info)


def has_fingerprint(folder: Path, fingerprint: str) -> bool:
    """Return whether `folder` holds a dataset with that fingerprint."""
    try:
        return bool(read_manifest(folder).get("fingerprint") == fingerprint)
    except DataError:
        return False


def check_replaceable(path: Path) -> None:
    """Raise DataError where there is anything at `path` but a dataset or an empty folder.

    A dataset to which somebody added a file of another kind is not replaced.
    """
    if not path.exists():
        return
    inside = sorted(p.name for p in path.iterdir()) if path.is_dir() else []
    if path.is_dir() and not inside:
        return
    if MANIFEST not in inside:
        raise DataError(f"{path} exists and is not a dataset; give another -o")
    other = next((name for name in inside if not _OURS.fullmatch(name)), None)
    if other is not None:
        raise DataError(
            f"{path} holds {printable(other)}, which is no part of a dataset; move it, or give "
            "another -o"
        )


def numbered(folder: Path, name: str) -> Iterator[Path]:
    """Yield name, name-2, name-3, ... in `folder` while they exist."""
    for i in itertools.count(1):
        path = folder / (name if i == 1 else f"{name}-{i}")
        if not path.exists():
            return
        yield path


def write_manifest(folder: Path, info: Info) -> None:
    """Write `dataset.json` with sorted keys and a line for each list entry."""
    text = ",\n".join(f" {json.dumps(key)}: {_lines(info[key])}" for key in sorted(info))
    (folder / MANIFEST).write_bytes(f"{{\n{text}\n}}\n".encode())


def _lines(value: Any, indent: str = " ") -> str:
    inner = indent + " "
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = [inner + json.dumps(item, sort_keys=True) for item in value]
        return _block("[]", rows, indent)
    if isinstance(value, dict) and value:
        rows = [f"{inner}{json.dumps(k)}: {_lines(value[k], inner)}" for k in sorted(value)]
        return _block("{}", rows, indent)
    return json.dumps(value, sort_keys=True)


def _block(brackets: str, rows: list[str], indent: str) -> str:
    return "\n".join([brackets[0], ",\n".join(rows), indent + brackets[1]])
