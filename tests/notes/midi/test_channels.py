"""Programs, banks, controllers and bends belong to the channel, whatever track sets them.

There are 480 ticks per quarter at 120 qpm, so 240 ticks (81 70) are 0.25 s.
"""

import pytest

from symgen.notes.midi import channels
from symgen.notes.midi.reader import MidiReader
from symgen.notes.pedal import sustain
from tests.notes.midi.files import midi
from tests.notes.peers import note_seq_read, real_files, rows

NOTE = ["00 90 3c 40", "81 70 80 3c 00"]
LATER = ["81 70 90 3e 40", "81 70 80 3e 00"]


def read(*tracks, **options):
    ((_, sequence),) = MidiReader(**options).read(midi(*tracks), "test.mid")
    return sequence


def programs(sequence):
    return dict(sequence.notes[["pitch", "program"]].tolist())


def moves(sequence, *, instrument=0):
    changes = sequence.control_changes[sequence.control_changes["instrument"] == instrument]
    return changes[["time", "control_number", "control_value"]].tolist()


def test_a_program_of_any_track_holds_for_its_channel():
    assert programs(read(["00 c0 28", "00 c1 20"], NOTE, LATER)) == {60: 40, 62: 40}
    assert programs(read(["00 c1 28"], NOTE)) == {60: 0}


def test_at_one_tick_the_tracks_count_in_their_order():
    assert programs(read(NOTE, ["00 c0 28"], LATER)) == {60: 0, 62: 40}


def test_tracks_of_other_ports_have_other_channels():
    first, second = "00 ff 21 01 00", "00 ff 21 01 01"
    sequence = read([first, "00 c0 28", *NOTE], [second, *LATER], [second, "00 b0 40 7f"])
    assert programs(sequence) == {60: 40, 62: 0}
    assert moves(sequence) == []
    assert moves(sequence, instrument=1) == [(0.0, 64, 127)]


def test_patterns_of_type_2_have_channels_of_their_own():
    ((_, sequence),) = MidiReader().read(midi(["00 c0 28", *NOTE], LATER, kind=2), "two.mid")
    assert programs(sequence) == {60: 40, 62: 0}


def test_controllers_hold_for_every_instrument_of_their_channel():
    sequence = read(["00 b0 07 1e", *NOTE, "00 c0 30", *NOTE], ["00 91 40 40", "10 81 40 00"])
    assert moves(sequence) == moves(sequence, instrument=1) == [(0.0, 7, 30)]
    assert moves(sequence, instrument=2) == []


def test_controllers_without_sharing_are_those_of_note_seq():
    tracks = [[*NOTE, "00 b0 07 1e", "00 c0 30", *NOTE], ["00 b0 40 7f", *LATER, "00 e0 00 50"]]
    ours, theirs = read(*tracks, share=False), note_seq_read(midi(*tracks))
    fields = ["time", "control_number", "control_value", "instrument", "program"]
    key = ["time", "bend", "instrument", "program"]
    assert sorted(rows(ours.control_changes, fields)) == sorted(
        rows(theirs.control_changes, fields)
    )
    assert sorted(rows(ours.pitch_bends, key)) == sorted(rows(theirs.pitch_bends, key))


@pytest.mark.parametrize("corpus", ["piano_performances"])
def test_files_of_one_track_have_the_instruments_of_note_seq(corpora, corpus):
    fields, compared = ["pitch", "start_time", "instrument", "program", "is_drum"], 0
    for name, data in list(real_files(corpora, corpus))[:4]:
        ((_, ours),) = MidiReader().read(data, name)
        theirs = note_seq_read(data)
        assert sorted(rows(ours.notes, fields)) == sorted(rows(theirs.notes, fields)), name
        compared += 1
    assert compared


def test_a_bank_counts_from_the_next_program_change_on():
    late = ["00 b0 00 08", *NOTE, "00 c0 04", *LATER, "00 b0 00 09", *LATER]
    sequence = read(late)
    assert sequence.notes["instrument"].tolist() == [0, 1, 1]
    assert moves(sequence) == []
    assert moves(sequence, instrument=1) == [(0.0, 0, 8)]


def test_another_bank_is_another_instrument():
    sequence = read(["00 c0 04", *NOTE, "00 b0 00 08", "00 b0 20 02", "00 c0 04", *LATER])
    assert sequence.notes[["instrument", "program"]].tolist() == [(0, 4), (1, 4)]
    assert moves(sequence, instrument=1) == [(0.0, 0, 8), (0.0, 32, 2)]


def test_a_reset_sets_what_the_recommended_practice_names():
    before = ["00 b0 07 1e", "00 b0 0a 00", "00 b0 0b 40", "00 b0 01 05", "00 b0 40 7f"]
    sequence = read([*before, "00 e0 00 50", *NOTE, "00 b0 79 00", *LATER, "00 b0 79 00"])
    after = [row for row in moves(sequence) if row[0] > 0]
    assert after == [(0.25, 121, 0), (0.25, 1, 0), (0.25, 11, 127), (0.25, 64, 0), (0.75, 121, 0)]
    assert sequence.pitch_bends[["time", "bend"]].tolist() == [(0.0, 2048), (0.25, 0)]


def test_a_reset_in_another_track_lifts_the_pedal():
    pressed = ["00 b0 40 7f", *NOTE, "83 60 90 43 40", "10 80 43 00"]
    sequence = sustain(read(pressed, ["83 60 b0 79 00"]))
    assert sequence.notes["end_time"].tolist() == [0.5, pytest.approx(0.75 + 1 / 60)]


@pytest.mark.parametrize("mode", ["78", "7b", "7c", "7d", "7e", "7f"])
def test_notes_off_in_any_track_ends_what_sounds_on_its_channel(mode):
    held = ["00 90 3c 40", "83 60 80 3c 00"]
    other = ["00 91 3e 40", "83 60 81 3e 00"]
    sequence = read(held, other, ["81 70 b0 " + mode + " 00"])
    assert sequence.notes["end_time"].tolist() == [0.25, 0.5]


def test_all_sound_off_ends_what_the_pedal_holds_and_all_notes_off_does_not():
    pressed = ["00 b0 40 7f", *NOTE]
    sound, note = (
        sustain(read(pressed, [f"83 60 b0 {mode} 00", "83 60 b0 40 00"])).notes["end_time"].tolist()
        for mode in ("78", "7b")
    )
    assert (sound, note) == ([0.5], [1.0])


def test_a_release_in_another_track_ends_a_note_that_has_none_of_its_own():
    sequence = read(["00 90 3c 40", "87 40 b0 07 64"], ["81 70 80 3c 00"])
    assert sequence.notes["end_time"].tolist() == [0.25]
    assert sequence.source.warnings == ()
    own = read(["00 90 3c 40", "83 60 80 3c 00"], ["81 70 80 3c 00"])
    assert own.notes["end_time"].tolist() == [0.5]
    before = read(["81 70 90 3c 40", "81 70 b0 07 64"], ["00 80 3c 00"])
    assert before.notes["end_time"].tolist() == [0.5]
    elsewhere = read(["00 90 3c 40", "81 70 b0 07 64"], ["10 81 3c 00"])
    assert elsewhere.notes["end_time"].tolist() == [0.25]


def test_releases_of_a_pitch_that_change_tracks_come_in_the_order_of_a_player():
    first = ["00 90 3c 40", "83 60 90 3c 40", "81 70 80 3c 00", "83 60 b0 07 64"]
    sequence = read(first, ["81 70 80 3c 00"])
    times = sequence.notes[["start_time", "end_time"]].tolist()
    assert times == [(0.0, 0.25), (0.5, 0.75)]


def test_bends_and_their_range_are_kept():
    sequence = read(["00 b0 65 00", "00 64 00", "00 06 0c", "00 e0 7f 7f", *NOTE, "00 e0 00 00"])
    assert sequence.pitch_bends[["time", "bend", "instrument"]].tolist() == [
        (0.0, 8191, 0),
        (0.25, -8192, 0),
    ]
    assert moves(sequence) == [(0.0, 101, 0), (0.0, 100, 0), (0.0, 6, 12)]


def test_what_the_notes_do_not_hold_is_named_with_its_count():
    sequence = read(
        [
            "00 ff 05 02 4c 61",
            "00 f0 03 01 02 f7",
            "00 e0 00 40",
            *NOTE,
            "00 d0 10",
            "00 a0 3c 10",
            "00 a0 3c 11",
            b"\x00\xff\x01\x02ab",
        ]
    )
    assert sequence.source.unplayed == (
        "1 pitch bend left out of the notes (they are in pitch_bends)",
        "1 channel pressure (aftertouch) message left out",
        "2 polyphonic key pressure (aftertouch) messages left out",
        "1 system exclusive (sysex) message left out",
        "1 text left out",
        "1 lyric left out",
    )
    assert read(NOTE).source.unplayed == ()


def test_copies_of_controllers_are_bounded(monkeypatch):
    monkeypatch.setattr(channels, "MOST_COPIES", 10)
    sequence = read(["00 b0 07 1e", "00 b0 07 1f"], *[NOTE] * 20)
    assert len(sequence.control_changes) == 10
