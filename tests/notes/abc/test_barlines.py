"""Bar lines: a row of the meter begins a bar, and rows stand only where the grid breaks."""

import pytest

from symgen.notes.theory import meter
from tests.notes.abc.tunes import meters, tune


def lines(sequence):
    """Bar lines in quarters, by the rule that every reader of the tables follows."""
    return [round(x, 6) for x in meter.quarters(sequence, meter.bar_lines(sequence)).tolist()]


@pytest.mark.parametrize(
    ("music", "pickup", "rows", "bars"),
    [
        ("CDEF|GABc|", 0, [0], [0, 4, 8]),
        ("|CDEF|GABc|]", 0, [0], [0, 4, 8]),
        ("CDEFGABc|c4|", 0, [0], [0, 4, 8, 12]),  # a bar line left out
        ("G|CDEF|GAB|", 1, [0], [1, 5]),
        (
            "G|:CDEF|GAB:|",
            1,
            [0, 8],
            [1, 5, 8, 12],
        ),  # the repeat has no pickup of its own: a short bar
        ("|:G|CDEF|GAB:|", 1, [0], [1, 5, 9, 13]),  # it has one, so that they are one bar
        ("|:G|CDEF|GAB:|:c|CDEF|GAB:|", 1, [0], [1, 5, 9, 13, 17, 21, 25, 29]),
        ("G|CDEF|GA||Bc|CDEF|", 1, [0], [1, 5, 9, 13]),  # a double bar inside a bar
        ("CD||EF|GABc|", 0, [0], [0, 4, 8]),
        ("|:G|CDEF|1GAB:|2GABc|CDEF|", 1, [0], [1, 5, 9, 13, 17, 21]),
        ("CDEFGA|C|CDEF|", 0, [0, 6, 7], [0, 4, 6, 7, 11]),  # bars of 6 and of 1
        ("CDEF|GAB|CDEF|CDEF|", 0, [0, 7], [0, 4, 7, 11, 15]),  # a short one
        ("G|CDEF|GABc|C|DEFG|", 1, [0, 10], [1, 5, 9, 10, 14]),
        ("CDEFG|ABc|CDEF|", 0, [0, 5, 8], [0, 4, 5, 8, 12]),  # a line in the wrong place
        ("CDE|", 0, [0], [0]),
    ],
)
def test_rows_stand_where_the_grid_breaks(music, pickup, rows, bars):
    found = tune(music)
    assert (found.first_bar_time * 2, meters(found)) == (pickup, [(row, "4/4") for row in rows])
    assert lines(found) == bars


def test_meters_that_change():
    found = tune("G|CDEF|\nM:3/4\nGAB|CDE|\nM:C|\nCDEF|")
    assert meters(found) == [(0, "4/4"), (5, "3/4"), (11, "2/2")] and lines(found) == [
        1,
        5,
        8,
        11,
        15,
    ]
    found = tune("|:CDEF|[M:3/4]GAB:|")
    assert meters(found) == [(0, "4/4"), (4, "3/4"), (7, "4/4"), (11, "3/4")]
    assert meters(tune("CDEF|[M:4/4]GABc|")) == [(0, "4/4")]  # no change
    assert meters(tune("M:6/8\nC3|", M="4/4")) == [
        (0, "6/8")
    ]  # the last word before the music counts
    assert meters(tune("CDEF|[M:none]CDEFG|C|[M:2/4]CD|")) == [(0, "4/4"), (10, "2/4")]


def test_the_pickup_of_a_part_may_lack_its_bar_line():
    found = tune("P:A\nD\nP:B\nCDEF|GABc|", Y="ABAB")
    assert found.first_bar_time == 0.5 and lines(found)[:3] == [1, 5, 9]


def test_a_bar_of_rests_counts_its_bars():
    found = tune("C4|Z3|D4|")
    assert meters(found) == [(0, "4/4")] and not found.source.warnings
    assert any("longer than 4/4" in w for w in tune("CDEFG|").source.warnings)
