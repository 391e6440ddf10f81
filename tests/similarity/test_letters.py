import numpy as np
import pytest

from symgen.notes.sequence import NoteSequence, notes_of
from symgen.similarity.letters import BEGIN, CHORD, CLASSES, SAME, spell
from tests.similarity import brute as brute


def of(rows):
    return spell(NoteSequence(notes_of((p, 80, t, t + 0.1) for p, t in rows)))


def test_a_letter_tells_the_interval_the_beginning_of_a_chord_and_the_rhythm_at_its_last_note():
    found = of([(60, 0), (64, 0.01), (67, 0.02), (65, 1), (72, 1.0), (60, 3), (60, 4)])
    assert found.pitches.tolist() == [60, 64, 67, 65, 72, 60, 60]
    assert found.letters[0] == BEGIN
    assert (found.letters >= CHORD).tolist() == [False, False, False, True, False, True, True]
    assert (found.letters[1:] // CLASSES).tolist() == [
        4,
        3,
        128 + 127 - 2,
        7,
        128 + 127 - 12,
        128 + 127,
    ]
    assert (found.letters[1:] % CLASSES).tolist() == [
        SAME,
        SAME,
        SAME,
        3,
        1,
        SAME,
    ]  # a gap of 1 s, then 2 s, then 1 s


def test_ratios_are_told_in_five_classes():
    times = np.cumsum([0, 1, 1, 2, 1, 3, 1, 4, 1.5, 1])
    assert (of([(60, t) for t in times]).letters[1:] % CLASSES).tolist() == [
        2,
        3,
        1,
        4,
        0,
        4,
        0,
        1,
        SAME,
    ]


@pytest.mark.parametrize(
    ("times", "chords"),
    [
        ([0, 0.03, 0.031], [0, 0.031]),
        ([0.27, 0.3, 0.31], [0.27, 0.31]),
        ([0, 0.02, 0.04, 0.06, 0.08, 0.5], [0, 0.04, 0.08, 0.5]),
    ],
)
def test_a_chord_is_what_begins_within_thirty_milliseconds_of_its_first_note(times, chords):
    found = of([(60 + i, t) for i, t in enumerate(times)])
    assert found.starts[
        (found.letters >= CHORD) | (found.letters == BEGIN)
    ].tolist() == pytest.approx(chords)


def test_a_pitch_counts_once_in_a_chord_and_drums_do_not_count():
    notes = notes_of([(60, 80, 0, 1), (60, 80, 0.01, 1), (99, 80, 0, 1), (62, 80, 1, 2)])
    notes["is_drum"] = [False, False, True, False]
    assert spell(NoteSequence(notes)).pitches.tolist() == [60, 62]


@pytest.mark.parametrize("seed", range(3))
def test_letters_are_those_of_plain_loops(seed):
    random = np.random.default_rng(seed)
    times = np.cumsum(random.choice([0, 0.01, 0.02, 0.1, 0.3], 300))
    rows = sorted(
        zip(random.integers(40, 80, 300).tolist(), times.tolist(), strict=True),
        key=lambda row: (row[1], row[0]),
    )
    found, expected = of(rows), brute.letters(rows)
    assert [(i, begins, SAME if ratio is None else ratio) for i, begins, ratio in expected[1:]] == [
        (
            (letter // CLASSES - 255) if letter >= CHORD else letter // CLASSES,
            letter >= CHORD,
            letter % CLASSES,
        )
        for letter in found.letters[1:].tolist()
    ]
