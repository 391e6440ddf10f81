"""Reads a page of sheet music in SVG, as verovio writes it, as lines, shapes and text.

These are few forms: paths, polygons, polylines, rectangles, ellipses, and symbols that are used
many times, in black, moved and scaled; and text in spans with sizes of their own. All lengths here
are units of the page, and y goes down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np

from symgen.errors import DataError
from symgen.types import Floats

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
HIDDEN = "placeholder"  # the class of what the style of the page hides
BOLD = frozenset({"ending", "fing", "reh", "tempo"})  # the classes that it prints in bold type
ITALIC = frozenset({"dir", "dynam", "mNum"})
MOVE, LINE, CURVE, CLOSE = 1, 2, 4, 79  # the codes of points in matplotlib's paths
CIRCLE = 0.5522847498  # of the radius: where the handles of a quarter circle are
TOKENS = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
MOVES = re.compile(r"(translate|scale|rotate|matrix)\(([^)]*)\)")

Path = tuple[list[tuple[float, float]], list[int]]
"""Points and their codes."""


class Shape(NamedTuple):
    """Points `[n, 2]` and their codes; `width` of its line (0: none), and whether it is filled."""

    points: Floats
    codes: list[int]
    width: float
    filled: bool
    round: bool
    dashes: tuple[float, ...]


class Run(NamedTuple):
    """Letters of one size and style; `music` are signs of the music font."""

    text: str
    size: float
    bold: bool
    italic: bool
    music: bool


class Label(NamedTuple):
    """Runs of letters that follow one another; `anchor` is start, middle or end."""

    x: float
    y: float
    anchor: str
    runs: list[Run]


class Page(NamedTuple):
    """A page of `width` by `height` units."""

    width: float
    height: float
    shapes: list[Shape]
    labels: list[Label]


def read(text: str) -> Page:
    """Return what is on a page; DataError if it is no page of verovio's."""
    root = ElementTree.fromstring(text)
    inner = root.find(f"{SVG}svg")
    box = [float(part) for part in (inner.get("viewBox", "") if inner is not None else "").split()]
    if inner is None or len(box) != 4:
        raise DataError("an SVG page without a viewBox; this version of verovio is not known")
    symbols = {one.get("id", ""): one for one in root.iterfind(f"{SVG}defs/*")}
    page = Page(box[2], box[3], [], [])
    _Reader(page, symbols).walk(inner, np.eye(3), frozenset())
    return page


class _Reader:
    def __init__(self, page: Page, symbols: dict[str, Element]) -> None:
        self.page, self.symbols = page, symbols

    def walk(self, element: Element, at: Floats, classes: frozenset[str]) -> None:
        """Add what an element holds; `at` is the transformation `[3, 3]` to the page."""
        mine = frozenset((element.get("class") or "").split())
        if HIDDEN in mine:
            return
        at = at @ _matrix(element.get("transform", ""))
        tag = element.tag.removeprefix(SVG)
        if tag == "text":
            self._text(element, at, classes | mine)
        elif tag == "use":
            symbol = self.symbols.get(element.get(LINK, "").removeprefix("#"))
            if symbol is not None:
                self.walk(symbol, at, classes)
        elif tag in ("svg", "g", "symbol"):
            for child in element:
                self.walk(child, at, classes | mine)
        elif (found := _path(tag, element)) is not None:
            self._shape(element, found, at)

    def _shape(self, element: Element, found: Path, at: Floats) -> None:
        points, codes = found
        if not points:
            return
        flat = np.column_stack([np.array(points, np.float64), np.ones(len(points))])
        scale = float(abs(np.linalg.det(at[:2, :2]))) ** 0.5
        dashes = [
            float(part) for part in re.split(r"[ ,]+", element.get("stroke-dasharray", "")) if part
        ]
        self.page.shapes.append(
            Shape(
                (flat @ at.T)[:, :2],
                codes,
                _number(element, "stroke-width") * scale,
                element.get("fill") != "none" and not _open(element, codes),
                element.get("stroke-linecap") == "round",
                tuple(length * scale for length in dashes),
            )
        )

    def _text(self, element: Element, at: Floats, classes: frozenset[str]) -> None:
        base = Run("", 0.0, bool(classes & BOLD), bool(classes & ITALIC), False)
        place = (_number(element, "x"), _number(element, "y"), element.get("text-anchor", "start"))
        label: Label | None = None
        for run, (x, y, anchor) in _runs(element, base, place):
            if label is None or (x, y) != place[:2]:
                place = (x, y, anchor)
                moved = at @ np.array([x, y, 1.0])
                label = Label(float(moved[0]), float(moved[1]), anchor, [])
                self.page.labels.append(label)
            label.runs.append(run)


Place = tuple[float, float, str]


def _runs(element: Element, style: Run, place: Place) -> Iterator[tuple[Run, Place]]:
    """Yield the letters of a text in order, with where their part of it begins."""
    classes = frozenset((element.get("class") or "").split())
    size = element.get("font-size")
    style = style._replace(
        size=float(size.removesuffix("px")) if size else style.size,
        bold=element.get("font-weight", "bold" if style.bold or classes & BOLD else "") == "bold",
        italic=element.get("font-style", "italic" if style.italic or classes & ITALIC else "")
        == "italic",
        music=_music(element) if element.get("font-family") else style.music,
    )
    place = (
        float(element.get("x", place[0])),
        float(element.get("y", place[1])),
        element.get("text-anchor", place[2]),
    )
    if element.text and style.size:
        yield style._replace(text=element.text), place
    for child in element:
        if child.tag == f"{SVG}tspan":
            yield from _runs(child, style, place)


def _music(element: Element) -> bool:
    return not re.search(r"serif|Times", element.get("font-family", ""))


def _number(element: Element, name: str) -> float:
    return float((element.get(name) or "0").removesuffix("px"))


def _open(element: Element, codes: list[int]) -> bool:
    """Return whether an element is a line: one with a width that does not close or curve."""
    return bool(element.get("stroke-width")) and not {CURVE, CLOSE} & set(codes)


def _matrix(text: str) -> Floats:
    """Return a transformation, such as translate(3, 4) scale(2), as `[3, 3]`."""
    out = np.eye(3)
    for name, inside in MOVES.findall(text):
        values = [float(part) for part in re.split(r"[ ,]+", inside.strip())]
        one = np.eye(3)
        if name == "translate":
            one[0, 2], one[1, 2] = (*values, 0.0)[:2]
        elif name == "scale":
            one[0, 0], one[1, 1] = values[0], values[-1]
        elif name == "matrix":
            one[:2] = np.array(values).reshape(3, 2).T
        else:
            angle = np.radians(values[0])
            x, y = values[1:3] if len(values) > 2 else (0.0, 0.0)
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            one[:2, :2] = turn
            one[:2, 2] = np.array([x, y]) - turn @ np.array([x, y])
        out = out @ one
    return out


def _path(tag: str, element: Element) -> Path | None:
    """Return the points of a shape; None for an element that is none."""
    if tag == "path":
        return outline(element.get("d", ""))
    if tag in ("polygon", "polyline"):
        values = [float(part) for part in re.split(r"[ ,]+", element.get("points", "").strip())]
        points = list(zip(values[::2], values[1::2], strict=False))
        closed = tag == "polygon"
        codes = [MOVE] + [LINE] * (len(points) - 1) + [CLOSE] * closed
        return points + points[:1] * closed, codes
    if tag == "rect":
        x, y, width, height = (_number(element, name) for name in ("x", "y", "width", "height"))
        return outline(f"M{x} {y}h{width}v{height}h{-width}z")
    if tag == "ellipse":
        x, y, a, b = (_number(element, name) for name in ("cx", "cy", "rx", "ry"))
        c, d = a * CIRCLE, b * CIRCLE
        return outline(
            f"M{x + a} {y}c0 {d} {c - a} {b} {-a} {b}c{-c} 0 {-a} {d - b} {-a} {-b}"
            f"c0 {-d} {a - c} {-b} {a} {-b}c{c} 0 {a} {b - d} {a} {b}z"
        )
    return None


def outline(text: str) -> Path:
    """Return the points of the `d` of a path: moves, lines and cubic and quadratic curves."""
    tokens = TOKENS.findall(text)
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    x = y = left = top = 0.0
    handle: tuple[float, float] | None = None  # of the curve before
    command, at = "", 0
    while at < len(tokens):
        if tokens[at].isalpha():
            command, at = tokens[at], at + 1
        kind, relative = command.upper(), command.islower()
        count = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "Z": 0}.get(kind)
        if count is None:
            raise DataError(f"an SVG path with {command!r}; this version of verovio is not known")
        values = [float(token) for token in tokens[at : at + count]]
        at += count
        dx, dy = (x, y) if relative else (0.0, 0.0)
        if kind == "Z":
            points.append((left, top))
            codes.append(CLOSE)
            x, y, handle = left, top, None
            continue
        if kind in "HV":
            pair = (values[0] + dx, y) if kind == "H" else (x, values[0] + dy)
            pairs = [pair]
        else:
            pairs = [(a + dx, b + dy) for a, b in zip(values[::2], values[1::2], strict=True)]
        if kind == "S":
            pairs = [(2 * x - handle[0], 2 * y - handle[1]) if handle else (x, y), *pairs]
        elif kind == "Q":
            (a, b), (c, d) = pairs
            pairs = [
                (x + (a - x) * 2 / 3, y + (b - y) * 2 / 3),
                (c + (a - c) * 2 / 3, d + (b - d) * 2 / 3),
                (c, d),
            ]
        points += pairs
        codes += [MOVE if kind == "M" else CURVE if len(pairs) == 3 else LINE] * len(pairs)
        handle = pairs[1] if len(pairs) == 3 else None
        x, y = pairs[-1]
        if kind == "M":
            left, top, command = x, y, "l" if relative else "L"
    return points, codes
