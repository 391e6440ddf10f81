"""Agreement with the original chords by hand: drawn, first choices, simple baselines."""

import numpy as np
import pytest

from symgen.errors import BadOption, DataError
from symgen.evaluation.nottingham import forms, harmony
from symgen.evaluation.nottingham.harmony import Harmonised
from tests.evaluation.fakes import ONSETS, SOUNDING, dataset, random_tunes

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]  # of C major; its chord is value 1
TUNES = {
    "a": [(p + 2, 1) for p in SCALE],
    "b": [(p + 2, c) for p, c in zip(SCALE, [1, 1, 3, 3, 1, 1, 0, 0], strict=True)],
    "c": [(62, 2)],
}


@pytest.fixture
def data():
    return dataset(ONSETS, {}, TUNES)


def events(*chords):
    return np.array([(0, c) for c in chords], np.int32)


def test_agreement_by_hand(data):
    """All steps count equally; "b" agrees in 5 of 8 and "a" in 2 of 8."""
    drawn = {"a": events(1, 1, 0, 0, 0, 0, 0, 0), "b": events(1, 1, 1, 1, 1, 1, 0, 4)}
    given_past = np.zeros(17, bool)
    given_past[:4] = True
    made = harmony.agreement(
        forms.tunes(data, "eval"),
        data,
        {"m": Harmonised({"drawn": drawn}, np.arange(5), given_past)},
    )
    [row] = made["rows"]
    assert (made["tunes"], made["steps"], made["chord_values"]) == (["a", "b"], 16, 5)
    assert row["drawn"] == pytest.approx(7 / 16, abs=1e-5)
    assert row["given_past"] == pytest.approx(4 / 16)
    assert row["each"] == {"a": {"drawn": 0.25}, "b": {"drawn": 0.625}}
    assert made["tonic"] == pytest.approx((8 + 4) / 16)
    assert made["repeat"] == pytest.approx((7 + 4) / 16, abs=1e-5)


def test_chords_are_compared_in_one_vocabulary(data):
    """A model with G7 for G agrees if its G7 is mapped to G."""
    drawn = {"drawn": {"b": events(1, 1, 5, 5, 1, 1, 0, 0)}}
    made = harmony.agreement(
        forms.tunes(data, "eval"),
        data,
        {"m": Harmonised(drawn, np.array([0, 1, 2, 3, 4, 3]), np.ones(17, bool))},
    )
    assert made["rows"][0]["drawn"] == 1


def test_another_length_is_named(data):
    made = Harmonised({"drawn": {"b": events(1, 1)}}, np.arange(5), np.ones(17, bool))
    with pytest.raises(DataError, match="b has 8 steps and its harmony 2"):
        harmony.agreement(forms.tunes(data, "eval"), data, {"m": made})


def test_the_same_tunes_are_picked_from_both_forms():
    tunes = random_tunes(ONSETS, 12, 8)
    one, other = (
        dataset(enc, {}, tunes if enc is ONSETS else {name: [(61, 0)] for name in tunes})
        for enc in (ONSETS, SOUNDING)
    )
    picked = harmony.pick(one, 5, 0)
    assert picked == sorted(set(picked)) == harmony.pick(other, 5, 0)
    assert len(picked) == 5 and picked != harmony.pick(one, 5, 1)
    with pytest.raises(BadOption, match="from 1 to 12"):
        harmony.pick(one, 13, 0)


def test_the_melody_alone_is_given_away(data):
    made = harmony.tune(data, "b")
    assert made.notes["pitch"].tolist() == SCALE
    assert not len(made.chords)
    assert harmony.tonic_value(data, "b") == 1
