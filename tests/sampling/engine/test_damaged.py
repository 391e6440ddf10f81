"""Scores that are no numbers end the sampling, and the scoring, with one line."""

import numpy as np
import pytest

from symgen.encodings import encoding
from symgen.errors import DataError
from symgen.runtime.passages import Passage
from symgen.runtime.score import score
from symgen.sampling.request.request import ask
from symgen.sampling.stream import Stream
from tests.sampling.fakes import Bigram

PERFORMANCE = encoding("performance")


def player(value, where):
    """A player whose scores hold `value` after the event 60, at the places `where`."""
    table = np.zeros((389, 388), np.float32)
    table[:, 60] = 50
    table[60, where] = value
    return Bigram([table])


@pytest.mark.parametrize(
    ("value", "where"), [(np.nan, 3), (np.inf, slice(2, 9)), (-np.inf, slice(None))]
)
def test_it_stops(value, where):
    stream = Stream(PERFORMANCE, player(value, where), ask(seconds=5, seed=1))
    with pytest.raises(DataError, match="no numbers"):
        list(stream)


def test_scores_that_bar_some_values_are_fine():
    stream = Stream(PERFORMANCE, player(-np.inf, slice(9)), ask(seconds=1, seed=1))
    assert list(stream)


def test_no_nats_come_of_them():
    events = np.array([[60], [61], [62]], np.int32)
    with pytest.raises(DataError, match="no numbers"):
        score(player(np.nan, 5), [Passage(PERFORMANCE.start(), events)])
