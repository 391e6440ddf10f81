"""The sustain pedal: by hand, and against note_seq on random music with many equal times."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.notes.pedal import sostenuto, sustain, without_stuck
from symgen.notes.sequence import CONTROL_CHANGE, NOTE, NoteSequence, notes_of, table
from tests.notes.peers import FIELDS, note_seq_sustain, rows

GRID = 0.25
TIMES = st.integers(0, 12).map(lambda k: k * GRID)


def pedal(*moves):
    """Return control changes of the sustain pedal from (time, value) pairs."""
    return table(
        CONTROL_CHANGE,
        time=[m[0] for m in moves],
        control_number=64,
        control_value=[m[1] for m in moves],
    )


def ends(notes, *moves, **fields):
    return (
        sustain(NoteSequence(notes=notes_of(notes), control_changes=pedal(*moves), **fields))
        .notes["end_time"]
        .tolist()
    )


def test_a_note_rings_until_the_pedal_is_lifted():
    assert ends([(60, 80, 1, 2)], (0, 127), (3, 0)) == [3]


def test_a_note_rings_until_its_pitch_is_struck_again():
    assert ends([(60, 80, 1, 2), (60, 80, 2.5, 3)], (0, 127), (4, 0)) == [2.5, 4]


def test_a_strike_under_the_pedal_ends_even_a_note_still_held():
    assert ends([(60, 80, 1, 5), (60, 80, 2, 3)], (0, 127), (4, 0)) == [2, 4]


def test_without_the_pedal_notes_of_one_pitch_overlap():
    assert ends([(60, 80, 1, 5), (60, 80, 2, 3)], (4.5, 127), (6, 0)) == [6, 3]


def test_all_sound_off_ends_what_the_pedal_holds():
    changes = table(
        CONTROL_CHANGE, time=[0, 3, 5], control_number=[64, 120, 64], control_value=[127, 0, 0]
    )
    notes = notes_of([(60, 80, 1, 2), (62, 80, 3.5, 4)])
    held = sustain(NoteSequence(notes=notes, control_changes=changes))
    assert held.notes["end_time"].tolist() == [3, 5]


def test_the_sostenuto_pedal_holds_the_keys_that_are_down():
    moves = pedal((1.5, 127), (5.0, 0), (8.0, 127))
    moves["control_number"] = 66
    notes = notes_of([(60, 80, 0, 1), (62, 80, 1, 2), (64, 80, 2, 3), (65, 80, 8, 9)])
    held = sostenuto(NoteSequence(notes=notes, control_changes=moves))
    assert held.notes["end_time"].tolist() == [1, 5, 3, 9]


def test_down_means_64_or_more():
    assert ends([(60, 80, 1, 2)], (0, 63), (3, 0)) == [2]
    assert ends([(60, 80, 1, 2)], (0, 64), (3, 63)) == [3]


def test_a_pedal_never_lifted_ends_with_the_last_event():
    assert ends([(60, 80, 1, 2), (62, 80, 4, 5)], (0, 127)) == [5, 5]


def test_an_up_wins_over_a_down_at_the_same_time():
    assert ends([(60, 80, 1, 2)], (2, 0), (2, 127), (3, 0)) == [2]


def test_of_two_strikes_at_once_one_stays():
    out = sustain(
        NoteSequence(
            notes=notes_of([(60, 70, 1, 2), (60, 80, 1, 2)]),
            control_changes=pedal((0, 127), (3, 0)),
        )
    )
    assert rows(out.notes, ["velocity", "end_time"]) == [(80, 3)]


def test_drums_and_other_instruments_are_left_alone():
    notes = notes_of([(60, 80, 1, 2), (60, 80, 1, 2)])
    notes["is_drum"], notes["instrument"] = [True, False], [0, 1]
    assert sustain(NoteSequence(notes=notes, control_changes=pedal((0, 127), (3, 0)))).notes[
        "end_time"
    ].tolist() == [2, 2]


def test_everything_else_stays_and_nothing_happens_without_a_pedal():
    sequence = NoteSequence(
        notes=notes_of([(60, 80, 1, 2)]), control_changes=pedal((0, 127), (3, 0))
    )
    assert np.array_equal(sustain(sequence).control_changes, sequence.control_changes)
    assert sequence.notes["end_time"].tolist() == [2]
    still = sequence.replace(control_changes=pedal())
    assert sustain(still) is still


@st.composite
def music(draw):
    """Draw a piece with few pitches, instruments and times, so that everything meets everything."""
    note = st.tuples(
        st.integers(60, 61),
        st.integers(1, 2),
        TIMES,
        st.integers(0, 6),
        st.integers(0, 1),
        st.just(0),
        st.integers(0, 9).map(lambda k: k == 0),
    )
    move = st.tuples(
        TIMES,
        st.sampled_from([64, 64, 64, 66]),
        st.sampled_from([0, 63, 64, 127]),
        st.integers(0, 1),
        st.just(0),
        st.just(False),
    )
    drawn = draw(st.lists(note, max_size=12))
    notes = np.array([(p, v, s, s + d * GRID, *rest) for p, v, s, d, *rest in drawn], NOTE)
    notes = notes[np.lexsort([notes["pitch"], notes["start_time"]])]
    moves = np.array(draw(st.lists(move, max_size=10)), CONTROL_CHANGE)
    return NoteSequence(
        notes=notes, control_changes=moves[np.argsort(moves["time"], kind="stable")]
    )


@settings(max_examples=400, deadline=None)
@given(music())
def test_random_music_equals_note_seq(sequence):
    theirs, ours = note_seq_sustain(sequence.to_proto()), sustain(sequence)
    assert sorted(rows(ours.notes, FIELDS)) == sorted(rows(theirs.notes, FIELDS))
    last = max((n.end_time for n in theirs.notes), default=0.0)
    assert ours.total_time == max(theirs.total_time, last)


@pytest.mark.parametrize("unsorted", [False, True])
def test_five_thousand_notes_in_any_order(unsorted):
    rng = np.random.default_rng(0)
    start = np.sort(rng.uniform(0, 300, 5000))
    notes = table(
        NOTE,
        pitch=rng.integers(40, 80, 5000),
        velocity=1,
        start_time=start,
        end_time=start + rng.uniform(0, 2, 5000),
    )
    moves = pedal(*zip(np.sort(rng.uniform(0, 300, 900)), rng.integers(0, 128, 900), strict=True))
    order = rng.permutation(5000) if unsorted else np.arange(5000)
    sequence = NoteSequence(notes=notes[order], control_changes=moves)
    theirs = note_seq_sustain(sequence.to_proto())
    assert sorted(rows(sustain(sequence).notes, FIELDS)) == sorted(rows(theirs.notes, FIELDS))


def test_a_press_that_is_never_lifted_is_taken_out_where_it_would_ring_on():
    notes = notes_of([(60, 80, t, t + 0.5) for t in range(0, 60, 2)])
    pressed = pedal((0.5, 127), (1.0, 0), (4.0, 80))
    whole = NoteSequence(notes, control_changes=pressed)
    freed, presses = without_stuck(whole)
    assert presses == 1
    assert freed.control_changes["time"].tolist() == [0.5, 1.0]
    late = whole.replace(control_changes=pedal((40.0, 127)))
    assert without_stuck(late) == (late, 0)  # a last chord may ring
    lifted = whole.replace(control_changes=pedal((4.0, 80), (59.0, 0)))
    assert without_stuck(lifted) == (lifted, 0)
