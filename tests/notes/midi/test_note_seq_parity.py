"""Real music, read and sustained, equals that of note_seq to the last bit.

SYMGEN_TEST_EVERY=1 compares every file.
"""

import pytest

from symgen.notes.interop.note_seq import from_proto
from symgen.notes.midi.reader import MidiReader
from symgen.notes.pedal import sustain
from tests.notes.peers import CONTROLS, FIELDS, note_seq_read, note_seq_sustain, real_files, rows

CORPORA = ["piano_performances", "calm_piano", pytest.param("maestro", marks=pytest.mark.slow)]


def restruck(data):
    """Whether a pitch is struck again before its release, other than at the tick of the release."""
    from io import BytesIO

    import mido

    for track in mido.MidiFile(file=BytesIO(data)).tracks:
        tick, sounding, again = 0, {}, {}
        for message in track:
            tick += message.time
            key = (getattr(message, "channel", None), getattr(message, "note", None))
            if message.type == "note_on" and message.velocity:
                if sounding.get(key):
                    again[key] = tick
                sounding[key] = sounding.get(key, 0) + 1
            elif message.type in ("note_on", "note_off") and sounding.get(key):
                if again.get(key, tick) != tick:
                    return True
                again.pop(key, None)
                sounding[key] -= 1
    return False


@pytest.mark.parametrize("corpus", CORPORA)
def test_reading_equals_note_seq(corpora, corpus):
    compared = 0
    for name, data in real_files(corpora, corpus):
        ((_, ours),) = MidiReader(share=False).read(data, name)
        theirs = note_seq_read(data)
        assert sorted(rows(ours.control_changes, CONTROLS)) == sorted(
            rows(theirs.control_changes, CONTROLS)
        ), name
        assert rows(ours.tempos, ["time", "qpm"]) == rows(theirs.tempos, ["time", "qpm"]), name
        assert ours.ticks_per_quarter == theirs.ticks_per_quarter
        assert ours.total_time == theirs.total_time
        if not restruck(data):  # a release ends the oldest strike here, and all of them there
            compared += 1
            in_order = sorted(theirs.notes, key=lambda n: (n.start_time, n.pitch))
            assert rows(ours.notes, FIELDS) == rows(in_order, FIELDS), name
        assert len(ours.notes) == len(theirs.notes), name
    assert compared


def test_a_restruck_pitch_departs_from_note_seq_as_documented():
    from tests.notes.midi.files import midi

    data = midi(["00 90 3c 01", "81 70 90 3c 02", "81 70 80 3c 00", "81 70 80 3c 00"])
    ((_, ours),) = MidiReader().read(data, "restruck.mid")
    times = ["velocity", "start_time", "end_time"]
    assert rows(ours.notes, times) == [(1, 0.0, 0.5), (2, 0.25, 0.75)]
    assert rows(note_seq_read(data).notes, times) == [(1, 0.0, 0.5), (2, 0.25, 0.5)]


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_pedal_equals_note_seq(corpora, corpus):
    for name, data in real_files(corpora, corpus):
        ((_, read),) = MidiReader().read(data, name)
        theirs = note_seq_sustain(read.to_proto())
        ours = sustain(read)
        assert sorted(rows(ours.notes, FIELDS)) == sorted(rows(theirs.notes, FIELDS)), name
        assert ours.total_time == theirs.total_time, name
        assert ours == from_proto(theirs), name
