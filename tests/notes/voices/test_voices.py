"""The two voices of a staff."""

from symgen.notes.voices import voices


def split(*notes):
    """Return the notes of the first and of the second voice; they are (begin, end, pitch)."""
    rows = sorted(notes)
    first = voices.upper(rows)
    return [
        [row for row, up in zip(rows, first, strict=True) if up is voice] for voice in (True, False)
    ]


def test_a_tune_and_its_chords_are_one_voice():
    chords = [(k, k + 1, pitch) for k in range(4) for pitch in (60, 64, 67)]
    assert split(*chords) == [sorted(chords), []]


def test_a_held_bass_is_the_second_voice():
    bass = [(0, 8, 36)]
    above = [(k, k + 2, pitch) for k in (2, 4, 6) for pitch in (48, 52)]
    assert split(*bass, *above) == [above, bass]


def test_a_held_melody_is_the_first_voice():
    melody = [(0, 8, 79), (8, 16, 77)]
    below = [(k, k + 2, 64 + k) for k in range(0, 16, 2) if 64 + k < 77]
    assert split(*melody, *below) == [melody, below]


def test_notes_of_one_pitch_that_overlap_are_apart():
    first, second = split((0, 8, 60), (4, 12, 60))
    assert len(first) == len(second) == 1
    first, second = split((0, 8, 60), (0, 4, 60))
    assert len(first) == len(second) == 1


def test_no_more_voices_than_needed():
    rows = [(0, 4, 72), (0, 8, 60), (4, 8, 74), (8, 12, 76), (12, 16, 77)]
    first, second = split(*rows)
    assert second == [(0, 8, 60)]
    assert len(first) == 4
