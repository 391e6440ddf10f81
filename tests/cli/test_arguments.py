"""How the values of options are read: durations, numbers, choices with their old words."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.cli.arguments import Choice, Duration, Number, Whole, duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("0.5", 0.5),
        ("3:00", 180),
        ("0:07.5", 7.5),
        ("1:02:03", 3723),
        ("75:00", 4500),
        ("3m", 180),
        ("90s", 90),
        ("90 s", 90),
        ("1h", 3600),
        ("1h30m", 5400),
        ("2m 30s", 150),
        ("2min", 120),
        ("45sec", 45),
        ("2.5M", 150),
    ],
)
def test_a_duration_is_a_number_a_clock_or_has_units(text, seconds):
    assert duration(text, "seconds") == seconds
    bare = text.replace(".", "").isdigit()
    assert duration(text, "minutes") == pytest.approx(seconds if bare else seconds / 60)


@pytest.mark.parametrize("text", ["", "ten", "1:60", "1:60:00", "3:", ":30", "5x", "m", "1:2:3:4"])
def test_what_is_not_a_time_is_refused(text):
    assert duration(text, "seconds") is None
    for unit in ("seconds", "minutes"):
        with pytest.raises(click.BadParameter, match=rf"expected {unit} above 0, such as"):
            Duration(unit).convert(text, None, None)


@pytest.mark.parametrize("text", ["0", "-3", "nan", "inf", "0:00", "0s"])
def test_a_duration_is_above_zero_and_finite(text):
    with pytest.raises(click.BadParameter, match="above 0"):
        Duration("seconds").convert(text, None, None)


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_a_clock_with_hours_counts_as_such(hours, minutes, seconds):
    total = 3600 * hours + 60 * minutes + seconds
    assert duration(f"{hours}:{minutes:02d}:{seconds:02d}", "seconds") == total
    assert duration(f"{60 * hours + minutes}:{seconds:02d}", "seconds") == total


def test_whole_numbers_and_numbers_say_what_they_expect():
    assert Whole().convert("-3", None, None) == -3
    assert Whole(1, 4).convert("4", None, None) == 4
    assert Number().convert("1e-3", None, None) == 0.001
    for kind, text, expected in (
        (Whole(), "1.5", "'1.5': expected a whole number$"),
        (Whole(1), "0", "0: expected a whole number of at least 1"),
        (Whole(1, 4), "5", "5: expected a whole number from 1 to 4"),
        (Number(), "much", "'much': expected a number"),
    ):
        with pytest.raises(click.BadParameter, match=expected):
            kind.convert(text, None, None)


def test_a_choice_takes_its_old_words_and_suggests_the_nearest():
    kind = Choice(("condition", "steer", "both"), {"told": "condition", "steered": "steer"})
    assert [kind.convert(word, None, None) for word in ("both", "told", "steered")] == [
        "both",
        "condition",
        "steer",
    ]
    with pytest.raises(click.BadParameter, match="did you mean 'steer'"):
        kind.convert("ster", None, None)
