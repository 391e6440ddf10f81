"""A piece as sheet music: pages in SVG, engraved by verovio (extra `sheets`) from MusicXML."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from symgen import files
from symgen.errors import DataError, MissingExtra
from symgen.notes import writers
from symgen.notes.sequence import NoteSequence

SHEET = ".svg"
LAYOUT = {
    "scale": 40,
    "pageWidth": 2100,  # tenths of a millimetre: A4
    "pageHeight": 2970,
    "footer": "none",
    "xmlIdSeed": 1,  # else equal music gives other bytes
}


def save(sequence: NoteSequence, path: Path, force: bool = False) -> list[Path]:
    """Write the pages of a piece, quantised as for MusicXML, and return their files.

    One page is written to `path`; of several, the second one of x.svg goes to x-2.svg. Warns as the
    MusicXML writer does. Raises MissingExtra without verovio, and DataError if there are no notes,
    or if a file exists and `force` is off.
    """
    toolkit = _toolkit()
    if not len(sequence):
        raise DataError(f"{sequence.source.path or 'the piece'}: no notes, nothing to engrave")
    files.refuse_overwrite(path, force)
    score = writers.make({"name": ".musicxml"}).encode(sequence).decode()
    if not toolkit.loadData(score):
        raise DataError(
            f"{path}: verovio cannot engrave this piece; write it as .musicxml and open that"
        )
    count = toolkit.getPageCount()
    places = [path, *(path.with_stem(f"{path.stem}-{k}") for k in range(2, count + 1))]
    for place in places[1:]:
        files.refuse_overwrite(place, force)
    for number, place in enumerate(places, 1):
        with files.atomic(place, replace=force) as file:
            file.write(toolkit.renderToSVG(number).encode())
    return places


def _toolkit() -> Any:
    try:
        verovio: Any = importlib.import_module("verovio")
    except ImportError:
        raise MissingExtra("verovio", "sheets", "sheet music as SVG") from None
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit()
    toolkit.setOptions(LAYOUT)
    return toolkit
