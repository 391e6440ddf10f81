"""Crop, shift and transpose."""

import numpy as np
import pytest

from symgen.errors import DataError
from symgen.notes import NoteSequence, notes_of
from symgen.notes.sequence import CHORD, CONTROL_CHANGE, KEY_SIGNATURE, TEMPO, table
from symgen.notes.transform import crop, shift, transpose


def music():
    return NoteSequence(
        notes=notes_of([(60, 64, 0, 1), (62, 64, 1, 4), (64, 64, 3, 3.5)]),
        tempos=np.array([(0, 100), (2.5, 80)], TEMPO),
        key_signatures=np.array([(0, 11, 1)], KEY_SIGNATURE),
        chords=np.array([(0, "Bm"), (2, "F#7/A#"), (3, "N.C.")], CHORD),
        first_bar_time=1,
        total_time=6,
        control_changes=table(
            CONTROL_CHANGE,
            time=[0, 0.5, 0.6, 3],
            control_number=[64, 64, 7, 64],
            control_value=[100, 127, 90, 0],
        ),
    )


def test_a_crop_begins_at_0_and_holds_what_held():
    part = crop(music(), 0.75, 3.25)
    assert part.notes[["pitch", "start_time", "end_time"]].tolist() == [
        (62, 0.25, 2.5),
        (64, 2.25, 2.5),
    ]
    assert part.tempos.tolist() == [(0.0, 100.0), (1.75, 80.0)]
    assert part.chords.tolist() == [(0.0, "Bm"), (1.25, "F#7/A#"), (2.25, "N.C.")]
    assert part.control_changes[["time", "control_number", "control_value"]].tolist() == [
        (0.0, 64, 127),
        (0.0, 7, 90),
        (2.25, 64, 0),
    ]
    assert part.total_time == 2.5
    assert part.first_bar_time == 0.25


def test_crops_that_meet_lose_and_double_no_onset():
    whole = music()
    parts = [crop(whole, 0, 3), crop(whole, 3, whole.total_time)]
    assert sum(map(len, parts)) == len(whole)
    assert crop(whole, 0, whole.total_time) == whole


def test_a_crop_of_nothing_and_one_that_is_none():
    assert len(crop(music(), 5, 5)) == 0
    with pytest.raises(DataError, match="from 2 to 1 s"):
        crop(music(), 2, 1)


def test_shifting():
    later = shift(music(), 2)
    assert later.notes["start_time"].tolist() == [2, 3, 5]
    assert later.tempos.tolist() == [(0.0, 100.0), (4.5, 80.0)]
    assert (later.total_time, later.first_bar_time) == (8, 3)
    assert shift(crop(music(), 1, 6), 0.5).chords.tolist()[0] == (0.5, "Bm")
    with pytest.raises(DataError, match="by -1 s"):
        shift(music(), -1)


def test_transposing():
    up = transpose(music(), 2)
    assert up.notes["pitch"].tolist() == [62, 64, 66]
    assert up.key_signatures["key"].tolist() == [1]
    assert up.chords["symbol"].tolist() == ["C#m", "Ab7/C", "N.C."]
    assert transpose(transpose(music(), 12), -12) == music()


def test_transposing_leaves_drums_and_refuses_what_has_no_pitch():
    notes = notes_of([(127, 64, 0, 1)])
    with pytest.raises(DataError, match="becomes 128"):
        transpose(NoteSequence(notes=notes), 1)
    notes["is_drum"] = True
    assert transpose(NoteSequence(notes=notes), 1).notes["pitch"].tolist() == [127]
