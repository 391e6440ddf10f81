"""The meter, on bars counted by hand."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.controls import compute_all, make_all
from symgen.controls.members.meter import LAST, METERS, PLACES, STRENGTHS, columns, places
from symgen.encodings import encoding

TUNES = encoding("melody_chords", chords=("C", "G"))
STARTS = np.cumsum([0, 1, PLACES, 1, 1, STRENGTHS, len(METERS) + 1, 1, 4, 8, LAST])
PRESENT, PLACE, INSIDE, SHARE, STRENGTH, METER, LEFT, FOUR, EIGHT, END = (
    slice(a, b) for a, b in pairwise(STARTS)
)


def meter(context, steps, enc=TUNES):
    return compute_all(
        make_all([{"name": "meter"}]), enc, np.zeros((steps, len(enc.fields)), np.int32), context
    )


def one_hot(rows):
    """Return the place of the one in each row, -1 where there is none."""
    assert set(rows.sum(axis=1).tolist()) <= {0.0, 1.0}
    return np.where(rows.any(axis=1), rows.argmax(axis=1), -1).tolist()


def test_a_waltz_with_a_pickup():
    """One beat, then two bars of 3/4 of which the last lacks the pickup's beat, on sixteenths."""
    rows = meter({"bars": [4, 3, 4], "steps": 24}, 24)
    assert (rows[:, PRESENT] == 1).all()
    assert one_hot(rows[:, PLACE]) == [8, 9, 10, 11, *range(12), *range(8)]
    assert one_hot(rows[:12, STRENGTH]) == [2, 4, 3, 4, 0, 4, 3, 4, 2, 4, 3, 4]
    assert set(one_hot(rows[:, METER])) == {METERS.index((3, 4))}
    left = [2] * 4 + [1] * 12 + [0] * 8
    assert one_hot(rows[:, FOUR]) == one_hot(rows[:, EIGHT]) == one_hot(rows[:, END]) == left
    assert rows[:, LEFT].ravel() == pytest.approx(np.array(left) / 2)
    assert rows[:, SHARE].ravel() == pytest.approx(
        np.array([8, 9, 10, 11, *range(12), *range(8)]) / 12
    )
    assert not rows[:, INSIDE].any()


def test_the_meter_changes_by_a_row():
    """A bar of 6/8 cut after four eighths, one of 6/8, and 5/4, which has no column."""
    rows = meter({"bars": [0, 6, 8, 8, 6, 8, 20, 5, 4], "steps": 60}, 60)
    assert one_hot(rows[:, PLACE]) == [*range(8), *range(12), *range(20), *range(20)]
    assert one_hot(rows[:, METER]) == [METERS.index((6, 8))] * 20 + [len(METERS)] * 40
    assert one_hot(rows[8:20, STRENGTH]) == [0, 4, 3, 4, 3, 4, 1, 4, 3, 4, 3, 4]
    assert one_hot(rows[:, END]) == [3] * 8 + [2] * 12 + [1] * 20 + [0] * 20


def test_a_finer_grid_and_a_longer_bar():
    fine = meter(
        {"bars": [0, 2, 4], "steps": 24}, 24, encoding("melody_chords", grid=12, need_chords=False)
    )
    assert one_hot(fine[:, PLACE]) == np.repeat(range(8), 3).tolist()
    assert fine[:3, INSIDE].ravel() == pytest.approx([0, 1 / 3, 2 / 3])
    assert one_hot(fine[:, STRENGTH])[::6] == [0, 3, 1, 3]
    coarse = meter({"bars": [0, 4, 2], "steps": 16}, 16, encoding("melody_chords", grid=2))
    assert one_hot(coarse[:, PLACE]) == [*range(0, 24, 2), *[-1] * 4]  # of a bar of 32 sixteenths
    assert coarse[:, SHARE].ravel() == pytest.approx(np.arange(16) / 16)


def test_of_many_bars_the_count_comes_round():
    rows = meter({"bars": [0, 2, 4], "steps": 8 * 11}, 8 * 11)
    left = np.repeat(np.arange(11)[::-1], 8)
    assert one_hot(rows[:, FOUR]) == (left % 4).tolist()
    assert one_hot(rows[:, EIGHT]) == (left % 8).tolist()
    assert one_hot(rows[:, END]) == np.where(left < LAST, left, -1).tolist()
    assert not meter({"bars": [0, 2, 4], "steps": 8 * 11}, 8 * 11 + 16)[
        -16:, LEFT
    ].any()  # past the end nothing is left


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(1, 15), st.sampled_from([1, 2, 4, 8, 16])),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 12),
    st.integers(1, 200),
    st.sampled_from([1, 3, 4, 12]),
)
def test_every_step_has_its_place(rows, first, total, grid):
    begins = first + np.cumsum([0, *(gap for gap, _, _ in rows[:-1])])
    bars = [
        n
        for begin, (_, top, bottom) in zip(begins.tolist(), rows, strict=True)
        for n in (begin, top, bottom)
    ]
    at = places(np.arange(total), bars, total, grid)
    assert (at.place >= 0).all()
    assert (at.place < at.length).all()
    assert (np.diff(at.bar) >= 0).all()
    assert at.bar[-1] == at.last
    assert np.diff(at.place)[np.diff(at.bar) == 0] == pytest.approx(1)
    assert (at.place[np.isin(np.arange(total), begins)] == 0).all()
    assert np.isfinite(columns(at, grid)).all()
