"""Pages of sheet music as PDF and PNG, drawn by matplotlib from verovio's SVG.

Letters are those of the STIX fonts, which matplotlib brings along, or of DejaVu for others. Signs
of the music font within text, such as the note of a metronome mark, are outlines from verovio's
data.
"""

from __future__ import annotations

import functools
import importlib
import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from symgen.errors import MissingExtra
from symgen.rendering import svg
from symgen.rendering.svg import Label, Page, Run, Shape

SIZE = (8.27, 11.69)  # inches: A4
DPI = 150  # of a PNG
POINTS = 72  # of an inch
EM = 1000  # units of the music font
FONT = "Leipzig"
FAMILY = "STIXGeneral"
FILES = ("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta")
OTHERS = ("Noto Serif CJK SC", "Noto Sans CJK SC", "Noto Sans CJK JP", "Droid Sans Fallback")
"""Fonts with more letters; those that are installed are used."""


def pdf(pages: list[str], title: str) -> bytes:
    """Return a PDF of pages in SVG; the same pages give the same bytes."""
    backend = _library("matplotlib.backends.backend_pdf")
    rc = _library("matplotlib").rc_context
    out = io.BytesIO()
    about = {"Title": title or None, "CreationDate": None}
    with rc({"pdf.fonttype": 42}), backend.PdfPages(out, metadata=about) as file:
        for page in pages:
            file.savefig(_figure(svg.read(page)))
    return out.getvalue()


def png(page: str) -> bytes:
    """Return a PNG of a page in SVG; the same page gives the same bytes."""
    out = io.BytesIO()
    _figure(svg.read(page)).savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingExtra("matplotlib", "sheets", "sheet music as PDF or PNG") from None


def _figure(page: Page) -> Any:
    """Return a page as a matplotlib Figure."""
    figure = _library("matplotlib.figure").Figure(figsize=SIZE)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, page.width)
    axes.set_ylim(page.height, 0)
    axes.axis("off")
    scale = SIZE[0] * POINTS / page.width  # points of a unit
    shapes = list(page.shapes)
    for label in page.labels:
        _write(axes, label, scale, shapes)
    for ends in (False, True):
        _draw(axes, [shape for shape in shapes if shape.round is ends], scale, ends)
    return figure


def _draw(axes: Any, shapes: list[Shape], scale: float, ends: bool) -> None:
    path = _library("matplotlib.path").Path
    if not shapes:
        return
    axes.add_collection(
        _library("matplotlib.collections").PathCollection(
            [path(shape.points, shape.codes) for shape in shapes],
            linewidths=[shape.width * scale for shape in shapes],
            linestyles=[_dashes(shape) for shape in shapes],
            facecolors=["black" if shape.filled else "none" for shape in shapes],
            edgecolors=["black" if shape.width else "none" for shape in shapes],
            capstyle="round" if ends else "butt",
            transform=axes.transData,
        ),
        autolim=False,
    )


def _dashes(shape: Shape) -> Any:
    """Return the style of a line; dashes are in widths of the line."""
    if not shape.dashes or not shape.width:
        return "solid"
    return 0, tuple(length / shape.width for length in shape.dashes)


def _write(axes: Any, label: Label, scale: float, shapes: list[Shape]) -> None:
    """Write the runs of a label; signs of music become shapes."""
    runs = [(run, _width(run, scale)) for run in label.runs]
    total = sum(width for _, width in runs)
    x = label.x - {"middle": total / 2, "end": total}.get(label.anchor, 0.0)
    for run, width in runs:
        if run.music:
            shapes += _signs(run, x, label.y)
        elif run.text.strip():
            axes.text(x, label.y, run.text, fontproperties=_font(run, scale), parse_math=False)
        x += width


@functools.cache
def _families() -> list[str]:
    """Return the fonts in the order in which letters are looked up."""
    known = _library("matplotlib.font_manager").fontManager
    if FAMILY not in {font.name for font in known.ttflist}:  # matplotlib hides its own
        folder = Path(_library("matplotlib").get_data_path()) / "fonts" / "ttf"
        for name in FILES:
            known.addfont(folder / f"{name}.ttf")
    there = {font.name for font in known.ttflist}
    return [FAMILY, "DejaVu Serif", *(name for name in OTHERS if name in there)]


def _font(run: Run, scale: float) -> Any:
    return _library("matplotlib.font_manager").FontProperties(
        family=_families(),
        size=run.size * scale,
        weight="bold" if run.bold else "normal",
        style="italic" if run.italic else "normal",
    )


def _width(run: Run, scale: float) -> float:
    """Return the width of a run in units."""
    if run.music:
        return sum(_advance(sign) for sign in run.text) * run.size / EM
    measure = _library("matplotlib.textpath").TextToPath().get_text_width_height_descent
    return float(measure(run.text, _font(run, scale), ismath=False)[0]) / scale


def _signs(run: Run, x: float, y: float) -> list[Shape]:
    out = []
    for sign in run.text:
        file = _data(f"{FONT}/{ord(sign):04X}.xml")
        if file is not None:
            for path in ElementTree.fromstring(file).iter("path"):
                points, codes = svg.outline(path.get("d", ""))
                moved = np.array(points) * (1, -1) * run.size / EM + (x, y)
                out.append(Shape(np.asarray(moved, np.float64), codes, 0.0, True, False, ()))
        x += _advance(sign) * run.size / EM
    return out


def _advance(sign: str) -> float:
    """Return the width of a sign of the music font, in units of the font."""
    return _advances().get(f"{ord(sign):04X}", EM / 4)


@functools.cache
def _advances() -> dict[str, float]:
    """Return the widths of all signs, by their number in hexadecimal."""
    root = ElementTree.fromstring(_data(f"{FONT}.xml") or "<none/>")
    return {
        one.get("c", ""): float(one.get("h-a-x") or one.get("w") or 0) for one in root.iter("g")
    }


def _data(name: str) -> str | None:
    """Return a file of verovio's data."""
    place = Path(importlib.import_module("verovio").__file__ or "").parent / "data" / name
    return place.read_text(encoding="utf-8") if place.is_file() else None
