"""A drawing as PNG in light colours, through matplotlib (the extra `plot`)."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from typing import IO, Any

import numpy as np

from symgen.errors import MissingExtra
from symgen.report.plotting.drawing import LIGHT, Boxes, Drawing, Mark, Path, Text

INCH = 96.0  # CSS pixels per inch
DPI = 288  # three dots per CSS pixel, enough for print at the width of a column
ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def installed() -> bool:
    """Return whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def save(drawing: Drawing, file: IO[bytes]) -> None:
    """Write the drawing; equal marks give equal bytes. MissingExtra without matplotlib."""
    try:
        figures = importlib.import_module("matplotlib.figure")
    except ImportError:
        raise MissingExtra("matplotlib", "plot", "a figure as PNG") from None
    figure = figures.Figure(
        figsize=(drawing.width / INCH, drawing.height / INCH), facecolor=LIGHT["paper"]
    )
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    axes.axis("off")
    for order, mark in enumerate(drawing.marks):
        _draw(axes, mark, order)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about letters that the font lacks
        figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})


def _draw(axes: Any, mark: Mark, order: int) -> None:
    if isinstance(mark, Boxes):
        _draw_boxes(axes, mark, order)
    elif isinstance(mark, Path):
        _draw_path(axes, mark, order)
    else:
        _draw_text(axes, mark, order)


def _draw_boxes(axes: Any, mark: Boxes, order: int) -> None:
    x, y, w, h = mark.at.T.astype(float)
    sides = ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
    corners = np.stack([np.stack(side, -1) for side in sides], 1)
    collections = importlib.import_module("matplotlib.collections")
    made = collections.PolyCollection(
        corners, facecolors=LIGHT[mark.role], alpha=mark.opacity, linewidths=0, zorder=order
    )
    axes.add_collection(made)


def _draw_path(axes: Any, mark: Path, order: int) -> None:
    colour = LIGHT[mark.role]
    if mark.fill:
        axes.fill(*mark.points.T, color=colour, alpha=mark.fill, linewidth=0, zorder=order)
    if not mark.width:
        return
    style = (0, tuple(v / max(mark.width, 1) for v in mark.dash)) if mark.dash else "-"
    width = mark.width * 72 / INCH
    axes.plot(*mark.points.T, color=colour, linewidth=width, linestyle=style, zorder=order)


def _draw_text(axes: Any, mark: Text, order: int) -> None:
    axes.text(
        mark.x,
        mark.y,
        mark.text.replace("$", r"\$"),
        color=LIGHT[mark.role],
        fontsize=mark.size * 72 / INCH,
        va="baseline",
        ha=ANCHORS[mark.anchor],
        rotation=90 if mark.turned else 0,
        rotation_mode="anchor",
        zorder=order,
    )
