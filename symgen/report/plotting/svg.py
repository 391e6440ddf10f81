"""A drawing as SVG text. Roles become classes; a page or the file itself styles them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

import numpy as np

from symgen.report.plotting.drawing import LIGHT, Boxes, Drawing, Mark, Path
from symgen.types import Array

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
# What XML 1.0 cannot hold, in any spelling.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def embedded(drawing: Drawing, name: str, about: str) -> str:
    """Return an `<svg>` element for a page; screen readers read `about` instead."""
    label = f'role="img" aria-label="{words(about)}" data-name="{words(name)}"'
    return _element(drawing, label, "")


def standalone(drawing: Drawing, title: str, about: str) -> str:
    """Return a complete SVG file, in light colours on white."""
    head = f"<title>{words(title)}</title><desc>{words(about)}</desc><style>{style(LIGHT)}</style>"
    paper = '<rect width="100%" height="100%" class="paper"/>'
    width = num(drawing.width)
    height = num(drawing.height)
    size = f'xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(drawing, size, head + paper)}\n'


def style(colours: Mapping[str, str]) -> str:
    """Return the rules that give the roles of a drawing their colours."""
    rules = [
        f"svg .{role}{{fill:{value}}}svg .l{role}{{stroke:{value};fill:none}}"
        for role, value in colours.items()
    ]
    return f"svg text{{font-family:{FONT}}}" + "".join(rules)


def words(text: object) -> str:
    """Return text that is safe in an element or attribute, without what XML cannot hold."""
    return escape(FORBIDDEN.sub("", str(text)))


def num(value: float) -> str:
    """Return a number with at most two decimals."""
    return f"{float(value):.2f}".rstrip("0").rstrip(".") if value else "0"


def _element(drawing: Drawing, attributes: str, head: str) -> str:
    inner = "".join(_mark(m) for m in drawing.marks)
    box = f"0 0 {num(drawing.width)} {num(drawing.height)}"
    return f'<svg {attributes} viewBox="{box}">{head}{inner}</svg>'


def _mark(mark: Mark) -> str:
    if isinstance(mark, Boxes):
        d = "".join(
            f"M{num(x)} {num(y)}h{num(w)}v{num(h)}h{num(-w)}z" for x, y, w, h in mark.at.tolist()
        )
        return f'<path class="{mark.role}"{_opacity(mark.opacity)} d="{d}"/>' if d else ""
    if isinstance(mark, Path):
        return _path(mark)
    turn = f' transform="rotate(-90 {num(mark.x)} {num(mark.y)})"' if mark.turned else ""
    return (
        f'<text class="{mark.role}" x="{num(mark.x)}" y="{num(mark.y)}" '
        f'font-size="{num(mark.size)}" text-anchor="{mark.anchor}"{turn}>{words(mark.text)}</text>'
    )


def _opacity(value: float) -> str:
    return f' fill-opacity="{num(value)}"' if value < 1 else ""


def _path(mark: Path) -> str:
    pieces = [p for p in _pieces(mark.points) if len(p)]
    d = ""
    for piece in pieces:
        d += "M" + "L".join(f"{num(x)} {num(y)}" for x, y in piece.tolist())
    filled = f'<path class="{mark.role}"{_opacity(mark.fill)} d="{d}z"/>' if mark.fill and d else ""
    dash = f' stroke-dasharray="{" ".join(num(v) for v in mark.dash)}"' if mark.dash else ""
    if not (d and mark.width):
        return filled
    stroke = f'stroke-width="{num(mark.width)}" stroke-linejoin="round"{dash}'
    return f'{filled}<path class="l{mark.role}" {stroke} d="{d}"/>'


def _pieces(points: Array) -> list[Array]:
    """Return the parts of a line between its breaks."""
    gaps = np.flatnonzero(np.isnan(points).any(axis=1))
    return [part[~np.isnan(part).any(axis=1)] for part in np.split(points, gaps)]
