import numpy as np
import pytest

from symgen.notes import transform
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.similarity.melody import intervals, line
from tests.similarity.music import sequence, tune


def test_what_is_struck_within_thirty_milliseconds_is_one_chord_and_its_top_note_counts():
    music = NoteSequence(
        notes_of(
            [
                (48, 80, 0, 1),
                (72, 80, 0.01, 1),
                (60, 80, 0.03, 1),
                (71, 80, 0.5, 1),
                (50, 80, 0.54, 1),
            ]
        )
    )
    found = line(music)
    assert found.times.tolist() == [0, 0.5, 0.54]
    assert found.tops.tolist() == [72, 71, 50]
    assert intervals(found).tolist() == [-1, -21]


def test_no_transposition_and_no_speed_changes_a_token():
    music = sequence(*tune(1))
    there = intervals(line(music))
    for other in (
        transform.transpose(music, 5),
        sequence(*tune(1), eighth=0.5),
        sequence(*tune(1), eighth=0.125, pickup=2),
    ):
        assert np.array_equal(intervals(line(other)), there)


def test_drums_are_no_melody():
    notes = notes_of([(60, 80, 0, 1), (99, 80, 0, 1), (62, 80, 1, 2)])
    notes["is_drum"] = [False, True, False]
    assert line(NoteSequence(notes)).tops.tolist() == [60, 62]


@pytest.mark.parametrize("rows", [[], [(60, 80, 0, 1)]])
def test_a_piece_of_less_than_two_chords_has_no_token(rows):
    found = line(NoteSequence(notes_of(rows)))
    assert len(found.tops) == len(rows)
    assert len(intervals(found)) == 0
