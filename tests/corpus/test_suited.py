"""Which pieces are tunes with chord symbols."""

import pytest

from symgen.corpus.suited import is_tune
from tests.notes.abc.tunes import tune


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ('"G"C D "Am"E F |', True),
        ("C D E F |", False),
        ('"4"C D "1"E "Slow"F |', False),  # a fingering and a word
        ('"G"[CEGc]4 & z c2 B | "D"[DFA]4 & d3 e |', False),  # two voices
    ],
)
def test_a_tune_has_symbols_that_name_chords(music, wanted):
    assert is_tune(tune(music)) is wanted
