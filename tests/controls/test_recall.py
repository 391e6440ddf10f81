"""Recall: what it finds in tunes that can be read; followers give what whole pieces give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.controls import compute_all, controls, make_all
from symgen.controls.members.recall import HEARD, LENGTHS, LONG, Recall
from symgen.encodings import encoding
from symgen.errors import BadOption

TUNES = encoding("melody_chords", chords=("C", "G"))
MELODY, CHORD = (f.size for f in TUNES.fields)
EACH = MELODY + CHORD + len(LENGTHS)


def recalled(tune, reach=1024, chords=None, context=None):
    """Return for each memory and step (melody, chord, likeness at least), -1 for none."""
    events = np.array([tune, chords or [1] * len(tune)], np.int32).T
    rows = Recall(reach).compute(TUNES, events, context or {})
    assert (rows[:, 0] == 1).all() and rows.shape == (len(tune), Recall().width(TUNES))
    out = []
    for memory in (rows[:, 1 + HEARD : 1 + HEARD + EACH], rows[:, 1 + HEARD + EACH :]):
        parts = np.split(memory, [MELODY, MELODY + CHORD], axis=1)
        assert all(set(p.sum(axis=1)) <= {0, 1} for p in parts)
        found = [np.where(p.any(axis=1), p.argmax(axis=1), -1) for p in parts]
        found[2] = np.where(found[2] >= 0, np.array(LENGTHS)[found[2]], -1)
        out.append([tuple(int(f[t]) for f in found) for t in range(len(tune))])
    return out


def test_a_strain_that_returns_is_foretold():
    exact, _ = recalled([60, 62, 64, 65, 60, 62, 64, 65])
    assert exact[:5] == [(-1, -1, -1)] * 5  # nothing has been heard twice yet
    assert exact[5:] == [
        (62, 1, 1),
        (64, 1, 2),
        (65, 1, 2),
    ]  # each after one step more that is alike


def test_of_two_places_the_one_that_is_longer_alike_counts_and_else_the_later():
    exact, _ = recalled([1, 5, 7, 9, 2, 5, 7, 8, 1, 5, 7])
    assert (
        exact[10][0] == 7 and exact[10][2] == 2
    )  # 1 5 7 was heard once, 2 5 7 does not begin alike
    exact, _ = recalled([5, 7, 5, 8, 5, 9])
    assert exact[5] == (8, 1, 1)  # the 5 before the last was followed by 8


def test_one_memory_begins_anew_at_a_difference_and_the_other_forgives_it():
    theme = [60, 62, 64, 65, 67, 69, 71, 72]
    exact, forgiving = recalled([*theme, *theme[:4], 99, *theme[5:]])
    assert exact[12] == (67, 1, 4) and exact[13] == (-1, -1, -1)
    assert forgiving[13] == (69, 1, 2)  # four were alike, and half of that is left


def test_a_change_of_chords_stops_the_memory_of_whole_steps_alone():
    exact, forgiving = recalled([60, 62, 64, 60, 62, 64], chords=[1, 1, 1, 2, 2, 2])
    assert exact[5] == (-1, -1, -1) and forgiving[5] == (64, 1, 2)


def test_in_a_meter_what_returns_on_another_beat_is_not_the_same():
    theme, bars = [60, 62, 64, 65], {"bars": [0, 1, 4], "steps": 20}
    assert recalled([*theme, *theme], context=bars)[0][6] == (64, 1, 2)
    assert recalled([*theme, 99, *theme], context=bars)[0][8] == (-1, -1, -1)
    assert recalled([*theme, 99, *theme])[0][8] == (65, 1, 2)


def test_it_counts_how_often_this_was_heard():
    theme = list(range(40, 40 + LONG))
    rows = Recall().compute(TUNES, np.array([theme * 6, [1] * 6 * LONG], np.int32).T, {})
    assert rows[:, 1 : 1 + HEARD].argmax(axis=1)[LONG::LONG].tolist() == [0, 1, 2, 3, 3]


def test_it_reaches_no_further_than_it_is_told():
    assert recalled([60, 1, 2, 3, 60, 1], reach=4)[0][5] == (1, 1, 1)
    assert recalled([60, 1, 2, 3, 60, 1], reach=3)[0][5] == (-1, -1, -1)


FOLLOWED = [
    name for name in controls if controls.make({"name": name}).follow(TUNES, 1, {}) is not None
]


@pytest.mark.parametrize("name", FOLLOWED)
@given(data=st.data())
def test_a_follower_gives_the_rows_of_the_whole_piece(name, data):
    enc = data.draw(st.sampled_from([TUNES, encoding("performance")]))
    batch, steps = data.draw(st.integers(1, 4)), data.draw(st.integers(0, 24))
    values = st.integers(0, 2)
    events = np.array(
        data.draw(
            st.lists(
                st.lists(
                    st.lists(values, min_size=len(enc.fields), max_size=len(enc.fields)),
                    min_size=steps,
                    max_size=steps,
                ),
                min_size=batch,
                max_size=batch,
            )
        ),
        np.int32,
    )
    events = events.reshape(batch, steps, len(enc.fields))
    control = controls.make({"name": name})
    context = data.draw(st.sampled_from([{}, {"bars": [3, 3, 8, 15, 2, 4], "steps": steps}]))
    follower = control.follow(enc, batch, context)
    whole = np.stack([control.compute(enc, e, context) for e in events])
    order = np.arange(batch)
    for t in range(steps):
        assert np.array_equal(follower.rows(), whole[order, t])
        follower.update(events[order, t])
        if data.draw(st.booleans()):
            picked = np.array(
                data.draw(st.lists(st.integers(0, batch - 1), min_size=batch, max_size=batch))
            )
            follower.select(picked)
            order = order[picked]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2)), min_size=1, max_size=40),
    st.integers(0, 11),
)
def test_an_outline_serves_every_key(rows, semitones):
    enc = encoding("melody_chords", chords=("C", "G"), every_root=False)
    events = np.array(rows, np.int32)
    moved = events + [[semitones, 0]] * len(events) * (events > 1)
    control = Recall()
    outline = control.outline(enc, events, {})
    assert np.array_equal(control.compute(enc, moved, {}, outline), control.compute(enc, moved, {}))
    assert np.array_equal(
        compute_all((control,), enc, moved, {}, [outline]), control.compute(enc, moved, {})
    )


def test_a_reach_that_cannot_be_is_named():
    with pytest.raises(BadOption, match="reach = 0"):
        make_all([{"name": "recall", "reach": 0}])


def test_an_encoding_whose_first_field_says_no_pitch_is_refused():
    with pytest.raises(
        BadOption, match="first field, which in the notes encoding is shift_seconds"
    ):
        Recall().width(encoding("notes"))
