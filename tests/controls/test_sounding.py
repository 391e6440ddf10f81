"""Sounding: the next ends of notes, in music that can be read and as a law on random music."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.controls import compute_all, controls
from symgen.controls.members.sounding import SCALE, WIDTH, Sounding
from symgen.dataset.pieces import Split
from symgen.encodings import encoding
from symgen.errors import BadOption
from tests.encodings.contract_encodings import Quads

NOTES = encoding("notes")
RATE = NOTES.steps_per_second


def events(*notes):
    """Events of (shift in steps, pitch, length in steps)."""
    rows = [
        (shift // RATE, shift % RATE, pitch, 16, length // RATE, length % RATE)
        for shift, pitch, length in notes
    ]
    return np.array(rows, np.int32).reshape(-1, 6)


def ends(rows, control):
    """The times of the next ends before each step, in steps."""
    times = rows[:, list(control.times())] * SCALE
    assert (times == np.round(times)).all()
    return [[int(time) for time in row if time] for row in times]


def moments(*notes, count=3):
    control = Sounding(count)
    return ends(control.compute(NOTES, events(*notes), {}), control)


def test_the_ends_count_from_the_step_before():
    assert moments((0, 60, 50), (20, 64, 200), (40, 67, 5)) == [[], [50], [30, 200]]


def test_notes_that_end_together_are_one_end():
    assert moments((0, 60, 50), (0, 64, 50), (0, 67, 80), (0, 72, 9))[3] == [50, 80]


def test_a_note_that_is_struck_again_ends_as_the_new_one_says():
    assert moments((0, 60, 500), (20, 60, 30), (0, 62, 1))[2] == [30]


def test_only_the_next_ends_are_told():
    assert moments((0, 60, 40), (0, 64, 10), (0, 67, 30), (0, 72, 20), (0, 48, 1))[4] == [
        10,
        20,
        30,
    ]


def test_each_end_has_its_bin():
    control = Sounding(2)
    rows = control.compute(NOTES, events((0, 60, 3), (0, 62, 2000), (0, 64, 1)), {})
    first, second = rows[2, 2 : WIDTH + 1], rows[2, WIDTH + 2 :]
    assert first.argmax() == 1 and second.argmax() == len(second) - 1
    assert first.sum() == second.sum() == 1
    assert rows[0, 0] == 1 and not rows[0, 1:].any()


def test_an_encoding_without_lengths_is_refused():
    with pytest.raises(BadOption, match="such as notes; performance is none"):
        Sounding().width(encoding("performance"))


@dataclasses.dataclass(frozen=True)
class After(Quads):
    """Each note begins before the shift of its step."""

    name: ClassVar[str] = "after"

    def spans(self, events):
        spans = super().spans(events)
        shift = events[spans.row, 0]
        return spans._replace(start=spans.start - shift, end=spans.end - shift)


def test_an_encoding_written_alone_is_told_its_ends_or_refused():
    quads = Quads()
    rows = Sounding(2).compute(quads, np.array([[0, 60, 9, 0], [3, 64, 4, 0], [1, 67, 0, 0]]), {})
    assert ends(rows, Sounding(2)) == [[], [10], [5, 7]]
    with pytest.raises(BadOption, match="begin after their shift"):
        Sounding().width(After())


notes = st.lists(
    st.tuples(st.integers(0, 120), st.integers(58, 66), st.integers(1, 300)), max_size=40
)


@given(notes)
def test_the_ends_are_those_of_the_notes_that_still_sound(music):
    control, time, last = Sounding(4), 0, {}
    expected = []
    for shift, pitch, length in music:
        expected.append(sorted({end - time for end in last.values() if end > time})[:4])
        time += shift
        last[pitch] = time + length
    assert ends(control.compute(NOTES, events(*music), {}), control) == expected


@given(notes, st.integers(0, 40))
def test_a_part_has_the_rows_of_the_whole(music, start):
    control, played = Sounding(), events(*music)
    start = min(start, len(music))
    whole = control.compute(NOTES, played, {})
    assert np.array_equal(control.compute_from(NOTES, played, start), whole[start:])


@given(notes, notes)
def test_while_music_is_sampled_the_rows_are_the_same(one, other):
    count = min(len(one), len(other))
    streams = [events(*music[:count]) for music in (one, other)]
    control = Sounding()
    whole = [control.compute(NOTES, stream, {}) for stream in streams]
    follower = control.follow(NOTES, 2, {})
    for t in range(count):
        assert np.array_equal(follower.rows(), np.stack([rows[t] for rows in whole]))
        follower.update(np.stack([stream[t] for stream in streams]))
        if t == count // 2:
            follower.select(np.array([1, 0]))
            streams.reverse()
            whole.reverse()


def test_a_window_of_a_piece_in_another_key_has_the_rows_of_the_whole_piece():
    rng = np.random.default_rng(0)
    music = events(*zip(*(rng.integers(1, 120, 60) for _ in range(3)), strict=True))
    music[:, 2] = rng.integers(40, 80, 60)
    split, chosen = Split.of(NOTES, {"piece": music}), (controls.make({"name": "sounding"}),)
    moved = NOTES.transpose(NOTES.stretch(music, 1.1), 3)
    whole = compute_all(chosen, NOTES, moved, split.contexts[0])
    assert np.array_equal(split.control_window(chosen, 0, 20, 45, 1.1, 3), whole[20:45])
