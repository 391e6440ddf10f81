"""Exchange with note_seq: everything that a NoteSequence holds comes back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import DataError
from symgen.notes import NoteSequence, Source
from symgen.notes.sequence import TABLES
from tests.notes.peers import FIELDS, message_class, rows

TIMES = st.floats(0, 1e6)
COLUMNS = {
    "pitch": st.integers(0, 127),
    "velocity": st.integers(1, 127),
    "start_time": TIMES,
    "end_time": TIMES,
    "time": TIMES,
    "instrument": st.integers(0, 300),
    "program": st.integers(0, 127),
    "is_drum": st.booleans(),
    "qpm": st.floats(1, 999),
    "numerator": st.integers(1, 99),
    "denominator": st.sampled_from([1, 2, 4, 8]),
    "key": st.integers(0, 11),
    "mode": st.integers(0, 1),
    "control_number": st.integers(0, 127),
    "control_value": st.integers(0, 127),
    "bend": st.integers(-8192, 8191),
    "symbol": st.text("ABCDEFGm7/#♭°", max_size=9),
}


@st.composite
def sequences(draw):
    made = {}
    for name, dtype in TABLES.items():
        drawn = draw(st.lists(st.tuples(*(COLUMNS[field] for field in dtype.names)), max_size=5))
        table = np.array(drawn, dtype)
        by = ["pitch", "start_time"] if name == "notes" else ["time"]
        made[name] = table[np.lexsort([table[field] for field in by])]
    return NoteSequence(
        **made,
        total_time=draw(TIMES),
        first_bar_time=draw(TIMES),
        ticks_per_quarter=draw(st.integers(1, 999)),
        source=Source("a.mid", draw(st.sampled_from(["midi", "abc", "musicxml"]))),
    )


@settings(max_examples=150, deadline=None)
@given(sequences())
def test_everything_comes_back(sequence):
    message = sequence.to_proto()
    assert isinstance(message, message_class())
    back = NoteSequence.from_proto(message_class().FromString(message.SerializeToString()))
    assert back == sequence
    assert back.ticks_per_quarter == sequence.ticks_per_quarter
    assert back.source == sequence.source
    assert rows(message.notes, FIELDS) == rows(sequence.notes, FIELDS)


def test_chords_are_annotations_of_their_kind():
    message = message_class()()
    message.text_annotations.add(time=2, text="C", annotation_type=1)
    message.text_annotations.add(time=1, text="Am", annotation_type=1)
    message.text_annotations.add(time=0, text="not a chord")
    assert NoteSequence.from_proto(message).chords.tolist() == [(1.0, "Am"), (2.0, "C")]


def test_what_comes_in_unsorted_is_sorted():
    message = message_class()()
    for pitch, start in ((62, 1), (61, 0), (60, 1)):
        message.notes.add(pitch=pitch, start_time=start, end_time=2)
    assert NoteSequence.from_proto(message).notes["pitch"].tolist() == [61, 60, 62]


@pytest.mark.parametrize(
    "wrong", [dict(pitch=200), dict(velocity=-1), dict(end_time=float("nan")), dict(start_time=-1)]
)
def test_what_cannot_be_a_note_is_refused(wrong):
    message = pytest.importorskip("note_seq").NoteSequence()
    message.notes.add(**{"pitch": 60, "velocity": 64, "start_time": 0, "end_time": 1} | wrong)
    with pytest.raises(DataError, match="note 0"):
        NoteSequence.from_proto(message)
