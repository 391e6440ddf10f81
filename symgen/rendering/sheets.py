"""A piece as sheet music in SVG, PDF or PNG, engraved by verovio (extra `sheets`) from MusicXML."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from symgen import files
from symgen.errors import DataError, MissingExtra
from symgen.notes import writers
from symgen.notes.sequence import NoteSequence
from symgen.rendering import paper

SHEETS = (".svg", ".pdf", ".png")
LAYOUT = {
    "scale": 40,
    "pageWidth": 2100,  # tenths of a millimetre: A4
    "pageHeight": 2970,
    "footer": "none",
    "pedalStyle": "line",
    "xmlIdSeed": 1,  # else equal music gives other bytes
}


def save(
    sequence: NoteSequence, path: Path, force: bool = False, dynamics: bool = False
) -> list[Path]:
    """Write the pages of a piece, quantised as for MusicXML, and return their files.

    The extension picks the format, one of SHEETS. A PDF has all pages. Of the others, one page is
    written to `path`; of several, the second one of x.svg goes to x-2.svg. `dynamics` prints how
    loud the notes are. Warns as the MusicXML writer does. Raises MissingExtra without verovio (or
    matplotlib, for PDF and PNG), and DataError if there are no notes, for another extension, or if
    a file exists and `force` is off.
    """
    suffix = path.suffix.lower()
    if suffix not in SHEETS:
        raise DataError(f"{path}: sheet music is written as {', '.join(SHEETS)}")
    toolkit = _toolkit()
    if not len(sequence):
        raise DataError(f"{sequence.source.path or 'the piece'}: no notes, nothing to engrave")
    files.refuse_overwrite(path, force)
    _load(toolkit, sequence, dynamics, str(path))
    count = 1 if suffix == ".pdf" else toolkit.getPageCount()
    places = [path, *(path.with_stem(f"{path.stem}-{k}") for k in range(2, count + 1))]
    for place in places[1:]:
        files.refuse_overwrite(place, force)
    pages = _pages(toolkit)
    if suffix == ".pdf":
        data = [paper.pdf(pages, sequence.source.title or path.stem)]
    else:
        data = [page.encode() if suffix == ".svg" else paper.png(page) for page in pages]
    for place, page in zip(places, data, strict=True):
        with files.atomic(place, replace=force) as file:
            file.write(page)
    return places


def engraved(sequence: NoteSequence, **layout: Any) -> list[str]:
    """Return the pages of a piece as SVG, quantised as for MusicXML.

    `layout` are options of verovio beside or instead of LAYOUT, such as pageWidth in tenths of a
    millimetre. Raises MissingExtra without verovio, and DataError for a piece without notes.
    """
    toolkit = _toolkit(**layout)
    if not len(sequence):
        raise DataError("no notes, nothing to engrave")
    _load(toolkit, sequence, False, sequence.source.title or "the piece")
    return _pages(toolkit)


def _load(toolkit: Any, sequence: NoteSequence, dynamics: bool, name: str) -> None:
    writer: Any = writers.make({"name": ".musicxml", "dynamics": dynamics})
    if not toolkit.loadData(writer.encode(sequence).decode()):
        raise DataError(
            f"{name}: verovio cannot engrave this piece; write it as .musicxml and open that"
        )


def _pages(toolkit: Any) -> list[str]:
    return [toolkit.renderToSVG(number) for number in range(1, toolkit.getPageCount() + 1)]


def _toolkit(**layout: Any) -> Any:
    try:
        verovio: Any = importlib.import_module("verovio")
    except ImportError:
        raise MissingExtra("verovio", "sheets", "sheet music") from None
    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit(False)
    # verovio 6.4 knows where its fonts are only in the thread that imported it
    toolkit.setResourcePath(str(Path(verovio.__file__).parent / "data"))
    toolkit.setOptions(LAYOUT | layout)
    return toolkit
