"""The MIDI reader on files written by hand.

There are 480 ticks per quarter at 120 qpm, so 240 ticks (81 70) are 0.25 s.
"""

import pytest

from symgen.errors import ReadError
from symgen.notes import read_bytes
from symgen.notes.midi.reader import MidiReader
from tests.notes.midi.files import END, midi, track


def read(data, **options):
    ((suffix, sequence),) = MidiReader(**options).read(data, "test.mid")
    assert suffix == ""
    return sequence


def notes(sequence):
    return sequence.notes[["pitch", "velocity", "start_time", "end_time"]].tolist()


def test_a_note_in_seconds():
    sequence = read(midi(["00 90 3c 40", "81 70 80 3c 00"]))
    assert notes(sequence) == [(60, 64, 0.0, 0.25)]
    assert sequence.total_time == 0.25
    assert sequence.tempos.tolist() == [(0.0, 120.0)]
    assert sequence.ticks_per_quarter == 480
    assert sequence.source.path == "test.mid"
    assert sequence.source.format == "midi"
    assert sequence.source.warnings == ()


def test_running_status_and_velocity_zero_as_release():
    assert notes(read(midi(["00 90 3c 40", "81 70 3c 00", "00 3e 41", "81 70 3e 00"]))) == [
        (60, 64, 0.0, 0.25),
        (62, 65, 0.25, 0.5),
    ]


def test_running_status_goes_on_behind_meta_events_and_sysex():
    assert notes(
        read(midi(["00 90 3c 40", "00 ff 01 01 41", "00 f0 03 01 02 f7", "81 70 3c 00"]))
    ) == [(60, 64, 0.0, 0.25)]


def test_running_status_of_one_data_byte():
    data = midi(
        ["00 c0 05", "00 06", "00 07", "00 d0 10", "10 11", "10 12", "00 90 3c 40", "81 70 3c 00"]
    )
    sequence = read(data)
    assert sequence.notes["program"].tolist() == [7]
    assert sequence.notes["start_time"].tolist() == [32 / 960]


def test_a_release_ends_the_oldest_strike():
    strikes = ["00 90 3c 01", "81 70 90 3c 02", "81 70 80 3c 00", "81 70 80 3c 00"]
    assert notes(read(midi(strikes))) == [(60, 1, 0.0, 0.5), (60, 2, 0.25, 0.75)]


def test_a_strike_written_before_the_release_of_the_last_one():
    assert notes(
        read(midi(["00 90 3c 01", "81 70 90 3c 02", "00 80 3c 00", "81 70 80 3c 00"]))
    ) == [(60, 1, 0.0, 0.25), (60, 2, 0.25, 0.5)]


def test_releases_of_what_does_not_sound_are_ignored():
    events = [
        "00 80 3c 00",
        "00 80 3c 00",
        "00 90 3c 40",
        "81 70 80 3c 00",
        "00 80 3c 00",
        "00 90 3c 41",
        "81 70 80 3c 00",
    ]
    assert notes(read(midi(events))) == [(60, 64, 0.0, 0.25), (60, 65, 0.25, 0.5)]


def test_strikes_never_released_end_with_their_track_and_are_counted():
    sequence = read(
        midi(
            track(
                "00 90 3c 40", "00 90 3e 40", "81 70 80 3c 00", end=bytes.fromhex("83 60 ff 2f 00")
            )
        )
    )
    assert notes(sequence) == [(60, 64, 0.0, 0.25), (62, 64, 0.0, 0.75)]
    assert sequence.source.warnings == (
        "1 note never released: ended with all-notes-off or the track",
    )


def test_a_strike_at_the_end_of_its_track_lasts_a_tick():
    assert notes(read(midi(["00 90 3c 40"]))) == [(60, 64, 0.0, 1 / 960)]


@pytest.mark.parametrize("controller", ["78", "7b"])
def test_all_off_ends_what_sounds_on_its_channel(controller):
    events = [
        "00 90 3c 40",
        "00 91 3c 40",
        "81 70 b0 " + controller + " 00",
        "81 70 80 3c 00",
        "00 90 3c 41",
        "81 70 80 3c 00",
        "00 81 3c 00",
    ]
    assert notes(read(midi(events))) == [
        (60, 64, 0.0, 0.25),
        (60, 64, 0.0, 0.75),
        (60, 65, 0.5, 0.75),
    ]


def test_notes_of_no_length_are_left_out_and_counted():
    sequence = read(midi(["00 90 3c 40", "00 80 3c 00", "00 90 3e 40", "81 70 80 3e 00"]))
    assert notes(sequence) == [(62, 64, 0.0, 0.25)]
    assert sequence.source.warnings == ("1 note of no length left out",)


def test_tempo_counts_in_any_track_and_the_last_of_one_tick_wins():
    tempos = [
        "00 ff 51 03 07 a1 20",
        "81 70 ff 51 03 01 00 00",
        "00 ff 51 03 0f 42 40",
    ]  # 120 qpm, then 60 from 0.25 s on
    for tracks in (
        [tempos, ["00 90 3c 40", "83 60 80 3c 00"]],
        [["00 90 3c 40", "83 60 80 3c 00"], tempos],
    ):
        assert notes(read(midi(*tracks))) == [(60, 64, 0.0, 0.75)]
    assert read(midi(tempos)).tempos[["time", "qpm"]].tolist()[::2] == [(0.0, 120.0), (0.25, 60.0)]


def test_tempo_zero_is_ignored_with_a_warning():
    sequence = read(midi(["00 ff 51 03 00 00 00", "00 90 3c 40", "81 70 80 3c 00"]))
    assert notes(sequence) == [(60, 64, 0.0, 0.25)]
    assert "tempo" in sequence.source.warnings[0]


def test_frames_a_second_take_the_place_of_tempo():
    sequence = read(
        midi(
            ["00 ff 51 03 0f 42 40", "00 90 3c 40", "87 68 80 3c 00"],
            division=0x10000 - 25 * 256 + 40,
        )
    )
    assert notes(sequence) == [(60, 64, 0.0, 1.0)]


def test_type_2_patterns_come_one_after_the_other_each_at_its_own_tempo():
    slow = ["00 ff 51 03 0f 42 40", "00 90 3c 40", "83 60 80 3c 00"]
    sequence = read(midi(slow, ["00 90 3e 40", "83 60 80 3e 00"], kind=2))
    assert notes(sequence) == [(60, 64, 0.0, 1.0), (62, 64, 1.0, 1.5)]
    assert "2 patterns" in sequence.source.warnings[0]


def test_instruments_are_numbered_by_their_first_release():
    late = ["00 c0 05", "00 90 3c 40", "83 60 80 3c 00"]
    both = ["00 c1 06", "00 91 3c 40", "00 99 24 40", "10 89 24 00", "10 81 3c 00"]
    table = read(midi(late, both)).notes[["pitch", "instrument", "program", "is_drum"]].tolist()
    assert sorted(table, key=lambda row: row[1]) == [
        (60, 0, 5, False),
        (36, 1, 0, True),
        (60, 2, 6, False),
    ]


def test_a_program_change_makes_another_instrument():
    sequence = read(
        midi(["00 c0 05", "00 90 3c 40", "10 80 3c 00", "00 c0 06", "00 90 3c 40", "10 80 3c 00"])
    )
    assert sequence.notes[["instrument", "program"]].tolist() == [(0, 5), (1, 6)]


def test_controllers_belong_to_the_instrument_in_their_place():
    sequence = read(
        midi(
            ["00 b0 40 7f", "00 c0 05", "00 90 3c 40", "10 b0 07 64", "10 80 3c 00", "00 b3 07 01"]
        )
    )
    assert sequence.control_changes[
        ["control_number", "control_value", "instrument", "program"]
    ].tolist() == [(64, 127, 0, 5), (7, 100, 0, 5)]


def test_a_pedal_in_a_track_of_its_own_acts_on_its_channel():
    hands = [["00 90 3c 40", "10 80 3c 00"], ["00 90 30 40", "10 80 30 00"]]
    data = midi(*hands, ["00 b0 40 7f", "10 b0 40 00"])
    shared = read(data)
    assert shared.control_changes[["control_value", "instrument"]].tolist() == [
        (127, 0),
        (127, 1),
        (0, 0),
        (0, 1),
    ]
    assert "4 control changes" in shared.source.remarks[0]
    assert shared.source.warnings == ()
    assert len(read(data, share=False).control_changes) == 0


def test_meter_and_key():
    sequence = read(
        midi(
            ["00 ff 58 04 06 03 18 08", "00 ff 59 02 fd 01", "83 60 ff 59 02 02 00"],
            ["00 ff 58 04 06 03 18 08"],
        )
    )
    assert sequence.time_signatures.tolist() == [(0.0, 6, 8)]
    assert sequence.key_signatures.tolist() == [(0.0, 0, 1), (0.5, 2, 0)]  # C minor, D major


def test_meter_and_key_that_make_no_sense_are_left_out():
    sequence = read(
        midi(
            [
                "00 ff 58 04 00 03 18 08",
                "00 ff 58 04 04 ff 18 08",
                "00 ff 59 02 09 00",
                "00 ff 59 02 00 05",
            ]
        )
    )
    assert len(sequence.time_signatures) == len(sequence.key_signatures) == 0
    assert [w.split(" of")[0] for w in sequence.source.warnings] == [
        "2 time signatures",
        "2 key signatures",
        "there are no notes",
    ]


def test_chords_are_markers_in_a_track_called_chords():
    chords = [b"\x00\xff\x03\x06chords", b"\x00\xff\x06\x03Am7", b"\x83\x60\xff\x06\x03F/C"]
    sequence = read(midi(chords, [b"\x00\xff\x06\x05Verse", "00 90 3c 40", "10 80 3c 00"]))
    assert sequence.chords.tolist() == [(0.0, "Am7"), (0.5, "F/C")]


def test_notes_come_sorted_by_start_then_pitch():
    sequence = read(
        midi(
            ["00 90 40 01", "00 90 3c 02", "10 80 40 00", "00 80 3c 00"],
            ["00 90 3e 03", "10 80 3e 00"],
        )
    )
    assert sequence.notes["pitch"].tolist() == [60, 62, 64]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"X:1", "not a MIDI file"),
        (b"MThd\x00\x00", "cut off inside the header"),
        (midi(count=1), "announces 1 tracks"),
        (midi([], division=0), "division 0"),
        (midi([], division=0xE700), "SMPTE"),
        (midi([], kind=7), "MIDI type 7"),
    ],
)
def test_refusals_name_the_file_and_the_reason(data, reason):
    with pytest.raises(ReadError) as caught:
        read_bytes(data, "bad\x1b[31m.mid")
    assert reason in str(caught.value)
    assert str(caught.value).startswith("bad\\x1b[31m.mid: ")
    assert str(caught.value).isprintable()


SCALE = ["00 90 3c 40", "81 70 80 3c 00", "00 90 3e 40", "81 70 80 3e 00"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (midi(SCALE)[:-4], "more bytes than there are"),
        (midi(SCALE, count=9), "announces 9 tracks"),
        (midi(b"JUNK\x00\x00\x00\x02ab" + track(*SCALE)), "another kind"),
        (midi(SCALE) + bytes(range(1, 99)), None),
        (midi(SCALE)[:18] + b"\x00\x00\x00\x05" + midi(SCALE)[22:], None),  # a length too short
        (midi(SCALE)[:18] + b"\xff\xff\xff\xff" + midi(SCALE)[22:], "more bytes than there are"),
        (b"RIFF\x00\x00\x00\x00RMIDdata\x00\x00\x00\x00" + midi(SCALE), None),
        (midi(track(*SCALE, end=b"")), None),  # no end of track
        (midi(track(*SCALE, end=END + b"\x00\x90\x3c")), None),  # something behind it
        (midi(track(*SCALE, end=b"\x00\x90\x3c")), "cut off or damaged"),
        (
            midi(track(*SCALE, end=bytes.fromhex("80 80 80 80 80 00 90 3c 40"))),
            "cut off or damaged",
        ),
        (
            midi(track("00 3c 40"), SCALE, count=2),
            "cut off or damaged",
        ),  # running status of nothing
    ],
)
def test_damage_costs_no_more_than_what_is_damaged(data, message):
    sequence = read(data)
    assert notes(sequence) == [(60, 64, 0.0, 0.25), (62, 64, 0.25, 0.5)]
    assert (
        any(message in w for w in sequence.source.warnings)
        if message
        else not sequence.source.warnings
    )


def test_a_length_that_is_not_true_costs_no_memory():
    data = midi(["00 ff 01 8f ff ff ff 7f", "00 f0 8f ff ff ff 7f"])
    assert len(read(data)) == 0


def test_data_bytes_over_127_are_cut_to_127():
    sequence = read(midi(["00 90 3c c8", "81 70 80 3c 00"]))
    assert notes(sequence) == [(60, 127, 0.0, 0.25)]
    assert sequence.source.warnings == ("1 data byte over 127 taken as 127",)


def test_two_thousand_tempo_changes_and_a_thousand_tracks():
    changes = [b"\x01\xff\x51\x03" + (400_000 + i).to_bytes(3, "big") for i in range(2000)]
    assert len(read(midi([*changes, "00 90 3c 40", "10 80 3c 00"])).tempos) == 2001
    assert len(read(midi(*[["00 90 3c 40", "10 80 3c 00"]] * 1000))) == 1000


def test_more_instruments_than_can_be_numbered_share_the_last_number(monkeypatch):
    monkeypatch.setattr("symgen.notes.midi.reader.MOST_INSTRUMENTS", 2)
    tracks = [["00 90 3c 40", "10 80 3c 00"]] * 5
    assert sorted(read(midi(*tracks)).notes["instrument"].tolist()) == [0, 1, 2, 2, 2]
