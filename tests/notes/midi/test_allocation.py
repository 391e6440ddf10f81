"""Instruments of a written file do not change each other, however many there are."""

import io

import mido
import numpy as np
import pytest

from symgen.notes import read_bytes
from symgen.notes.midi.writer import MidiWriter
from symgen.notes.sequence import CONTROL_CHANGE, NoteSequence, notes_of, table
from tests.notes.midi.listener import played


def written(count, **columns):
    """Return a file of `count` instruments, each with its own program, pitch and second."""
    notes = notes_of([(40 + k, 64, k, k + 0.5) for k in range(count)])
    notes["instrument"] = notes["program"] = np.arange(count)
    for name, values in columns.items():
        notes[name] = values
    return notes


def encode(notes, **tables):
    return MidiWriter().encode(NoteSequence(notes=notes, **tables))


def channels(data):
    file = mido.MidiFile(file=io.BytesIO(data))
    return [sorted({m.channel for m in track if not m.is_meta}) for track in file.tracks[1:]]


def sounds(data):
    return {pitch: sound for _, _, pitch, _, _, sound, _, _ in played(data)}


def test_fifteen_instruments_have_channels_of_their_own():
    places = [channel for (channel,) in channels(encode(written(15)))]
    assert places == [*range(9), *range(10, 16)]


def test_twenty_instruments_with_equal_controllers_share_channels_in_turn():
    notes = written(20)
    data = encode(notes)
    assert sounds(data) == {40 + k: (0, k) for k in range(20)}
    ((_, back),) = read_bytes(data, "a.mid")
    assert sorted(back.notes[["pitch", "program"]].tolist()) == sorted(
        notes[["pitch", "program"]].tolist()
    )


def test_instruments_that_do_not_overlap_take_turns_and_keep_their_controllers():
    volume = table(
        CONTROL_CHANGE,
        time=0.0,
        control_number=7,
        control_value=np.arange(20) + 50,
        instrument=np.arange(20),
        program=np.arange(20),
    )
    data = encode(written(20), control_changes=volume)
    assert {pitch: state[1] for _, _, pitch, _, _, _, state, _ in played(data)} == {
        40 + k: 50 + k for k in range(20)
    }
    tracks = mido.MidiFile(file=io.BytesIO(data)).tracks
    assert not any(message.type == "midi_port" for track in tracks for message in track)


def test_a_state_of_the_owner_before_is_undone():
    controls = table(
        CONTROL_CHANGE,
        time=0.0,
        control_number=[7, *([10] * 19)],
        control_value=[20, *range(30, 49)],
        instrument=np.arange(20),
        program=np.arange(20),
    )
    data = encode(written(20), control_changes=controls)
    state = {pitch: state for _, _, pitch, _, _, _, state, _ in played(data)}
    assert state[40][1:3] == (20, 64)
    assert all(state[40 + k][1:3] == (100, 29 + k) for k in range(1, 20))


def test_more_at_once_than_channels_go_to_ports_with_a_program_before_each_onset():
    notes = written(40, start_time=0.0, end_time=1.0, pitch=60)
    notes["velocity"] = np.arange(40) + 1
    data = encode(notes)
    got = {velocity: sound for _, _, _, velocity, _, sound, _, _ in played(data)}
    assert got == {k + 1: (0, k) for k in range(40)}
    file = mido.MidiFile(file=io.BytesIO(data))
    ports = [[m.port for m in track if m.type == "midi_port"] for track in file.tracks[1:]]
    assert ports == [[]] * 15 + [[1]] * 15 + [[2]] * 10


def test_two_drum_kits_at_once():
    notes = written(2, is_drum=True, program=[0, 16], start_time=[0, 0.1], end_time=[0.5, 0.6])
    assert sounds(encode(notes)) == {40: (0, 0), 41: (0, 16)}


def test_two_programs_of_one_instrument_number():
    notes = written(2, instrument=0, program=[5, 9])
    assert sounds(encode(notes)) == {40: (0, 5), 41: (0, 9)}


@pytest.mark.parametrize("kit", [False, True])
def test_a_bank_stands_before_its_program(kit):
    banks = table(CONTROL_CHANGE, time=0.0, control_number=[0, 32], control_value=[8, 3], program=4)
    data = encode(written(1, program=4, is_drum=kit), control_changes=banks)
    track = mido.MidiFile(file=io.BytesIO(data)).tracks[1]
    assert [(m.type, getattr(m, "value", None)) for m in track[:3]] == [
        ("control_change", 8),
        ("control_change", 3),
        ("program_change", None),
    ]
