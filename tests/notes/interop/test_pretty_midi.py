"""Exchange with pretty_midi."""

import io

import numpy as np
import pytest

from symgen.notes import NoteSequence, notes_of, read, read_bytes
from symgen.notes.sequence import CONTROL_CHANGE, KEY_SIGNATURE, TEMPO, TIME_SIGNATURE, table


def music():
    notes = notes_of([(60, 64, 0.123456789, 1.0), (36, 90, 0.5, 0.6), (64, 70, 3.0, 3.5)])
    notes["instrument"], notes["program"], notes["is_drum"] = (
        [0, 1, 0],
        [5, 0, 5],
        [False, True, False],
    )
    return NoteSequence(
        notes=notes,
        tempos=np.array([(0, 90), (2, 150)], TEMPO),
        time_signatures=np.array([(0, 3, 4)], TIME_SIGNATURE),
        key_signatures=np.array([(0, 9, 1)], KEY_SIGNATURE),
        control_changes=table(
            CONTROL_CHANGE, time=[0.5, 1], control_number=64, control_value=[127, 0], program=5
        ),
    )


def test_notes_come_back_to_the_last_bit():
    midi = music().to_pretty_midi()
    back = NoteSequence.from_pretty_midi(midi)
    assert back.notes.tolist() == music().notes.tolist()
    assert back.control_changes.tolist() == music().control_changes.tolist()
    assert back.time_signatures.tolist() == music().time_signatures.tolist()
    assert back.key_signatures.tolist() == music().key_signatures.tolist()
    assert back.tempos["qpm"] == pytest.approx([90, 150], rel=1e-5)
    assert back.tempos["time"] == pytest.approx([0, 2], abs=5e-4)
    assert [(p.program, p.is_drum, len(p.notes)) for p in midi.instruments] == [
        (5, False, 2),
        (0, True, 1),
    ]


def test_pretty_midi_writes_what_we_read():
    file = io.BytesIO()
    music().to_pretty_midi().write(file)
    ((_, back),) = read_bytes(file.getvalue(), "x.mid")
    assert back.notes["pitch"].tolist() == [60, 36, 64]
    assert back.notes["start_time"] == pytest.approx(music().notes["start_time"], abs=2e-3)


def test_an_empty_piece():
    assert len(NoteSequence.from_pretty_midi(NoteSequence().to_pretty_midi())) == 0


def test_a_real_piece(corpora):
    piece = read(next(iter(sorted((corpora / "piano_performances").rglob("*.mid")))))
    assert (
        NoteSequence.from_pretty_midi(piece.to_pretty_midi()).notes.tolist() == piece.notes.tolist()
    )
