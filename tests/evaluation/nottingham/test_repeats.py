"""Changes by hand, and "heard before" compared with a step-by-step search."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from symgen.evaluation.nottingham.repeats import changes, repeated
from tests.evaluation.fakes import ONSETS, SOUNDING, random_tunes, tunes_of


def test_a_note_begins_where_the_form_tells_it():
    """A repeated pitch is an onset in only one form; no chord at the start is no change."""
    melody, chord = changes(tunes_of(ONSETS, [(62, 0), (1, 0), (62, 2), (0, 2)], [(0, 1), (64, 0)]))
    assert melody.tolist() == [True, False, True, False, False, True]
    assert chord.tolist() == [False, False, True, False, True, True]
    melody, _ = changes(tunes_of(SOUNDING, [(61, 0), (61, 0), (61, 2), (0, 2)], [(61, 1), (63, 0)]))
    assert melody.tolist() == [True, False, False, False, True, True]


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.lists(st.sampled_from([0, 1, 62]), max_size=30)),
        min_size=1,
        max_size=4,
    )
)
def test_heard_before_is_what_a_search_finds(tunes):
    bars = np.array([bar for bar, _ in tunes])
    found = repeated(
        tunes_of(ONSETS, *([(m, 0) for m in melody] for _, melody in tunes)), bars
    ).tolist()
    expected = []
    for bar, melody in tunes:
        for t in range(len(melody)):
            before = [melody[s - bar : s] for s in range(bar, t)]
            expected.append(t >= bar and melody[t - bar : t] in before)
    assert found == expected


def test_a_strain_that_is_repeated_is_heard_before_from_its_second_bar_on():
    """The step itself does not count: the last one is heard before although its note differs."""
    strain = [
        row for tune in random_tunes(ONSETS, 1, 64, pitches=range(40, 90)).values() for row in tune
    ]
    other = [*strain[:-1], (129, 0)]
    found = repeated(tunes_of(ONSETS, strain + other), np.array([16]))
    assert found[: 64 + 1].sum() <= 1
    assert found[64 + 16 :].all()
