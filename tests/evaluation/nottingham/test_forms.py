"""Sounding pitches by hand and step by step; probabilities of one form as sums of the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.encodings import encoding
from symgen.errors import DataError
from symgen.evaluation.nottingham import forms
from symgen.evaluation.nottingham.protocol import chord_classes
from symgen.evaluation.nottingham.score import score
from tests.evaluation.fakes import ONSETS, SOUNDING, dataset, random_tables, random_tunes, tunes_of

C, D = 62, 64  # melody values of pitches 60 and 62 in the form "onsets"


def test_what_sounds_by_hand():
    """A hold at the beginning of a tune or after a rest holds nothing, whatever came before."""
    tunes = tunes_of(ONSETS, [(C, 0), (1, 0), (0, 0), (1, 0), (D, 0)], [(1, 0), (D, 0), (1, 0)])
    assert forms.sounding(ONSETS, tunes).tolist() == [60, 60, -1, -1, 62, -1, 62, 62]
    assert forms.as_sounding(ONSETS, tunes).values[:, 0].tolist() == [61, 61, 0, 0, 63, 0, 63, 63]


@given(
    st.lists(
        st.lists(st.sampled_from([0, 1, 1, C, D, 129]), min_size=1, max_size=12),
        min_size=1,
        max_size=4,
    )
)
def test_what_sounds_step_by_step(melodies):
    tunes = tunes_of(ONSETS, *([(m, 0) for m in melody] for melody in melodies))
    expected = []
    for melody in melodies:
        pitch = -1
        for value in melody:
            pitch = pitch if value == 1 else value - 2 if value else -1
            expected.append(pitch)
    assert forms.sounding(ONSETS, tunes).tolist() == expected


def test_an_onset_model_is_scored_in_the_published_form_by_sums():
    """p(pitch) = p(onset) + p(hold) if it sounded before; likewise silence and the chord."""
    tunes = tunes_of(ONSETS, *random_tunes(ONSETS, 3, 25).values())
    truth = forms.as_sounding(ONSETS, tunes)
    view = forms.view(ONSETS, tunes, truth, np.arange(5))
    model = random_tables(tunes.sizes, len(tunes.values))
    [found] = score(model, [view])
    last = -1
    for row, (melody, chord) in enumerate(truth.values.tolist()):
        last = -1 if row % 25 == 0 else last
        values = [0 if melody == 0 else melody + 1] + ([1] if melody - 1 == last else [])
        p, given = model.first[row], model.second[row]
        sounds, both = sum(p[v] for v in values), sum(p[v] * given[v, chord] for v in values)
        assert found.sampled[row, 0] == pytest.approx(sounds)
        assert found.sampled[row, 2] == pytest.approx(both / sounds)
        last = melody - 1
        whole = view.first(model.first[[row]], np.array([row]))
        assert whole.sum() == pytest.approx(1) and whole.shape == (1, 129)


def test_both_forms_at_once_are_each_alone():
    tunes = tunes_of(ONSETS, *random_tunes(ONSETS, 3, 25).values())
    model = random_tables(tunes.sizes, len(tunes.values))
    views = [
        forms.view(ONSETS, tunes, truth, np.arange(5))
        for truth in (forms.as_sounding(ONSETS, tunes), tunes)
    ]
    together = score(model, views)
    for view, found in zip(views, together, strict=True):
        [alone] = score(model, [view])
        assert np.array_equal(found.sampled, alone.sampled) and np.array_equal(
            found.argmax, alone.argmax
        )
    assert (together[0].sampled[:, 2] != together[1].sampled[:, 2]).any()


def test_chords_are_summed_into_a_smaller_vocabulary():
    """A seventh maps to its triad, a root that is missing to no chord; a triad to no seventh."""
    rich = encoding("melody_chords", chords=("C", "G", "C7", "G7", "B7"), reduce="sevenths")
    poor = encoding("melody_chords", chords=("C", "G"), reduce="triads", every_root=False)
    assert chord_classes(rich, poor).tolist() == [0, 1, 2, 1, 2, 0]
    assert chord_classes(poor, rich) is None
    assert chord_classes(rich, rich).tolist() == [0, 1, 2, 3, 4, 5]
    tunes = tunes_of(rich, [(C, 3), (1, 4)])
    truth = forms.as_sounding(poor, tunes_of(poor, [(C, 1), (1, 2)]))
    model = random_tables(tunes.sizes, 2)
    [found] = score(model, [forms.view(rich, tunes, truth, chord_classes(rich, poor))])
    assert found.sampled[:, 1] == pytest.approx(
        [
            model.first[0] @ model.second[0][:, [1, 3]].sum(1),
            model.first[1] @ model.second[1][:, [2, 4]].sum(1),
        ]
    )


def test_what_cannot_be_compared_is_refused():
    onsets, sounding = tunes_of(ONSETS, [(C, 0), (1, 1)]), tunes_of(SOUNDING, [(61, 0), (61, 1)])
    with pytest.raises(DataError, match="cannot be scored on onsets"):
        forms.view(SOUNDING, sounding, onsets, np.arange(5))
    with pytest.raises(DataError, match=r"data/x: its held-out split .* such as tune1"):
        forms.check_same(onsets, tunes_of(SOUNDING, [(61, 0)], [(0, 0)]), "data/x")
    with pytest.raises(DataError, match=r"tune0 has 1 steps there and 2 here"):
        forms.check_same(onsets, tunes_of(SOUNDING, [(61, 0)]), "data/x")
    with pytest.raises(DataError, match="no melody and chord on a grid"):
        forms.form_of(encoding("performance"))


def test_tunes_are_picked_with_all_their_steps():
    tunes = tunes_of(ONSETS, [(C, 0), (1, 1)], [(0, 2)], [(D, 3), (1, 3)])
    some = tunes.part(np.array([2, 0]))
    assert some.ids == ("tune0", "tune2")
    assert some.values.tolist() == [[C, 0], [1, 1], [D, 3], [1, 3]]
    assert some.tune.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("meter", "grid", "bar"),
    [("6/8", 4, 12), ("4/4", 4, 16), ("3/4", 12, 36), ("9/8", 4, 18), ("", 4, 16), ("x/0", 4, 16)],
)
def test_a_bar_has_the_steps_of_its_meter(meter, grid, bar):
    enc = encoding("melody_chords", chords=("C",), grid=grid)
    data = dataset(
        enc, {}, {"a": [(0, 0)]}, contexts={"a": {"id": "a", **({"meter": meter} if meter else {})}}
    )
    assert forms.whole(enc, data.split("eval")).tolist() == [bar]
