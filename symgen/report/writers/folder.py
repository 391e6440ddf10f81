"""A page as a folder for a paper: each figure as SVG, PNG and CSV, each table as CSV, the samples as MIDI, all or nothing."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symgen import files, notes
from symgen.errors import DataError
from symgen.report.page import Audio, Page
from symgen.report.plotting import png, svg
from symgen.report.writers.html import Said, figures, tables

MANIFEST = "report.json"  # the document; a folder that holds one may be written anew


def write(
    page: Page,
    document: Mapping[str, Any],
    folder: Path,
    force: bool = False,
    progress: Said | None = None,
) -> list[str]:
    """Write the folder and return what is to be said of it; DataError where it holds other things, or a report and not `force`."""
    ours, taken = (
        (folder / MANIFEST).is_file(),
        folder.exists() and (not folder.is_dir() or any(folder.iterdir())),
    )
    if taken and not (force and ours):
        raise DataError(
            f"{folder} exists{'' if ours else ' and holds other things'}; give another -o{' or --force to replace it' * ours}"
        )
    files.make_folder(folder.parent)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name[:32]}.", suffix=".part"))
    try:
        said = _fill(page, document, made, progress)
        os.chmod(made, 0o777 & ~files._umask())
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(made, folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return said


def _fill(
    page: Page, document: Mapping[str, Any], folder: Path, progress: Said | None
) -> list[str]:
    pictures, drawn = png.installed(), list(figures(page))
    for i, figure in enumerate(drawn):
        if progress:
            progress(i, len(drawn), "drawing figures")
        _text(
            folder / f"{figure.name}.svg",
            svg.standalone(figure.drawing, figure.title, figure.about),
        )
        _text(folder / f"{figure.name}.csv", figure.table.csv())
        if pictures:
            with open(folder / f"{figure.name}.png", "wb") as file:
                png.save(figure.drawing, file)
    for table in tables(page):
        _text(folder / f"{table.name}.csv", table.csv())
    for section in page.sections:
        for part in section.parts:
            if isinstance(part, Audio):
                notes.write(part.sequence, folder / f"{part.name}.mid")
    _text(folder / MANIFEST, json.dumps(document, indent=1, sort_keys=True) + "\n")
    return (
        []
        if pictures
        else ["no PNG: that needs matplotlib: pip install 'symgen[plot]'; SVG and CSV are written"]
    )


def _text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
