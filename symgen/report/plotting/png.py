"""A drawing as PNG, through matplotlib (the extra `plot`): the same marks on a canvas of pixels, in light colours."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from typing import IO, Any

import numpy as np

from symgen.errors import MissingExtra
from symgen.report.plotting.drawing import LIGHT, Boxes, Drawing, Mark, Path

INCH, DPI = (
    96.0,
    288,
)  # CSS pixels in an inch; three dots a pixel, enough for print at the width of a column
ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def installed() -> bool:
    """Say whether pictures can be made here."""
    return importlib.util.find_spec("matplotlib") is not None


def save(drawing: Drawing, file: IO[bytes]) -> None:
    """Write the drawing; the same marks give the same bytes. MissingExtra without matplotlib."""
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
        warnings.simplefilter(
            "ignore"
        )  # a name in a script that the font lacks is no reason to speak
        figure.savefig(file, format="png", dpi=DPI, metadata={"Software": None})


def _draw(axes: Any, mark: Mark, order: int) -> None:
    colour = LIGHT[mark.role]
    if isinstance(mark, Boxes):
        x, y, w, h = mark.at.T.astype(float)
        corners = np.stack(
            [np.stack(c, -1) for c in ((x, y), (x + w, y), (x + w, y + h), (x, y + h))], 1
        )
        collections = importlib.import_module("matplotlib.collections")
        axes.add_collection(
            collections.PolyCollection(
                corners, facecolors=colour, alpha=mark.opacity, linewidths=0, zorder=order
            )
        )
    elif isinstance(mark, Path):
        if mark.fill:
            axes.fill(*mark.points.T, color=colour, alpha=mark.fill, linewidth=0, zorder=order)
        if mark.width:
            style = (0, tuple(v / max(mark.width, 1) for v in mark.dash)) if mark.dash else "-"
            axes.plot(
                *mark.points.T,
                color=colour,
                linewidth=mark.width * 72 / INCH,
                linestyle=style,
                zorder=order,
            )
    else:
        axes.text(
            mark.x,
            mark.y,
            mark.text.replace("$", r"\$"),
            color=colour,
            fontsize=mark.size * 72 / INCH,
            va="baseline",
            ha=ANCHORS[mark.anchor],
            rotation=90 if mark.turned else 0,
            rotation_mode="anchor",
            zorder=order,
        )
