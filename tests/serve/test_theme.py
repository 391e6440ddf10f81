"""Themes: what is taken of a file, and a file that is meant to do harm."""

import subprocess
import sys

import numpy as np
import pytest

from symgen import notes
from symgen.audio.transcription import network
from symgen.errors import BadOption, DataError, ReadError, SymgenError
from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.rendering import render
from symgen.serve import reading
from symgen.serve.live.theme import LONGEST, MOST, Theme, heard, theme_from, theme_of

ABC = b"X:1\nT:a tune\nM:6/8\nL:1/8\nQ:3/8=100\nK:G\nGAB c2d|e2d c2B|]\n"


def test_a_tune_is_read_in_its_own_process():
    theme = reading.read_theme(ABC, "tune.abc")
    assert [note[2] for note in theme.notes][:3] == [67, 69, 71]
    assert theme.notes[0][0] == 0 and theme.meter == (6, 8) and theme.tempo == 150


def test_only_the_beginning_counts_without_drums_and_from_its_first_note():
    many = NoteSequence(
        notes=table(
            NOTE,
            pitch=60,
            velocity=80,
            start_time=[5.0 + i for i in range(100)],
            end_time=[6.0 + i for i in range(100)],
            is_drum=[i == 0 for i in range(100)],
        )
    )
    theme = theme_of(many)
    assert theme.notes[0] == (0.0, 1.0, 60, 80) and len(theme.notes) == LONGEST
    with pytest.raises(DataError, match="1 notes"):
        theme_of(many.replace(notes=many.notes[1:2]))


def test_a_document_is_a_theme_again():
    theme = Theme(((0.0, 1.0, 60, 80), (1.0, 2.0, 62, 80)), 90.0, (3, 4))
    assert theme_from(theme.document()) == theme
    assert theme.sequence.time_signatures["numerator"].tolist() == [3]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"notes": 3},
        {"notes": [[0, 1, 60, 80]]},
        {"notes": [[0, 1, 60, 80]] * (MOST + 1)},
        {"notes": [[0, 1, 128, 80]] * 2},
        {"notes": [[0, 1, 60.5, 80]] * 2},
        {"notes": [[1, 0, 60, 80]] * 2},
        {"notes": [[0, float("nan"), 60, 80]] * 2},
        {"notes": [[0, 1]] * 2},
        {"notes": [[0, 1, 60, 80]] * 2, "tempo": 0},
        {"notes": [[0, 1, 60, 80]] * 2, "meter": "4/4"},
    ],
)
def test_other_documents_are_refused(document):
    with pytest.raises(BadOption):
        theme_from(document)


def test_what_was_heard_last_becomes_a_theme():
    rows = [(10.0 + i, 11.0 + i, 60, 80) for i in range(MOST + 5)]
    theme = heard(rows)
    assert len(theme.notes) == MOST and theme.notes[0] == (0.0, 1.0, 60, 80)


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.mid", "empty"),
        (b"MThd", "a.mid", "."),
        (b"X:1\nK:C\n" + b"|: C " * 100_000, "a.abc", "."),
        (b"<a>" * 100_000, "a.musicxml", "."),
        (b"RIFF", "a.wav", "."),
        (ABC, "a.docx", "no music that symgen reads"),
    ],
)
def test_bad_files_are_one_line(data, name, said):
    with pytest.raises(SymgenError, match=said) as refused:
        reading.read_theme(data, name)
    assert "\n" not in str(refused.value)


def test_a_reader_that_takes_too_much_is_ended(monkeypatch):
    program = "import sys; sys.exit(9)"
    run = subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda command, **rest: run([sys.executable, "-c", program], **rest)
    )
    with pytest.raises(ReadError, match="takes too much to read"):
        reading.read_theme(ABC, "tune.abc")

    def late(*command, **rest):
        raise subprocess.TimeoutExpired("reading", 1)

    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(ReadError, match="not read within"):
        reading.read_theme(ABC, "tune.abc")


@pytest.mark.skipif(sys.platform != "linux", reason="the cap on memory is one of Linux")
def test_memory_of_a_reader_is_capped():
    program = (
        "from symgen.serve import reading; reading._cap(); "
        "import sys\ntry:\n    bytearray(2 << 30)\nexcept MemoryError:\n    sys.exit(7)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 7


def test_every_format_that_is_read_may_be_a_theme(tmp_path):
    song = NoteSequence(notes=table(NOTE, pitch=[60, 64], velocity=80, start_time=[0, 1],
                                    end_time=[1, 2]))  # fmt: skip
    for kind in ("mid", "musicxml"):
        notes.write(song, tmp_path / f"song.{kind}")
        data = (tmp_path / f"song.{kind}").read_bytes()
        assert [n[2] for n in reading.read_theme(data, f"SONG.{kind.upper()}").notes] == [60, 64]


def test_a_recording_may_be_a_theme(tmp_path):
    if network.place() is None:
        pytest.skip(f"the network is not installed: {network.INSTALL}")
    start = np.arange(6) / 2
    song = NoteSequence(notes=table(NOTE, pitch=[60, 64, 67, 72, 67, 64], velocity=80,
                                    start_time=start, end_time=start + 0.4))  # fmt: skip
    render(song, tmp_path / "song.wav", synth="soundfont", rate=22050)
    theme = reading.read_theme((tmp_path / "song.wav").read_bytes(), "Song.WAV")
    found = [note[2] for note in theme.notes]
    assert {60, 64, 67, 72} <= set(found) and 6 <= len(found) <= 9
