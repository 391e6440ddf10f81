"""Scores of models with known answers, and summaries compared with written-out sums."""

import math

import numpy as np
import pytest

from symgen.evaluation.nottingham.predict import blend
from symgen.evaluation.nottingham.score import Scores, difference, intervals, means, score, summary
from tests.evaluation.fakes import (
    ONSETS,
    Uniform,
    oracle,
    plain,
    random_tables,
    random_tunes,
    tunes_of,
)


@pytest.fixture
def tunes():
    return tunes_of(ONSETS, *random_tunes(ONSETS, 5, 30).values())


def every(tunes):
    return np.ones(len(tunes.values), bool)


def test_a_model_that_knows_nothing_has_log_n_nats(tunes):
    [found] = score(Uniform(tunes), [plain(tunes)])
    report = summary(found, every(tunes), every(tunes), intervals(5))
    assert report["nats"]["melody"]["value"] == pytest.approx(math.log(130), abs=1e-4)
    assert report["nats"]["chord_given"]["value"] == pytest.approx(math.log(5), abs=1e-5)
    assert report["nats"]["step"]["value"] == pytest.approx(math.log(130) + math.log(5), abs=1e-4)
    assert report["sampled"]["melody"]["value"] == pytest.approx(1 / 130, abs=1e-6)
    assert report["sampled"]["overall"]["value"] == pytest.approx((1 / 130 + 1 / 5) / 2, abs=1e-6)


def test_a_model_that_knows_the_truth_is_always_right(tunes):
    [found] = score(oracle(tunes), [plain(tunes)])
    report = summary(found, every(tunes), every(tunes), intervals(5))
    for measure in ("sampled", "argmax"):
        assert {
            k: (v["value"], v["low"], v["high"]) for k, v in report[measure].items()
        } == dict.fromkeys(report[measure], (1, 1, 1))
    assert report["nats"]["step"]["value"] == 0


def test_a_drawn_chord_is_summed_over_the_melodies_that_may_be_drawn(tunes):
    model = random_tables(tunes.sizes, len(tunes.values))
    [found] = score(model, [plain(tunes)])
    for row, (melody, chord) in enumerate(tunes.values):
        p, given = model.first[row], model.second[row]
        drawn = sum(p[m] * given[m, chord] for m in range(130))
        assert found.sampled[row].tolist() == pytest.approx(
            [p[melody], drawn, given[melody, chord]]
        )
        assert found.nats[row].tolist() == pytest.approx(
            [-math.log(found.sampled[row, k]) for k in range(3)]
        )
        assert found.argmax[row].tolist() == [
            p.argmax() == melody,
            (p @ given).argmax() == chord,
            given[melody].argmax() == chord,
        ]


def test_blending_leaves_out_what_weighs_nothing():
    """Two kinds of weights at once; values below 1e-7 in both are not requested."""
    rng = np.random.default_rng(0)
    given = rng.dirichlet(np.ones(4), (6, 9))
    weights = rng.dirichlet(np.full(9, 0.2), (6, 2))
    weights[:, :, 3] = 1e-9
    weights /= weights.sum(2, keepdims=True)
    computed = []

    def answer(rows, values):
        computed.extend(values.tolist())
        return given[rows, values]

    assert np.allclose(blend(weights, answer), np.einsum("njm,nmc->njc", weights, given), atol=1e-6)
    assert 3 not in computed


def test_means_are_those_of_the_steps_that_a_mask_picks():
    tune, values = np.array([0, 0, 1, 2]), np.array([[1.0, 5], [0, 5], [1, 5], [0, 5]])
    mask = np.array([[True, False], [True, False], [True, False], [False, False]])
    made = means(tune, values, mask, np.array([[1.0, 1, 1], [0, 3, 0], [2, 0, 1]]))
    assert made.value[0] == pytest.approx(2 / 3)
    assert made.drawn[:, 0].tolist() == pytest.approx([2 / 3, 1, 1 / 2])
    assert np.isnan(made.value[1])


def test_intervals_hold_the_mean_as_often_as_they_say():
    """About 95 of a hundred intervals contain the true mean."""
    rng, held = np.random.default_rng(3), 0
    weights, tune = intervals(60), np.repeat(np.arange(60), 10)
    for _ in range(100):
        values = (rng.random(600) < np.repeat(rng.beta(2, 2, 60), 10))[:, None] * 1.0
        low, high = means(tune, values, np.ones((600, 1), bool), weights).range()
        held += bool(low[0] <= 0.5 <= high[0])
    assert 88 <= held <= 99
    assert np.array_equal(intervals(7, 5), intervals(7, 5)) and not np.array_equal(
        intervals(7, 5), intervals(7, 6)
    )


def test_empty_masks_have_no_scores(tunes):
    """An empty mask has no scores; with different masks there is no sum of nats."""
    [found] = score(Uniform(tunes), [plain(tunes)])
    none = np.zeros(len(tunes.values), bool)
    report = summary(found, none, every(tunes), intervals(5))
    assert report["sampled"]["melody"] is None and report["sampled"]["overall"] is None
    assert report["sampled"]["chord"]["value"] == pytest.approx(0.2)
    assert "step" not in report["nats"]


def test_the_same_tunes_are_drawn_for_both_sides_of_a_difference(tunes):
    """A constant difference between two models is the same in every resampling."""
    rng = np.random.default_rng(1)
    base = rng.random((len(tunes.values), 3))
    one, other = (Scores(tunes, base + d, base + 2 * d, base) for d in (0.25, 0.0))
    gain = difference(one, other, intervals(5))
    assert gain["sampled"]["overall"] == pytest.approx({"value": 0.25, "low": 0.25, "high": 0.25})
    assert gain["argmax"]["melody"] == pytest.approx({"value": 0.5, "low": 0.5, "high": 0.5})
