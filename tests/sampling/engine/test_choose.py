"""Temperature, top-k and top-p, and the draws of each stream."""

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.sampling.engine.particles import Particles
from symgen.sampling.engine.rng import SampleStreams
from symgen.sampling.engine.view import View
from symgen.sampling.request.params import SamplingParams
from tests.sampling.fakes import PERFORMANCE

ROW = np.log(np.array([0.1, 0.4, 0.2, 0.3], np.float32))


def shares(taste, row=ROW, count=20_000):
    """How often each value is chosen, for uniforms spread evenly."""
    scores = np.empty((count, len(row)), np.float32)
    taste.temper(np.repeat(row[None], count, axis=0), scores)
    taste.truncate(scores)
    chosen = taste.pick(scores, (np.arange(count) + 0.5) / count)
    return np.bincount(chosen, minlength=len(row)) / count


def test_values_are_chosen_in_proportion():
    assert np.allclose(shares(SamplingParams()), [0.1, 0.4, 0.2, 0.3], atol=1e-3)


def test_temperature_sharpens_and_flattens():
    for temperature in (0.5, 2.0):
        expected = np.exp(ROW) ** (1 / temperature)
        assert np.allclose(
            shares(SamplingParams(temperature)), expected / expected.sum(), atol=1e-3
        )
    assert shares(SamplingParams(0)).tolist() == [0, 1, 0, 0]
    assert shares(SamplingParams(1e-9)).tolist() == [0, 1, 0, 0]


def test_top_k_keeps_the_likeliest():
    assert np.allclose(shares(SamplingParams(top_k=2)), [0, 4 / 7, 0, 3 / 7], atol=1e-3)
    assert shares(SamplingParams(top_k=1)).tolist() == [0, 1, 0, 0]
    assert np.allclose(shares(SamplingParams(top_k=99)), [0.1, 0.4, 0.2, 0.3], atol=1e-3)


def test_top_p_keeps_the_fewest_that_hold_the_share():
    assert np.allclose(shares(SamplingParams(top_p=0.65)), [0, 4 / 7, 0, 3 / 7], atol=1e-3)
    assert np.allclose(shares(SamplingParams(top_p=0.71)), [0, 4 / 9, 2 / 9, 3 / 9], atol=1e-3)
    assert shares(SamplingParams(top_p=1e-9)).tolist() == [0, 1, 0, 0]


def test_barred_values_are_never_chosen():
    row = np.array([-np.inf, 0, -np.inf, -50, -np.inf], np.float32)
    for taste in (
        SamplingParams(),
        SamplingParams(5.0),
        SamplingParams(0),
        SamplingParams(top_k=3),
        SamplingParams(top_p=0.999),
    ):
        for edge in (0.0, 0.5, 1 - 2**-40):
            scores = np.empty((1, 5), np.float32)
            taste.temper(row[None], scores)
            taste.truncate(scores)
            assert taste.pick(scores, np.array([edge]))[0] in (1, 3)


def test_a_stream_draws_the_same_wherever_it_stands():
    many, alone = SampleStreams(7, 0, 5), SampleStreams(7, 3, 1)
    rows = [many.next() for _ in range(1100)]
    assert [r[3] for r in rows] == [alone.next()[0] for _ in range(1100)]
    assert len(np.unique(rows)) == 5500
    assert abs(np.mean(rows) - 0.5) < 0.02
    assert SampleStreams(8, 0, 1).next() != rows[0][0]


@pytest.mark.parametrize(
    ("options", "limits"),
    [
        (dict(temperature=-0.1), "temperature -0.1: expected a number from 0"),
        (dict(temperature=float("nan")), "temperature nan"),
        (dict(top_k=-1), "top-k -1: expected a whole number from 0"),
        (dict(top_k=1.5), "top-k 1.5"),
        (dict(top_p=0), "top-p 0"),
        (dict(top_p=1.1), "top-p 1.1: expected a number from 0 to 1"),
        (dict(temperature="hot"), "'hot'"),
    ],
)
def test_bad_values_are_named_with_their_limits(options, limits):
    with pytest.raises(BadOption, match=limits):
        SamplingParams(**options)


def test_another_try_draws_other_numbers_and_the_first_try_those_it_always_did():
    assert (
        SampleStreams(7, 3, 2, 2, again=0).next().tolist()
        == SampleStreams(7, 3, 2, 2).next().tolist()
    )
    rows = [SampleStreams(7, 3, 2, 2, again=k).next() for k in range(4)]
    assert len({float(x) for row in rows for x in row}) == 16
    made = [Particles(View(PERFORMANCE, 2), 7, 3, 2, again=k) for k in range(3)]
    assert len({particles._draws[0].random() for particles in made}) == 3
