"""What augmentation allows, what it picks, and what its cache keeps."""

import numpy as np
import pytest

from symgen.dataset.augment import Augment
from symgen.dataset.cache import Cache
from symgen.errors import BadOption


@pytest.mark.parametrize(
    "bad",
    [
        {"transpose": -1},
        {"transpose": 13},
        {"transpose": 1.0},
        {"transpose": True},
        {"stretch": ()},
        {"stretch": (0.0,)},
        {"stretch": (1.0, 3.0)},
        {"stretch": 1.0},
        {"stretch": ("1",)},
    ],
)
def test_bad_options_name_the_value_and_the_limit(bad):
    key, value = next(iter(bad.items()))
    with pytest.raises(BadOption, match=f"augment.{key} = ") as error:
        Augment(**bad)
    assert repr(value) in str(error.value)


def test_a_list_becomes_the_tuple_that_a_default_has():
    assert Augment(stretch=[1, 1.05]) == Augment(stretch=(1.0, 1.05))


def test_each_choice_is_as_likely():
    augment, chances = Augment(2, (0.9, 1.0, 1.1)), np.arange(3000) / 3000
    factors, counts = np.unique([augment.factor(c) for c in chances], return_counts=True)
    assert factors.tolist() == [0.9, 1.0, 1.1]
    assert counts.tolist() == [1000] * 3
    semitones, counts = np.unique(
        [augment.semitones(c, 60, 72) for c in chances], return_counts=True
    )
    assert semitones.tolist() == [-2, -1, 0, 1, 2]
    assert counts.tolist() == [600] * 5


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (0, 127, {0}),
        (1, 100, {-1, 0, 1, 2, 3}),
        (50, 126, {-3, -2, -1, 0, 1}),
        (127, 0, {-3, -2, -1, 0, 1, 2, 3}),
    ],
)
def test_transposition_keeps_the_piece_on_the_keyboard(lowest, highest, expected):
    assert {Augment().semitones(c, lowest, highest) for c in np.arange(0, 1, 0.01)} == expected


def test_a_cache_makes_once_and_forgets_what_was_asked_for_longest_ago():
    made, cache = [], Cache(100)

    def get(key):
        return cache.get(key, lambda: made.append(key) or np.full(40, key, np.uint8))

    assert get(1)[0] == 1
    get(2)
    get(1)
    get(3)  # 120 bytes: 2 goes
    get(1)
    get(2)
    assert made == [1, 2, 3, 2]
    assert cache.held == 80
