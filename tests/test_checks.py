"""Checks of options: good values come back with their plain type, bad ones name the limits."""

import numpy as np
import pytest

from symgen.checks import flag, number, one_of, text, whole
from symgen.errors import BadOption


def message(check, *arguments, **options):
    with pytest.raises(BadOption) as raised:
        check(*arguments, **options)
    return str(raised.value)


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float32(0.5), np.int8(1)])
def test_a_number_within_its_limits_comes_back_as_a_float(value):
    checked = number("share", value, 0, 1)
    assert checked == value
    assert type(checked) is float


@pytest.mark.parametrize(
    "value", [-0.1, 1.1, True, "1", None, float("nan"), float("inf"), 1j, np.complex64(1)]
)
def test_what_is_no_number_of_the_range_is_refused(value):
    assert message(number, "share", value, 0, 1) == (
        f"share {value!r}: expected a number from 0 to 1"
    )


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**400])
def test_a_number_without_limits_is_finite(value):
    assert message(number, "share", value).endswith(": expected a number")


@pytest.mark.parametrize(
    ("limits", "value", "expected"),
    [
        ({"low": 0, "above": True}, 0, "a number greater than 0"),
        ({"low": 0}, -1, "a number of at least 0"),
        ({"high": 2.5}, 3, "a number of at most 2.5"),
        ({"high": 1, "below": True}, 1, "a number less than 1"),
        ({"low": 0, "high": 1, "below": True}, 1, "a number from 0 to less than 1"),
        ({"low": 0, "high": 1, "above": True}, 0, "a number from above 0 to 1"),
        (
            {"low": 1, "high": 3600000, "unit": "seconds"},
            0,
            "a number of seconds from 1 to 3600000",
        ),
    ],
)
def test_the_limits_of_a_number_are_named(limits, value, expected):
    assert message(number, "model.rate =", value, **limits) == (
        f"model.rate = {value}: expected {expected}"
    )


def test_a_whole_number_comes_back_as_an_int():
    assert type(whole("units", np.int64(3), 1, 4)) is int
    assert whole("units", 3, 1) == whole("units", 3) == 3


@pytest.mark.parametrize("value", [0, 5, 2.0, True, "2", None])
def test_what_is_no_whole_number_of_the_range_is_refused(value):
    assert message(whole, "units", value, 1, 4, unit="steps") == (
        f"units {value!r}: expected a whole number of steps from 1 to 4"
    )
    assert message(whole, "units", 0, 1) == "units 0: expected a whole number of at least 1"


def test_text_has_a_length():
    assert text("name", "a") == "a"
    assert text("name", "", empty=True) == ""
    assert message(text, "name", "") == "name '': expected text, not empty"
    assert message(text, "name", "abc", 2, empty=True) == (
        "name 'abc': expected text of at most 2 characters"
    )
    assert message(text, "name", 3) == "name 3: expected text, not empty"


def test_one_of_names_the_choices_and_the_nearest():
    assert one_of("cell", "gru", ("lstm", "gru")) == "gru"
    assert message(one_of, "cell", "lstn", ("lstm", "gru")) == (
        "cell 'lstn': expected one of lstm, gru; did you mean 'lstm'?"
    )
    assert message(one_of, "cell", None, ("lstm", "gru")) == (
        "cell None: expected one of lstm, gru"
    )


@pytest.mark.parametrize("value", [0, 1, "true", None])
def test_a_flag_is_true_or_false(value):
    assert flag("direct", True) is True
    assert flag("direct", np.False_) is False
    assert message(flag, "direct", value) == f"direct {value!r}: expected true or false"


def test_a_long_value_is_shortened():
    assert len(message(whole, "units", "x" * 1000, 1, 4)) < 120
