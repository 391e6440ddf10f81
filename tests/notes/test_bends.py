"""Bends in cents, with the bend range of their channel."""

import numpy as np
import pytest

from symgen.notes.bends import cents, values
from symgen.notes.sequence import CONTROL_CHANGE, PITCH_BEND, NoteSequence, table


def piece(bends, *changes):
    """Return a piece from (time, bend) and (time, number, value)."""
    time, bend = np.array(bends).T
    rows = np.array(changes).reshape(-1, 3)
    return NoteSequence(
        pitch_bends=table(PITCH_BEND, time=time, bend=bend),
        control_changes=table(
            CONTROL_CHANGE, time=rows[:, 0], control_number=rows[:, 1], control_value=rows[:, 2]
        ),
    )


def curve(sequence):
    return [column.tolist() for column in cents(sequence, 0)]


def test_a_full_bend_is_two_semitones():
    assert curve(piece([(0, 0), (1, -8192), (2, 4096)])) == [[0, 1, 2], [0, -200, 100]]


def test_the_range_holds_from_where_it_is_set():
    piece_with_range = piece([(0, 4096)], (1, 101, 0), (1, 100, 0), (1, 6, 12), (2, 38, 50))
    assert curve(piece_with_range) == [[0, 1, 2], [100, 600, 625]]


@pytest.mark.parametrize("other", [(1, 100, 1), (1, 99, 0), (1, 121, 0)])
def test_data_of_another_parameter_is_no_range(other):
    assert curve(piece([(0, 4096)], (0, 101, 0), (0, 100, 0), other, (2, 6, 64))) == [[0], [100]]


def test_without_bends_and_for_other_instruments_there_is_no_curve():
    assert curve(NoteSequence()) == [[], []]
    assert len(cents(piece([(0, 100)]), 1)[0]) == 0


def test_values_begin_with_the_default():
    found = values(piece([(0, 0)], (1, 7, 20), (2, 7, 30), (2, 11, 5)), 0, 7, 100)
    assert [column.tolist() for column in found] == [[1, 2], [100, 20, 30]]
