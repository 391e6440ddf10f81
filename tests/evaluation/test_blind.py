"""A blind test has as many real as generated excerpts, and its share has Wilson's interval."""

import pytest

from symgen import load
from symgen.errors import BadOption, DataError
from symgen.evaluation.blind import clips, share
from tests.evaluation import performances


@pytest.fixture(scope="module")
def model(tiny_bundle):
    return load(tiny_bundle)


@pytest.fixture(scope="module")
def held_out(tmp_path_factory):
    return performances.dataset(tmp_path_factory.mktemp("blind")).split("eval")


@pytest.mark.parametrize(
    ("right", "answers", "expected"),
    [  # worked out by hand from Wilson's formula with 1.959964
        (13, 20, (0.65, 0.43291, 0.81881)),
        (10, 20, (0.5, 0.29930, 0.70070)),
        (20, 20, (1.0, 0.83887, 1.0)),
        (0, 5, (0.0, 0.0, 0.43449)),
        (0, 0, (0.5, 0.0, 1.0)),
    ],
)
def test_the_interval_is_wilsons(right, answers, expected):
    assert share(right, answers) == pytest.approx(expected, abs=1e-4)


def test_half_of_the_clips_are_real_and_all_are_equally_long(model, held_out):
    made = clips(model, held_out, num=6, seconds=3, seed=1)
    assert [clip.generated for clip in made].count(True) == 3
    assert all(clip.music.total_time == pytest.approx(3, abs=0.1) for clip in made)
    assert all(clip.origin.startswith("sample ") == clip.generated for clip in made)
    real = {clip.music.notes.tobytes() for clip in made if not clip.generated}
    assert len(real) == 3


def test_the_seed_decides_music_and_order(model, held_out):
    first, again, other = (clips(model, held_out, 6, 3, seed) for seed in (1, 1, 2))
    assert first == again
    assert [clip.origin for clip in first] != [clip.origin for clip in other]
    orders = {tuple(c.generated for c in clips(model, held_out, 6, 3, seed)) for seed in range(6)}
    assert len(orders) > 1  # a fixed order would give the answers away


def test_too_short_held_out_music_is_said(model, held_out):
    with pytest.raises(DataError, match=r"excerpts of 60 s, and the test needs 100; .*--seconds"):
        clips(model, held_out, 200, 60)


@pytest.mark.parametrize(
    ("asked", "message"),
    [({"num": 1}, "samples 1"), ({"seconds": 0.5}, "seconds 0.5"), ({"seconds": 90}, "seconds 90")],
)
def test_limits_are_named(model, held_out, asked, message):
    with pytest.raises(BadOption, match=message):
        clips(model, held_out, **asked)
