"""The grammar of `notes`: it takes every encoded stream, and what it lets through is whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.encodings import encoding
from symgen.notes.sequence import CONTROL_CHANGE, NoteSequence, notes_of, table

MADE = [
    encoding("notes"),
    encoding("notes", pedal="events"),
    encoding("notes", pedal="off", velocity_bins=0),
    encoding("notes", pedal="events", longest_shift=1, longest_note=2, steps_per_second=20),
]
note = st.tuples(
    st.integers(60, 63),
    st.integers(1, 127),
    st.integers(0, 900),
    st.sampled_from([0.1, 1, 30, 400]),
)
press = st.tuples(st.integers(0, 900), st.sampled_from([0, 40, 64, 127]))


def music(rows, presses):
    notes = sorted((s / 100, p, v, s / 100 + d / 100) for p, v, s, d in rows)
    moves = sorted(presses)
    changes = table(
        CONTROL_CHANGE,
        time=[t / 100 for t, _ in moves],
        control_number=64,
        control_value=[v for _, v in moves],
    )
    return NoteSequence(notes_of((p, v, s, e) for s, p, v, e in notes), control_changes=changes)


@given(
    st.lists(note, min_size=1, max_size=25),
    st.lists(press, max_size=8),
    st.sampled_from(MADE),
    st.sampled_from([0.9, 1.0, 1.1]),
)
@settings(max_examples=100, deadline=None)
def test_every_encoded_stream_is_legal(rows, presses, made, factor):
    grammar = made.grammar(2)
    for row in made.stretch(made.encode(music(rows, presses)), factor):
        for field, value in enumerate(row):
            assert grammar.legal(field)[1, value], (row, field)
            scores = np.zeros((2, made.fields[field].size), np.float32)
            grammar.bar(field, scores)
            assert np.array_equal(scores == 0, grammar.legal(field))
            grammar.choose(field, np.array([value, value]))


@given(st.integers(0, 2**32), st.sampled_from(MADE))
@settings(max_examples=30, deadline=None)
def test_what_is_legal_is_whole(seed, made):
    """Streams drawn from what is legal, some rows at a time: in order, with lengths."""
    rng, grammar, streams = np.random.default_rng(seed), made.grammar(3), [[], [], []]
    for _ in range(30):
        rows = np.flatnonzero(rng.random(3) < 0.7)
        chosen = np.zeros((3, len(made.fields)), np.int64)
        for field, (_, size) in enumerate(made.fields):
            weights = rng.random((3, size)) * grammar.legal(field) * (1 + 9 * (np.arange(size) < 2))
            chosen[:, field] = weights.argmax(axis=1)
            if field == 2 and (weights.max(axis=1) == 0)[rows].any():
                return  # the pedal is pressed, and no time passes
            grammar.choose(field, chosen[rows, field], rows)
        for row in rows:
            streams[row].append(chosen[row])
    for row, events in enumerate(map(np.array, streams)):
        if len(events):
            keys = made.decode(events).notes
            order = np.lexsort((keys["pitch"], keys["start_time"]))
            assert np.array_equal(order, np.arange(len(keys)))
            now = grammar.time[row] / made.steps_per_second
            assert (events[:, -1] + events[:, -2] > 0).all()
            sounds = set(keys["pitch"][keys["end_time"] > now + 1e-6].tolist())  # all have begun
            assert set(np.flatnonzero(grammar.open_pitches()[row]).tolist()) == sounds


def test_a_shift_under_way_may_be_chosen_anew():
    grammar, made = MADE[0].grammar(1), MADE[0]
    for field, value in enumerate([0, 0, 60, 3, 1, 0]):
        grammar.choose(field, np.array([value]))
    grammar.choose(0, np.array([0]))
    grammar.choose(1, np.array([99]))
    assert grammar.open_pitches()[0, 60]
    assert grammar.legal(2)[0, 0]
    grammar.choose(0, np.array([1]))
    assert not grammar.open_pitches().any()
    grammar.choose(0, np.array([0]))
    grammar.choose(1, np.array([0]))
    assert grammar.legal(2)[0].tolist() == (np.arange(made.fields[2].size) >= 60).tolist()


@pytest.mark.parametrize("made", MADE)
def test_every_note_has_its_end(made):
    assert made.grammar(1).closing(0).shape == (0, len(made.fields))


def test_time_passes_after_a_press_of_the_pedal():
    """Nothing else can come at its moment: it is the last of the pitches, and it is down."""
    made = encoding("notes", pedal="events")
    grammar = made.grammar(2)
    for field, values in enumerate(([0, 0], [0, 0], [128, 60], [0, 5], [0, 0], [30, 30])):
        grammar.choose(field, np.array(values))
    grammar.choose(0, np.array([0, 0]))
    assert np.flatnonzero(~grammar.legal(1)[0]).tolist() == [0] and grammar.legal(1)[1].all()
    grammar.choose(0, np.array([1, 0]))
    assert grammar.legal(1)[0].all()
