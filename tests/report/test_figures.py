"""Figures: the drawing agrees with the numbers, and the SVG is valid."""

import csv
import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.report.pages.roll import roll
from symgen.report.plotting import axes, charts, svg
from symgen.report.plotting.drawing import DARK, LIGHT, Boxes, Drawing, Path, Text
from tests.report.documents import NASTY, music

SVG = "{http://www.w3.org/2000/svg}"


def parsed(figure):
    return ElementTree.fromstring(svg.standalone(figure.drawing, figure.title, figure.about))


def texts(figure):
    return [t.text for t in parsed(figure).iter(f"{SVG}text")]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 10))
def test_ticks_are_round_inside_and_at_most_the_requested_number(at, span, most):
    low = at * span  # so far from zero that the numbers still tell the ticks apart
    made = axes.ticks(low, low + span, most)
    values = [v for v, _ in made]
    assert len(made) <= most
    assert all(low - 1e-6 * span <= v <= low + span + 1e-6 * span for v in values)
    if len(values) > 1:
        step = np.diff(values)
        assert np.allclose(step, step[0], rtol=1e-3)
        assert f"{step[0]:.6e}"[0] in "125" or f"{step[0]:.1e}"[0] in "125"


def test_a_tick_is_named_as_people_write_it():
    assert [text for _, text in axes.ticks(0, 6000, 4)] == ["0", "2,000", "4,000", "6,000"]
    assert [text for _, text in axes.ticks(-0.1, 0.1, 5)] == [
        "-0.10",
        "-0.05",
        "0.00",
        "0.05",
        "0.10",
    ]


def test_a_bar_is_as_long_as_its_value():
    made = charts.bars("b", "B", "", "nats", [("one", 1.0, None, None), ("two", 2.0, 1.5, 2.5)])
    one, two = (m.at[0] for m in made.drawing.marks if isinstance(m, Boxes))
    assert two[2] == pytest.approx(2 * one[2])
    assert one[0] == two[0]
    assert {"one", "two", "1", "2", "nats"} <= set(texts(made))


def test_a_histogram_shares_out_all_values_and_holds_far_ones_at_its_edge():
    values = [*np.linspace(0, 1, 198).tolist(), 50.0, None]
    made = charts.histogram("h", "H", "", "seconds", [("samples", values), ("corpus", [0.5])])
    rows = np.array(made.table.rows)
    assert rows[:, 2].sum() == pytest.approx(100)
    assert rows[:, 3].sum() == pytest.approx(100)
    assert rows[-1, 1] < 50
    assert "samples (199)" in texts(made)


def test_lines_break_where_a_value_is_missing():
    made = charts.lines(
        "l", "L", "", "step", "nats", [1, 2, 3, 4, 5], [("a", [1, 2, np.nan, 2, 1])]
    )
    line = max((m for m in made.drawing.marks if isinstance(m, Path)), key=lambda m: len(m.points))
    assert svg._path(line).count("M") == 2
    assert "nan" not in svg.standalone(made.drawing, "", "")


@pytest.mark.parametrize(
    "make",
    [
        lambda: charts.histogram("h", "H", "", "unit", [("none", [])]),
        lambda: charts.histogram("h", "H", "", "unit", [("same", [3.0, 3.0])]),
        lambda: charts.lines("l", "L", "", "x", "y", [1.0], [("one", [2.0])]),
        lambda: charts.columns("c", "C", "", "x", "y", [], [("none", [])]),
        lambda: charts.columns("c", "C", "", "x", "y", ["a"], [("zero", [0.0])]),
        lambda: charts.matrix("m", "M", "", "x", ["a"], [("zero", np.zeros((1, 1)))]),
        lambda: charts.bars("b", "B", "", "x", []),
    ],
)
def test_few_or_no_values_can_be_drawn(make):
    text = svg.standalone(make().drawing, "", "")
    ElementTree.fromstring(text)
    assert "nan" not in text and "inf" not in text


def test_hostile_names_stay_text():
    made = charts.bars("b", NASTY, NASTY, NASTY, [(NASTY, 1.0, None, None)])
    root = parsed(made)
    assert root.find(f"{SVG}title").text == NASTY.replace("\x07", "")
    assert not list(root.iter("b"))
    assert 'aria-label="a &quot;piece&quot;' in svg.embedded(made.drawing, made.name, NASTY)


def test_the_numbers_behind_a_figure_come_as_csv():
    made = charts.columns(
        "c",
        "C",
        "",
        "pitch class",
        "share (%)",
        ["C, natural", "D"],
        [("samples", [10.0, 1 / 3]), ("corpus", [1.0, 2.0])],
    )
    rows = list(csv.reader(io.StringIO(made.table.csv())))
    assert rows[0] == ["pitch class", "samples: share (%)", "corpus: share (%)"]
    assert rows[1] == ["C, natural", "10.0", "1.0"]
    assert float(rows[2][1]) == 1 / 3


def test_a_roll_places_notes_by_pitch_and_time_and_shows_the_pedal():
    sequence = music()
    made = roll("r", "R", "", sequence)
    boxes = [m for m in made.drawing.marks if isinstance(m, Boxes) and m.role == "a"]
    at = np.concatenate([m.at for m in boxes])
    assert len(at) == len(sequence)
    assert np.all(np.diff(at[:6, 0]) > 0) and np.all(np.diff(at[:6, 1]) < 0)
    assert any(m.role == "ink" for m in made.drawing.marks if isinstance(m, Boxes))
    assert made.table.rows[1] == [0.5, 0.9, 62, 80]


def test_louder_notes_are_drawn_darker():
    boxes = [
        m
        for v in (10, 120)
        for m in roll("r", "R", "", music(velocity=v)).drawing.marks
        if isinstance(m, Boxes) and m.role == "a"
    ]
    assert boxes[0].opacity < boxes[1].opacity == 1


def luminance(colour):
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [
        0.2126,
        0.7152,
        0.0722,
    ]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stand_out_from_the_paper(colours):
    def contrast(role):
        a, b = sorted((luminance(colours[role]), luminance(colours["paper"])))
        return (b + 0.05) / (a + 0.05)

    assert contrast("ink") > 7 and contrast("faint") > 4.5  # WCAG 2.2: text
    assert all(contrast(role) > 3 for role in "abcdef")  # graphics


def test_marks_are_written_in_few_letters():
    drawn = svg.standalone(
        Drawing(10, 10, (Boxes(np.array([[1.0, 2.5, 3.333333, 4.0]]), "a", 0.5), Text(1, 2, "x"))),
        "",
        "",
    )
    assert '<path class="a" fill-opacity="0.5" d="M1 2.5h3.33v4h-3.33z"/>' in drawn
