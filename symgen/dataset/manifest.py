"""`dataset.json`: what a dataset folder holds, and how it was made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from symgen.errors import DataError

FORMAT = 2  # in format 1 the shards are not compressed
COMPRESSION = "GZIP"  # TensorFlow's word for it
MANIFEST = "dataset.json"
SplitName = Literal["train", "eval"]
SPLITS: tuple[SplitName, ...] = ("train", "eval")
Info = dict[str, Any]


def read_manifest(folder: Path) -> Info:
    """Return the contents of `dataset.json`; DataError where it is missing, broken or newer."""
    path = folder / MANIFEST
    if not folder.is_dir():
        raise DataError(
            f"{folder}: no such folder; make a dataset with: symgen convert SOURCE -o {folder}"
        )
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"{folder}: not a dataset, it has no {MANIFEST}; make one with: symgen convert {folder}"
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}") from None
    if not isinstance(info, dict) or not isinstance(info.get("format"), int):
        raise DataError(f"{path}: not the description of a dataset; convert again")
    if info["format"] > FORMAT:
        raise DataError(
            f"{path}: format {info['format']}, of a newer symgen; this one reads up to {FORMAT}: "
            "update it"
        )
    return info


def has_fingerprint(folder: Path, fingerprint: str) -> bool:
    """Return whether `folder` holds a dataset with that fingerprint."""
    try:
        return bool(read_manifest(folder).get("fingerprint") == fingerprint)
    except DataError:
        return False


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
