"""Metadata tables: the group, the official split and the labels of the pieces.

A table is a CSV file with one row per file. It applies to the files in its folder and below. Pieces
of one group (such as performances of one work) are never on both sides of a split.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import posixpath
import unicodedata
from collections.abc import Sequence

from symgen import limits
from symgen.corpus.manifest import Manifest
from symgen.corpus.storage.places import same
from symgen.errors import DataError, one_line, printable

FILES = ("file", "filename", "file_name", "midi_filename", "midi_file", "midi", "path")
LABELS = ("composer", "title", "year", "performer", "artist", "genre", "style", "mood")
SPLITS = {
    "train": "train",
    "training": "train",
    "validation": "eval",
    "valid": "eval",
    "val": "eval",
    "dev": "eval",
    "eval": "eval",
    "test": "test",
    "": None,
}


@dataclasses.dataclass(frozen=True)
class Row:
    """The row of a table for one file; `group` is empty if the table has none."""

    group: str = ""
    split: str | None = None
    label: dict[str, str] = dataclasses.field(default_factory=dict)


def read(data: bytes, name: str, manifest: Manifest) -> dict[str, Row]:
    """Return path in the corpus -> Row for the table `name`; DataError if it cannot be used."""
    reader = csv.DictReader(
        io.StringIO(_text(data, name), newline=""), delimiter=_delimiter(data), restval=""
    )
    try:
        columns = {_plain(c): c for c in reader.fieldnames or () if c}
        file = _file_column(columns, name, manifest)
        group = _group_columns(columns, name, manifest)
        labels = _label_columns(columns, name, manifest)
        split = columns.get(_plain(manifest.split), "")
        rows = dict[str, Row]()
        for count, row in enumerate(reader):
            if count >= limits.current().members:
                raise DataError(f"{name}: {limits.current().beyond('members')}")
            if path := (row[file] or "").strip():
                official = _split(row[split], name, reader.line_num) if split else None
                rows[_place(name, path)] = Row(_group(row, group), official, _label(row, labels))
    except csv.Error as error:
        raise DataError(
            f"{name}: line {reader.line_num}: {error}; repair the table or rename it"
        ) from None
    return rows


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: byte {error.start} is not UTF-8; save the table as UTF-8"
        ) from None


def _delimiter(data: bytes) -> str:
    header = data.split(b"\n", 1)[0]
    return max(",;\t", key=lambda c: header.count(c.encode()))


def _plain(column: str) -> str:
    return column.strip().lower().removeprefix("canonical_")


def _file_column(columns: dict[str, str], name: str, manifest: Manifest) -> str:
    if manifest.file:
        return _named(columns, manifest.file, name)
    for candidate in FILES:
        if candidate in columns:
            return columns[candidate]
    raise DataError(
        f"{name}: no column names the files (looked for {', '.join(FILES)}; "
        f"has {printable(', '.join(columns.values())) or 'none'}); add one, or rename the table"
    )


def _group_columns(columns: dict[str, str], name: str, manifest: Manifest) -> list[str]:
    if manifest.group:
        return [_named(columns, manifest.group, name)]
    if "group" in columns:
        return [columns["group"]]
    return [columns[c] for c in ("composer", "title") if c in columns] if "title" in columns else []


def _label_columns(columns: dict[str, str], name: str, manifest: Manifest) -> dict[str, str]:
    if manifest.labels:
        return {_plain(c): _named(columns, c, name) for c in manifest.labels}
    return {c: columns[c] for c in LABELS if c in columns}


def _named(columns: dict[str, str], column: str, name: str) -> str:
    if _plain(column) not in columns:
        raise DataError(
            f"{name}: no column {column!r}, which corpus.toml names; "
            f"it has {printable(', '.join(columns.values()))}"
        )
    return columns[_plain(column)]


def _group(row: dict[str, str], columns: Sequence[str]) -> str:
    parts = [
        " ".join(unicodedata.normalize("NFC", row[c] or "").casefold().split()) for c in columns
    ]
    return ": ".join(p for p in parts if p) if parts and parts[-1] else ""


def _label(row: dict[str, str], columns: dict[str, str]) -> dict[str, str]:
    return {
        short: one_line(value)
        for short, column in columns.items()
        if (value := row[column] or "").strip()
    }


def _split(value: str | None, name: str, line: int) -> str | None:
    plain = (value or "").strip().lower()
    if plain not in SPLITS:
        raise DataError(
            f"{name}: line {line}: split {value!r} is not train, validation or test; "
            "correct the table"
        )
    return SPLITS[plain]


def _place(table: str, path: str) -> str:
    return same(
        posixpath.normpath(posixpath.join(posixpath.dirname(table), path.replace("\\", "/")))
    )
