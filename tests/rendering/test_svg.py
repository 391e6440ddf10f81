"""Pages in SVG read as shapes and labels, and drawn; a small page spelled out."""

import numpy as np
import pytest

from symgen.errors import DataError
from symgen.rendering import svg

PAGE = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<defs><g id="dot"><path transform="scale(1,-1)" d="M0 0h10v20z"/></g></defs>
<svg viewBox="0 0 2100 2970"><g class="page-margin" transform="translate(100, 200)">{}</g></svg>
</svg>"""


def read(inside):
    return svg.read(PAGE.format(inside))


def test_a_line_has_its_width_and_no_filling():
    [line] = read('<path d="M0 5 L40 5" stroke-width="13"/>').shapes
    assert line.points.tolist() == [[100, 205], [140, 205]]
    assert (line.codes, line.width, line.filled) == ([svg.MOVE, svg.LINE], 13.0, False)


def test_a_symbol_is_moved_and_scaled_where_it_is_used():
    [dot] = read('<use xlink:href="#dot" transform="translate(50, 60) scale(0.5, 0.5)"/>').shapes
    assert dot.points.tolist() == [[150, 260], [155, 260], [155, 250], [150, 260]]
    assert dot.codes == [svg.MOVE, svg.LINE, svg.LINE, svg.CLOSE] and dot.filled


def test_curves_have_two_handles():
    points, codes = svg.outline("M0 0c1 2 3 4 5 6s3 4 5 6q3 0 3 3M1 1 2 2")
    assert points[1:7] == [(1, 2), (3, 4), (5, 6), (7, 8), (8, 10), (10, 12)]
    assert codes == [svg.MOVE] + [svg.CURVE] * 9 + [svg.MOVE, svg.LINE]
    with pytest.raises(DataError, match="an SVG path with 'A'"):
        svg.outline("M0 0A1 1 0 0 0 2 2")


def test_other_shapes_and_what_is_hidden():
    page = read(
        '<polygon points="0,0 10,0 10,5"/><rect x="1" y="2" width="3" height="4"/>'
        '<g class="section placeholder"><ellipse cx="0" cy="0" rx="9" ry="9"/></g>'
        '<ellipse cx="5" cy="6" rx="2" ry="1"/>'
        '<polyline fill="none" stroke-width="18" stroke-dasharray="9 9" points="0,0 5,5 "/>'
    )
    polygon, rectangle, ellipse, line = page.shapes
    assert polygon.codes == [svg.MOVE, svg.LINE, svg.LINE, svg.CLOSE] and polygon.filled
    assert rectangle.points.max(0).tolist() == [104, 206]
    assert np.allclose([ellipse.points.min(0), ellipse.points.max(0)], [[103, 205], [107, 207]])
    assert (line.width, line.filled, line.dashes) == (18.0, False, (9.0, 9.0))


def test_text_is_in_runs_with_their_styles():
    [label] = read(
        '<g class="tempo"><text x="10" y="20" font-size="0px">  <tspan class="text">'
        '<tspan font-family="Leipzig" font-size="720px">\ue1d5</tspan></tspan> <tspan>'
        '<tspan font-size="405px"> = 90</tspan></tspan></text></g>'
    ).labels
    assert (label.x, label.y, label.anchor) == (110.0, 220.0, "start")
    assert label.runs == [
        svg.Run("\ue1d5", 720.0, True, False, True),
        svg.Run(" = 90", 405.0, True, False, False),
    ]


def test_parts_of_a_text_have_places_of_their_own():
    labels = read(
        '<text font-size="0px"><tspan x="1000" y="414" text-anchor="middle">'
        '<title class="labelAttr">title</title><tspan font-size="607px">A title</tspan></tspan>'
        '<tspan x="2000" y="900" text-anchor="end"><tspan font-size="300px">by me</tspan></tspan>'
        "</text>"
    ).labels
    assert [(one.x, one.y, one.anchor, one.runs[0].text) for one in labels] == [
        (1100.0, 614.0, "middle", "A title"),
        (2100.0, 1100.0, "end", "by me"),
    ]


def test_a_page_without_a_size_is_refused():
    with pytest.raises(DataError, match="without a viewBox"):
        svg.read('<svg xmlns="http://www.w3.org/2000/svg"/>')


def test_what_is_drawn_is_black_on_its_place():
    pytest.importorskip("matplotlib")
    image = pytest.importorskip("matplotlib.image")
    import io

    from symgen.rendering import paper

    data = paper.png(PAGE.format('<rect x="900" y="1285" width="1000" height="1300"/>'))
    pixels = image.imread(io.BytesIO(data))[..., :3].mean(-1)
    height, width = pixels.shape
    inside = pixels[int(height * 0.52) : int(height * 0.9), int(width * 0.5) : int(width * 0.9)]
    assert inside.max() == 0.0
    assert pixels[: height // 2 - 5].min() == 1.0 and pixels[:, : int(width * 0.45)].min() == 1.0
