"""Loudness and calm, for any model."""

import pytest

from symgen.errors import BadOption
from symgen.serve.live.touch import FEWER, SOFTER, Touch


def test_loudness_moves_the_mean(piano):
    touch = Touch(piano)
    assert touch.take({}, {"loudness": "90"}) == {}
    played = [touch.play(velocity) for velocity in (60, 80) * 40]
    assert abs(sum(played[-40:]) / 40 - 90) < 2
    assert played[-1] - played[-2] == 20


def test_calm_is_softer_and_asks_for_fewer_notes(piano):
    touch = Touch(piano)
    asked = touch.take({}, {"calm": 1})
    assert asked["density"] == pytest.approx(touch.usual * (1 - FEWER), abs=0.01)
    assert touch.play(100) == round(100 * (1 - SOFTER))
    assert touch.take({"calm": 1}, {"calm": None}) == {"density": None}
    assert touch.play(100) == 100


def test_a_density_of_the_listener_stays(piano):
    touch = Touch(piano)
    assert touch.take({"density": 5}, {"calm": 1}) == {}
    assert touch.take({"density": 5, "calm": 1}, {"density": 7}) == {"density": 7}
    assert touch.take({"density": 7, "calm": 1}, {"density": None})["density"] < touch.usual


@pytest.mark.parametrize("values", [{"calm": 2}, {"loudness": "loud"}, {"loudness": 200}])
def test_values_out_of_range_change_nothing(piano, values):
    touch = Touch(piano)
    with pytest.raises(BadOption):
        touch.take({}, values)
    assert touch.play(64) == 64


def test_a_copy_goes_its_own_way(piano):
    touch = Touch(piano)
    touch.take({}, {"loudness": 100})
    other = touch.copy()
    other.take({}, {"loudness": None})
    assert touch.play(50) == 100 and other.play(50) == 50
