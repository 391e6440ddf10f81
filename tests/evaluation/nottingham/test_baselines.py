"""Repeating by hand, the n-gram's drawn chord by brute force, and a known best order."""

import math

import numpy as np
import pytest

from symgen.evaluation.nottingham import baselines
from symgen.evaluation.nottingham.score import score
from symgen.models.ngram.kneser_ney import NGram
from tests.evaluation.fakes import ONSETS, SOUNDING, plain, random_tunes, tunes_of


def test_repeating_holds_what_sounds():
    """A note-on is held, a rest continues; a tune begins after silence and no chord."""
    truth = tunes_of(ONSETS, [(62, 1), (1, 1), (1, 2), (62, 2), (0, 2), (0, 0)], [(0, 0), (64, 3)])
    made = baselines.repeat(truth, truth)
    assert made.sampled[:, 0].tolist() == [0, 1, 1, 0, 0, 1, 1, 0]
    assert made.argmax[:, 1].tolist() == [0, 1, 0, 1, 1, 0, 1, 0]
    right = (4 + 1) / (8 + 2)
    assert made.nats[1:4, 0].tolist() == pytest.approx(
        [-math.log(right), -math.log(right), -math.log((1 - right) / 129)]
    )
    sounding = baselines.repeat(truth, tunes_of(SOUNDING, [(61, 1), (61, 1), (0, 1), (0, 1)]))
    assert sounding.sampled[:, 0].tolist() == [0, 1, 0, 1]


def test_the_chord_that_an_ngram_draws_is_summed_over_its_melodies():
    train = tunes_of(ONSETS, *random_tunes(ONSETS, 6, 40, seed=1).values())
    truth = tunes_of(ONSETS, *random_tunes(ONSETS, 2, 20, seed=2).values())
    model = NGram.fit(train.values, train.lengths, train.sizes, 4)
    [found] = score(baselines.counted(train, truth, 4), [plain(truth)])
    each = model.probabilities(truth.values, truth.lengths)
    assert found.sampled[:, [0, 2]] == pytest.approx(each)
    melody = model.distributions(0, model.histories(truth.values, truth.lengths, 0))
    drawn = np.zeros(len(truth.values))
    for value in range(130):
        other = truth.values.copy()
        for row in range(len(other)):  # only the melody of the step itself changes
            other[row, 0] = value
            drawn[row] += melody[row, value] * model.probabilities(other, truth.lengths)[row, 1]
            other[row, 0] = truth.values[row, 0]
    assert found.sampled[:, 1] == pytest.approx(drawn, abs=1e-4)


def test_the_unigram_is_the_frequencies():
    train = tunes_of(ONSETS, *([(62, 1)] * 60 + [(1, 2)] * 30 + [(0, 3)] * 9 for _ in range(50)))
    [found] = score(baselines.counted(train, train, 1), [plain(train)])
    assert found.sampled[[0, 60, 90], 0].tolist() == pytest.approx(
        [60 / 99, 30 / 99, 9 / 99], abs=2e-3
    )
    assert found.argmax[[0, 60, 90], 1].tolist() == [1, 0, 0]


def test_the_order_is_chosen_on_the_training_half():
    """A melody that depends on the one two steps before needs order 5."""
    rng = np.random.default_rng(0)
    tunes = []
    for _ in range(60):
        melody = [62, 64]
        for _ in range(60):
            melody.append(
                {62: 64, 64: 67, 67: 62}[melody[-2]]
                if rng.random() < 0.95
                else int(rng.choice([62, 64, 67]))
            )
        tunes.append([(m, int(rng.integers(0, 2))) for m in melody])
    order, nats = baselines.choose_order(tunes_of(ONSETS, *tunes))
    assert order == 5
    assert nats[5] < nats[3] - 0.5 and min(nats) == 1
    assert (order, nats) == baselines.choose_order(tunes_of(ONSETS, *tunes))
