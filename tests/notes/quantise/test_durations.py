"""Lengths of played notes as they would be written."""

import numpy as np

from symgen.notes import notes_of
from symgen.notes.quantise.durations import readable


def lengths(*rows, beat=1.0):
    """Return the readable lengths of (begin, end, pitch) in quarters."""
    rows = sorted(rows)
    notes = notes_of((pitch, 80, begin, end) for begin, end, pitch in rows)
    begins, ends = notes["start_time"], notes["end_time"]
    found = readable(notes, begins, ends, beat, 0.0)
    return np.round(found - begins, 4).tolist()


def test_a_tune_played_legato_or_short_lasts_to_its_next_note():
    assert lengths((0, 0.9, 60), (1, 1.7, 62), (2, 3.1, 64), (3, 3.95, 65)) == [1, 1, 1, 1]
    assert lengths((0, 0.2, 60), (0.5, 0.6, 62), (1, 1.9, 64)) == [0.5, 0.5, 1]


def test_a_rest_of_beats_stays():
    assert lengths((0, 0.9, 60), (3, 3.9, 62)) == [1, 1]
    assert lengths((0, 1.8, 60), (4, 4.9, 62)) == [2, 1]


def test_the_notes_of_a_chord_end_together():
    assert lengths((0, 0.8, 60), (0, 0.95, 64), (0, 1.04, 67), (1, 1.9, 65)) == [1, 1, 1, 1]


def test_a_long_note_is_held_under_shorter_ones():
    above = [(k / 2, k / 2 + 0.45, 64 + k) for k in range(8)]
    assert lengths((0, 3.9, 60), *above) == [0.5, 4.0, *[0.5] * 7]


def test_hands_are_apart():
    low = [(k, k + 0.8, 40 + k) for k in range(4)]
    high = [(k / 2, k / 2 + 0.4, 76 + k % 3) for k in range(8)]
    found = lengths(*low, *high)
    assert sorted(found) == [0.5] * 8 + [1.0] * 4


def test_a_note_ends_before_its_pitch_begins_again():
    found = lengths((0, 4, 60), (1, 1.9, 60), (2, 3, 64))
    assert found[0] == 1.0


def test_no_notes():
    assert lengths() == []
