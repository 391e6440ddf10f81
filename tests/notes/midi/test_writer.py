"""The MIDI writer: what is written comes back, within half a tick."""

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import DataError
from symgen.notes import meter, read, read_bytes, write
from symgen.notes.midi.writer import MidiWriter
from symgen.notes.sequence import (
    CHORD,
    CONTROL_CHANGE,
    KEY_SIGNATURE,
    NOTE,
    PITCH_BEND,
    TEMPO,
    TIME_SIGNATURE,
    NoteSequence,
    notes_of,
    table,
)

HALF = 0.0005 + 1e-9  # a tick is a millisecond at most


def again(sequence, **options):
    ((_, back),) = read_bytes(MidiWriter(**options).encode(sequence), "again.mid")
    return back


def parsed(sequence, tmp_path):
    return mido.MidiFile(write(sequence, tmp_path / "x.mid"))


def test_a_grid_of_ten_milliseconds_survives_exactly():
    notes = notes_of([(60 + k % 12, 64, k * 0.01, k * 0.01 + 0.05) for k in range(5000)])
    back = again(NoteSequence(notes=notes))
    assert np.abs(back.notes["start_time"] - notes["start_time"]).max() < 1e-9
    assert back.ticks_per_quarter == 500


def test_the_resolution_of_a_file_is_kept_so_that_its_ticks_are_exact():
    ticks = np.array([0, 1, 7, 383, 1000]) * (0.5 / 384)
    sequence = NoteSequence(
        notes=table(
            NOTE, pitch=[1, 2, 3, 4, 5], velocity=9, start_time=ticks, end_time=ticks + 0.5
        ),
        ticks_per_quarter=384,
    )
    back = again(sequence)
    assert back.ticks_per_quarter % 384 == 0
    assert np.abs(back.notes["start_time"] - ticks).max() < 1e-12


def test_the_file_is_type_1_with_releases_before_strikes(tmp_path):
    file = parsed(
        NoteSequence(notes=notes_of([(60, 1, 0, 0.5), (60, 2, 0.5, 1)]), ticks_per_quarter=500),
        tmp_path,
    )
    assert file.type == 1
    played = [(m.type, m.time) for m in file.tracks[1] if m.type.startswith("note")]
    assert played == [("note_on", 0), ("note_off", 500), ("note_on", 0), ("note_off", 500)]


def test_controllers_come_before_the_notes_of_their_tick(tmp_path):
    sequence = NoteSequence(
        notes=notes_of([(60, 1, 0, 0.5)]),
        control_changes=table(
            CONTROL_CHANGE, time=[0, 0.5], control_number=64, control_value=[127, 0]
        ),
    )
    assert [m.type for m in parsed(sequence, tmp_path).tracks[1]] == [
        "program_change",
        "control_change",
        "note_on",
        "control_change",
        "note_off",
        "end_of_track",
    ]


def test_a_note_lasts_a_tick_at_least():
    back = again(NoteSequence(notes=notes_of([(60, 1, 1, 1)]), ticks_per_quarter=500))
    assert back.notes[["start_time", "end_time"]].tolist() == [(1.0, pytest.approx(1.001))]


def test_drums_go_to_channel_10_and_many_instruments_share_channels(tmp_path):
    notes = notes_of([(60, 64, 0, 1)] * 40)
    notes["instrument"], notes["program"] = np.arange(40), np.arange(40)
    notes["is_drum"][7] = True
    sequence = NoteSequence(notes=notes)
    file = parsed(sequence, tmp_path)
    channels = [next(m.channel for m in t if m.type == "note_on") for t in file.tracks[1:]]
    assert channels[7] == 9
    assert channels.count(9) == 1
    assert channels[:16] == [0, 1, 2, 3, 4, 5, 6, 9, 7, 8, 10, 11, 12, 13, 14, 15]
    assert sorted(again(sequence).notes.tolist()) == sorted(notes.tolist())


def test_controllers_of_an_instrument_follow_its_notes_whatever_their_program():
    notes = notes_of([(60, 64, 0, 1)])
    notes["program"] = 5
    sequence = NoteSequence(
        notes=notes,
        control_changes=table(CONTROL_CHANGE, time=0.5, control_number=64, control_value=99),
    )
    assert again(sequence).control_changes[["control_value", "instrument", "program"]].tolist() == [
        (99, 0, 5)
    ]


def test_chords_meter_and_key_come_back():
    sequence = NoteSequence(
        notes=notes_of([(60, 64, 0, 4)]),
        chords=np.array([(0, "Am7"), (2, "F♯ø/C")], CHORD),
        time_signatures=np.array([(0, 3, 4), (1.5, 7, 8)], TIME_SIGNATURE),
        key_signatures=np.array([(k / 8, k % 12, k // 12) for k in range(24)], KEY_SIGNATURE),
    )
    back = again(sequence)
    assert back.chords.tolist() == sequence.chords.tolist()
    assert back.time_signatures.tolist() == sequence.time_signatures.tolist()
    assert back.key_signatures.tolist() == sequence.key_signatures.tolist()


def pickup(end, *rows, tempo=120.0):
    return NoteSequence(
        notes=notes_of([(60, 64, 0, 6)]),
        tempos=np.array([(0, tempo)], TEMPO),
        time_signatures=np.array(list(rows), TIME_SIGNATURE),
        first_bar_time=end,
    )


@pytest.mark.parametrize(
    ("sequence", "meters"),
    [
        (pickup(0.5, (0, 4, 4)), [(0, 1, 4), (0.5, 4, 4)]),
        (pickup(0.25, (0, 6, 8)), [(0, 1, 8), (0.25, 6, 8)]),
        (pickup(0.75, (0, 3, 4), (2.25, 2, 4)), [(0, 3, 8), (0.75, 3, 4), (2.25, 2, 4)]),
        (pickup(1.0, (0, 4, 4), tempo=90.0), [(0, 3, 8), (1.0, 4, 4)]),
        (pickup(2.5, (0, 4, 4)), [(0, 1, 4), (0.5, 4, 4)]),  # a pickup and a bar
        (pickup(2.0, (0, 4, 4)), [(0, 4, 4)]),
        (pickup(0.5), []),
    ],
)
def test_a_pickup_is_a_short_first_bar(sequence, meters):
    back = again(sequence)
    assert back.time_signatures.tolist() == [(pytest.approx(t), n, d) for t, n, d in meters]
    lines, expected = meter.bar_lines(back), meter.bar_lines(sequence)
    assert lines[-len(expected) :] == pytest.approx(expected)
    assert back.first_bar_time == pytest.approx(meters[1][0] if len(meters) > 1 else 0)
    assert again(back).time_signatures.tolist() == back.time_signatures.tolist()


def test_a_pickup_off_the_beat_is_left_as_it_is():
    assert again(pickup(0.4567, (0, 4, 4))).time_signatures.tolist() == [(0, 4, 4)]


def test_bends_come_back_behind_their_range(tmp_path):
    sequence = NoteSequence(
        notes=notes_of([(60, 64, 0, 4)]),
        control_changes=table(
            CONTROL_CHANGE, time=0.0, control_number=[101, 100, 6], control_value=[0, 0, 12]
        ),
        pitch_bends=table(PITCH_BEND, time=[0, 1, 2], bend=[0, 8191, -8192]),
    )
    back = again(sequence)
    assert back.pitch_bends.tolist() == sequence.pitch_bends.tolist()
    assert back.control_changes.tolist() == sequence.control_changes.tolist()
    kinds = [m.type for m in parsed(sequence, tmp_path).tracks[1]]
    assert kinds[1:6] == [*["control_change"] * 3, "pitchwheel", "note_on"]


def test_tracks_of_instruments_have_the_names_that_are_given(tmp_path):
    notes = notes_of([(48, 64, 0, 1), (72, 64, 0, 1), (50, 64, 1, 2)])
    notes["instrument"] = [1, 0, 2]
    sequence = NoteSequence(notes=notes)
    write(sequence, tmp_path / "x.mid", names=("melody", "accompagnement é"))
    assert [t.name for t in mido.MidiFile(tmp_path / "x.mid", charset="utf-8").tracks] == [
        "",
        "melody",
        "accompagnement é",
        "",
    ]
    assert np.array_equal(read(tmp_path / "x.mid").notes, sequence.notes)


def test_the_comment_is_a_text_at_the_beginning(tmp_path):
    write(NoteSequence(notes=notes_of([(60, 64, 0, 1)])), tmp_path / "x.mid", comment="seed 17")
    assert (
        next(m for m in mido.MidiFile(tmp_path / "x.mid").tracks[0] if m.type == "text").text
        == "seed 17"
    )


def test_the_same_piece_gives_the_same_bytes_and_no_file_is_replaced_unasked(tmp_path):
    sequence = NoteSequence(notes=notes_of([(60, 64, 0, 1)]))
    first = write(sequence, tmp_path / "deep" / "x.mid").read_bytes()
    with pytest.raises(DataError, match="exists"):
        write(sequence, tmp_path / "deep" / "x.mid")
    assert write(sequence, tmp_path / "deep" / "x.mid", force=True).read_bytes() == first
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["x.mid"]


def test_an_empty_piece_can_be_written(tmp_path):
    assert len(read(write(NoteSequence(), tmp_path / "x.mid"))) == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((128, 64, 0, 1), "pitch 128"),
        ((60, 0, 0, 1), "velocity 0"),
        ((60, 64, -1, 1), "-1 s"),
        ((60, 64, 0, np.inf), "0 s"),
        ((60, 64, 0, 1e9), "longer than"),
    ],
)
def test_what_midi_cannot_say_is_refused(row, message):
    with pytest.raises(DataError, match=message):
        MidiWriter().encode(NoteSequence(notes=notes_of([row])))


@st.composite
def music(draw):
    """Draw a piece whose notes of one pitch and instrument end in the order in which they begin."""
    rows = []
    for number in range(draw(st.integers(1, 4))):
        program, drums = draw(st.integers(0, 127)), draw(st.booleans())
        for pitch in draw(st.lists(st.integers(0, 127), min_size=1, max_size=3, unique=True)):
            start, end = draw(st.floats(0, 9)), 0.0
            for _ in range(draw(st.integers(1, 5))):
                end = max(end + 0.003, start + draw(st.floats(0.003, 4)))
                rows.append((pitch, draw(st.integers(1, 127)), start, end, number, program, drums))
                start += draw(st.floats(0.003, 3))
    notes = np.array(rows, NOTE)
    return NoteSequence(
        notes=notes[np.lexsort([notes["pitch"], notes["start_time"]])],
        tempos=draw(tempos()),
        ticks_per_quarter=draw(st.sampled_from([1, 96, 220, 480, 32767])),
    )


@st.composite
def tempos(draw):
    time, rows = draw(st.sampled_from([0.0, 0.7])), []
    for qpm in draw(st.lists(st.floats(4, 900), max_size=6)):
        rows.append((time, qpm))
        time += draw(st.floats(0.05, 5))
    return np.array(rows, TEMPO)


@settings(max_examples=300, deadline=None)
@given(music())
def test_what_is_written_comes_back_within_half_a_tick(sequence):
    back = again(sequence)
    by = ["instrument", "pitch", "start_time"]
    ours, theirs = (
        s.notes[np.lexsort([s.notes[k] for k in reversed(by)])] for s in (sequence, back)
    )
    for name in ("pitch", "velocity", "instrument", "program", "is_drum"):
        assert ours[name].tolist() == theirs[name].tolist()
    assert np.abs(ours["start_time"] - theirs["start_time"]).max() <= HALF
    assert np.abs(ours["end_time"] - theirs["end_time"]).max() <= HALF
    for time, qpm in sequence.tempos.tolist():
        near = back.tempos[np.searchsorted(back.tempos["time"], time + HALF) - 1]
        assert near["qpm"] == pytest.approx(qpm, rel=1e-4)
    assert again(back) == back


def test_real_music_comes_back_to_the_last_bit(corpora):
    for path in sorted((corpora / "piano_performances").rglob("*.mid"))[::20]:
        piece = read(path)
        assert np.array_equal(again(piece).notes, piece.notes)
        assert np.array_equal(again(piece).control_changes, piece.control_changes)
