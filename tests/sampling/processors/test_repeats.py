"""Tunes do not say one bar over and over, and targets bring what goes with them."""

import dataclasses

import numpy as np

from symgen.encodings import encoding
from symgen.sampling.engine.view import View
from symgen.sampling.processors.repeats import RepeatsProcessor
from symgen.sampling.request.balance import balanced
from symgen.sampling.request.request import ask
from tests.sampling.fakes import Tune

HOLD, REST, A, B = range(4)
BAR = 4


def repeats(batch):
    return RepeatsProcessor(View(Tune(), batch), BAR, {0: np.arange(4) == HOLD})


def history(*values):
    """Return one stream that has come to `values`."""
    made = repeats(1)
    for value in values:
        made.update(np.array([[value]]))
    return made


def bias(made):
    scores = np.zeros((1, 4), np.float32)
    made.apply(0, scores)
    return scores[0].tolist()


def test_a_bar_may_come_twice_and_is_then_led_out_of():
    bar = [A, HOLD, B, REST]
    assert bias(history(*bar)) == bias(history(*bar, *bar)) == [0, 0, 0, 0]
    third = bias(history(*bar, *bar, *bar))
    assert third[A] == -3 and third[HOLD] == third[REST] == third[B] == 0
    assert bias(history(*bar, *bar, *bar, *bar))[A] == -6


def test_a_change_begins_anew_and_holds_are_left_alone():
    bar = [A, HOLD, B, REST]
    assert bias(history(*bar, *bar, *bar, B)) == [0, 0, 0, 0]
    held = history(*bar, *bar, *bar, A)
    assert bias(held) == [0, 0, 0, 0]  # what a bar ago was a hold


def test_streams_are_kept_in_their_order():
    two = repeats(2)
    for first, second in zip([A, B, A, B] * 3, [A, B, B, B, A, A, B, B, B, A, B, A], strict=True):
        two.update(np.array([[first], [second]]))
    two.select(np.array([1, 0]))
    scores = np.zeros((2, 4), np.float32)
    two.apply(0, scores)
    assert scores[0].tolist() == [0, 0, 0, 0] and scores[1, A] == -3


MUSIC = {
    name: {"pieces": {"1": low, "50": middle, "99": high}}
    for name, (low, middle, high) in {
        "density": (2.0, 8.0, 20.0),
        "polyphony": (1.0, 4.0, 10.0),
    }.items()
}


def balance(**targets):
    """Return the values that go with the targets, for a model of whole notes."""
    request = balanced(dataclasses.replace(ask(seed=0, **targets), music=MUSIC), encoding("notes"))
    return {name: [round(v, 3) for v in target.values] for name, target in request.balance.items()}


def test_a_target_brings_what_goes_with_it():
    assert balance(density=2) == {"polyphony": [1.4]}  # 0.7 x 4 x (2 / 8) ** 0.5
    assert balance(density="2:8") == {"polyphony": [1.4, 2.8]}
    assert balance(polyphony=4) == {"density": [8.0]}
    assert balance(polyphony=30) == {"density": [20.0]}


def test_both_targets_or_none_bring_nothing():
    assert balance() == balance(density=3, polyphony=3) == balance(key="C") == {}
    assert balance(density=3, free=True) == {}
