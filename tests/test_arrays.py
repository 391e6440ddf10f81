"""The small functions on arrays."""

import numpy as np

from symgen.arrays import distinct, heads


def test_a_head_is_a_value_that_differs_from_the_one_before():
    assert heads(np.array([3, 3, 5, 3])).tolist() == [True, False, True, True]


def test_distinct_values_are_those_of_numpy():
    rng = np.random.default_rng(0)
    for size in (0, 1, 2, 100):
        values = rng.integers(0, 20, size)
        np.testing.assert_array_equal(distinct(values), np.unique(values))
