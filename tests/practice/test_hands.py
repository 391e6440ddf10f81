"""What the left hand plays for a chord."""

import pytest

from symgen.notes.sequence import (
    CHORD,
    KEY_SIGNATURE,
    TIME_SIGNATURE,
    NoteSequence,
    notes_of,
    table,
)
from symgen.notes.theory.chords import parse
from symgen.notes.theory.kinds import KINDS
from symgen.practice.hands import LOW, PATTERNS, left_hand, triad


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


def test_where_no_chord_is_named_the_left_hand_has_that_of_the_key():
    tune = NoteSequence(
        notes_of([(69, 80, 0.0, 2.0), (72, 80, 2.0, 4.0)]),
        time_signatures=table(TIME_SIGNATURE, time=0.0, numerator=4, denominator=4),
        key_signatures=table(KEY_SIGNATURE, time=0.0, key=9, mode=1),
    )
    plain = left_hand(tune, "blocks", 1)
    assert sorted(plain.notes["pitch"][plain.notes["instrument"] == 1].tolist()) == [
        *[45] * 2,
        *[48] * 2,
        *[52] * 2,
    ]
    late = left_hand(tune.replace(chords=table(CHORD, time=2.0, symbol="F")), "held", 1)
    assert late.notes["pitch"][late.notes["instrument"] == 1].tolist() == [45, 41]
