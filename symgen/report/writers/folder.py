"""A page as a folder for a paper: figures as SVG, PNG and CSV, tables as CSV, samples as MIDI."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symgen import files, notes, scratch
from symgen.errors import DataError
from symgen.report.figure import Figure
from symgen.report.page import Page, figures, players, tables
from symgen.report.plotting import png, svg
from symgen.types import Progress

MANIFEST = "report.json"  # the document; a folder that has one may be replaced
NO_PNG = "no PNG: it needs matplotlib; pip install 'symgen[plot]'. SVG and CSV are written"


def write(
    page: Page,
    document: Mapping[str, Any],
    folder: Path,
    force: bool = False,
    progress: Progress | None = None,
) -> list[str]:
    """Write the whole folder, or nothing if it fails; return messages.

    DataError if `folder` holds other things, or holds a report and `force` is off.
    """
    _check(folder, force)
    files.make_folder(folder.parent)
    scratch.clean(folder.parent, again=True)
    with files.naming(folder), scratch.folder(folder) as hidden:
        made = hidden / "new"
        made.mkdir()
        messages = _fill(page, document, made, progress)
        scratch.swap(made, folder)
    return messages


def _check(folder: Path, force: bool) -> None:
    empty = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    is_report = (folder / MANIFEST).is_file()
    if empty or (force and is_report):
        return
    if is_report:
        raise DataError(f"{folder} exists; give another -o or --force to replace it")
    raise DataError(f"{folder} exists and holds other things; give another -o")


def _fill(
    page: Page, document: Mapping[str, Any], folder: Path, progress: Progress | None
) -> list[str]:
    pictures = png.installed()
    drawn = list(figures(page))
    for i, figure in enumerate(drawn):
        if progress:
            progress(i, len(drawn), "drawing figures")
        _draw(figure, folder, pictures)
    for table in tables(page):
        _write(folder / f"{table.name}.csv", table.csv())
    for player in players(page):
        notes.write(player.sequence, folder / f"{player.name}.mid")
    _write(folder / MANIFEST, json.dumps(document, indent=1, sort_keys=True) + "\n")
    return [] if pictures else [NO_PNG]


def _draw(figure: Figure, folder: Path, pictures: bool) -> None:
    text = svg.standalone(figure.drawing, figure.title, figure.about)
    _write(folder / f"{figure.name}.svg", text)
    _write(folder / f"{figure.name}.csv", figure.table.csv())
    if pictures:
        with open(folder / f"{figure.name}.png", "wb") as file:
            png.save(figure.drawing, file)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
