"""Damaged files of every format for a moment, and what longer runs of fuzz.py found."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.fuzz import damaged, look, reframed, seed_of

KINDS = ("abc", "mid", "musicxml", "mxl", "sf2", "symgen", "tfrecord")
FOUND = {
    "a symbol line after another voice began": ("abc", b"X:1\nK:C\nCDEF\ns:* *\nV:2\ns:* * *\n"),
    "a part that begins inside an overlay of several bars": (
        "abc",
        b"X:1\nP:AB\nK:C\nP:A\n|:CDE|1 FGA:|[2 BZ2&&&&c3|]\nP:B\nC|\n",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_damage_is_read_or_refused(kind, seed):
    data = seed_of(kind)
    look(damaged(data, random.Random(seed), [data]), kind)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_damage_inside_a_record_is_read_or_refused(seed):
    data = seed_of("tfrecord")
    look(reframed(damaged(data, random.Random(seed), [data])), "tfrecord")


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(kind, data):
    look(data, kind)


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(name):
    kind, data = FOUND[name]
    look(data, kind)
