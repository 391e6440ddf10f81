"""What the left hand plays for a chord."""

import pytest

from symgen.notes.theory.chords import parse
from symgen.notes.theory.kinds import KINDS
from symgen.practice.hands import LOW, PATTERNS, triad


@pytest.mark.parametrize(
    ("symbol", "pitches"),
    [
        ("F", [41, 45, 48]),
        ("E", [52, 56, 59]),
        ("Am7", [45, 48, 52]),
        ("Bdim", [47, 50, 53]),
        ("Caug", [48, 52, 56]),
        ("Gsus4", [43, 48, 50]),
        ("D5", [50, 57, 62]),
        ("C/G", [48, 52, 55]),
    ],
)
def test_a_chord_is_a_triad_upwards_from_its_root(symbol, pitches):
    assert triad(parse(symbol)) == pitches


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_chord_has_three_rising_pitches_within_an_octave(kind):
    low, middle, high = triad(parse(f"C{kind}"))
    assert LOW <= low < middle < high <= low + 12


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize(
    ("lasts", "beat"), [(4, 1), (3, 1), (1, 1), (3, 1.5), (1.5, 1.5), (0.5, 1)]
)
def test_a_pattern_begins_with_its_chord_and_stays_inside_its_time(name, lasts, beat):
    rows = list(PATTERNS[name]([48, 52, 55], lasts, beat))
    assert rows[0][0] == 0
    assert all(0 <= begin < end <= lasts for begin, end, _ in rows)
    assert {pitch % 12 for _, _, pitch in rows} <= {0, 4, 7}
