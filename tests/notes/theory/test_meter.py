"""Quarter notes and bar lines: counted by hand, and turned round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.notes import NoteSequence
from symgen.notes.accompany import pattern
from symgen.notes.sequence import TEMPO, TIME_SIGNATURE, table
from symgen.notes.theory.bars import meter
from symgen.notes.theory.meter import (
    bar_lines,
    beat,
    compound,
    meters,
    pickup,
    quarters,
    seconds_at,
)
from symgen.notes.transform import crop


def piece(tempos=(), meters=(), total=0.0, first=0.0):
    return NoteSequence(
        tempos=np.array(list(tempos), TEMPO),
        time_signatures=np.array(list(meters), TIME_SIGNATURE),
        total_time=total,
        first_bar_time=first,
    )


@pytest.mark.parametrize(
    ("names", "note"),
    [
        ("4/4 3/4 2/4 5/4 5/8 7/8 4/8 1/4", "1/4"),
        ("2/2 3/2 4/2", "1/2"),
        ("6/8 9/8 12/8 3/8", "3/8"),
        ("6/4 9/4", "3/4"),
        ("6/16 3/16", "3/16"),
        ("6/2", "3/2"),
    ],
)
def test_what_a_beat_is_is_said_once(names, note):
    """The tempo of samples and of ABC, the steps of chords and the accompaniment all go by it."""
    for name in names.split():
        numerator, denominator = map(int, name.split("/"))
        assert str(beat(numerator, denominator)) == note
        read = meter(name)
        assert read.beat == beat(numerator, denominator)
        assert read.compound == compound(numerator, denominator) == note.startswith("3")
        grouped = [hit.begin for hit in pattern(numerator, denominator) if hit.role == "bass"]
        if note.startswith("3"):
            assert grouped == [4 * float(read.beat) * k for k in range(numerator // 3)]


def test_beats_go_by_at_the_tempo_that_is_in_force():
    music = piece([(0, 60), (4, 120), (6, 30)])
    assert quarters(music, [0, 1, 4, 5, 6, 8]).tolist() == [0, 1, 4, 6, 8, 9]
    assert seconds_at(music, [0, 1, 4, 6, 8, 9]).tolist() == [0, 1, 4, 5, 6, 8]
    assert quarters(piece(), 1.5) == 3  # 120 a minute where nothing is said
    assert quarters(piece([(2, 60)]), [2, 3]).tolist() == [4, 5]
    assert quarters(piece([(0, 0), (0, 60)]), 3) == 3  # a tempo that cannot be counts for nothing


@given(
    st.lists(st.tuples(st.floats(0.1, 9), st.floats(20, 300)), max_size=5),
    st.lists(st.floats(0, 50), max_size=9),
)
def test_seconds_come_back(changes, seconds):
    times = np.cumsum([gap for gap, _ in changes])
    music = piece(zip(times, [qpm for _, qpm in changes], strict=True))
    assert seconds_at(music, quarters(music, seconds)) == pytest.approx(np.array(seconds), abs=1e-9)
    assert (np.diff(quarters(music, np.sort(seconds))) >= 0).all()


def test_bars_of_one_meter():
    assert bar_lines(piece(meters=[(0, 3, 4)], total=4.5)).tolist() == [0, 1.5, 3, 4.5]
    assert bar_lines(piece(meters=[(0, 6, 8)], total=4)).tolist() == [0, 1.5, 3]
    assert bar_lines(piece(meters=[(0, 4, 4)], total=4, first=0.5)).tolist() == [0.5, 2.5]
    assert bar_lines(piece(total=4)).tolist() == []
    assert bar_lines(piece(meters=[(0, 4, 4)])).tolist() == [0]


def test_a_row_begins_a_bar():
    """3/4, a bar cut after two beats, and 2/4 from second 4 on, after another short bar."""
    music = piece(meters=[(0, 3, 4), (2.5, 3, 4), (5, 2, 4)], total=7)
    assert bar_lines(music).tolist() == [0, 1.5, 2.5, 4, 5, 6, 7]
    begin, numerator, denominator = meters(music)
    assert begin.tolist() == [0, 5, 10]
    assert list(zip(numerator.tolist(), denominator.tolist(), strict=True)) == [
        (3, 4),
        (3, 4),
        (2, 4),
    ]


def test_of_the_rows_before_the_first_bar_line_the_last_counts():
    music = piece(meters=[(0, 4, 4), (0, 3, 4), (1.5, 2, 4)], total=3, first=0.5)
    assert bar_lines(music).tolist() == [0.5, 1.5, 2.5]
    assert meters(piece(meters=[(0, 4, 4), (0.25, 2, 4)], total=3, first=0.5))[1].tolist() == [2]


def test_bars_follow_the_tempo():
    music = piece([(0, 60), (4, 120)], [(0, 4, 4)], 9)
    assert bar_lines(music).tolist() == [0, 4, 6, 8]


def test_rows_beyond_the_end_give_no_bars():
    assert bar_lines(piece(meters=[(0, 4, 4), (9, 3, 4)], total=4)).tolist() == [0, 2, 4]


@pytest.mark.parametrize("start", [0.0, 0.5, 1.0, 2.0, 3.25])
def test_the_bars_of_a_part_are_those_of_the_piece(start):
    music = piece(meters=[(0, 3, 4), (3.5, 2, 4)], total=9, first=0.5)
    part = crop(music, start, 9)
    assert bar_lines(part).tolist() == [
        line - start for line in bar_lines(music).tolist() if line >= start
    ]


def test_many_bars_cost_no_loop():
    music = NoteSequence(
        time_signatures=table(
            TIME_SIGNATURE, time=np.arange(0, 20000, 2.0), numerator=4, denominator=4
        ),
        total_time=20000,
    )
    assert len(bar_lines(music)) == 10001


@pytest.mark.parametrize(
    ("rows", "end"),
    [
        ([(0.0, 1, 4), (0.5, 4, 4)], 0.5),
        ([(0.0, 3, 8), (0.75, 3, 4), (9.0, 4, 4)], 0.75),
        ([(0.0, 4, 4), (0.5, 4, 4)], 0.5),  # cut short
        ([(0.0, 1, 4), (1.0, 4, 4)], 0.0),  # two bars
        ([(0.0, 4, 4), (2.0, 4, 4)], 0.0),
        ([(0.0, 4, 4), (2.0, 1, 4)], 0.0),
        ([(0.5, 1, 4), (1.0, 4, 4)], 0.0),
        ([(0.0, 4, 4)], 0.0),
        ([], 0.0),
    ],
)
def test_a_short_first_bar_is_a_pickup(rows, end):
    assert pickup(np.array(rows, TIME_SIGNATURE), np.zeros(0, TEMPO)) == end
