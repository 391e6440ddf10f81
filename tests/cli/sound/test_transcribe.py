"""symgen transcribe, and recordings where a command takes notes."""

import json
from importlib import metadata

import numpy as np
import pytest
import soundfile

from symgen.audio.transcription import network
from symgen.cli.doctor import _transcriber
from symgen.notes import read, write
from symgen.notes.sequence import NOTE, NoteSequence, table
from symgen.rendering import render


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A recording of 24 notes in 5 seconds."""
    if network.place() is None:
        pytest.skip(f"the network is not installed: {network.INSTALL}")
    start = np.arange(24) / 5
    pitch = 55 + (7 * np.arange(24)) % 24
    notes = table(NOTE, pitch=pitch, velocity=80, start_time=start, end_time=start + 0.3)
    path = tmp_path_factory.mktemp("clip") / "clip.wav"
    render(NoteSequence(notes), path, synth="soundfont", rate=22050)
    return path


@pytest.fixture
def folder(clip, tmp_path):
    sound, rate = soundfile.read(clip)
    (tmp_path / "songs").mkdir()
    for name, part in (("one", sound[: 3 * rate]), ("two", sound[rate:])):
        soundfile.write(tmp_path / "songs" / f"{name}.flac", part, rate)
    (tmp_path / "songs" / "broken.mp3").write_text("no sound at all")
    return tmp_path / "songs"


def test_a_recording_becomes_a_midi_file_once(symgen, clip, tmp_path):
    code, out, err = symgen("transcribe", clip, "-o", tmp_path / "midi")
    assert code == 0 and out == f"{tmp_path}/midi: 1 recording transcribed\n"
    assert "notes in" in err and "x real time" in err
    assert abs(len(read(tmp_path / "midi" / "clip.mid")) - 24) <= 2
    code, out, _ = symgen("transcribe", clip, "-o", tmp_path / "midi")
    assert code == 0 and "0 recordings transcribed, 1 transcribed before (--force" in out


def test_a_folder_is_told_as_json_with_what_failed(symgen, folder, tmp_path):
    code, out, err = symgen("transcribe", folder, "-o", tmp_path / "midi", "--json")
    rows = {row["input"].rpartition("/")[2]: row for row in json.loads(out)["recordings"]}
    assert code == 1 and "symgen: 1 of 3 recordings could not be transcribed" in err
    assert rows["broken.mp3"]["reason"] and rows["broken.mp3"]["path"] is None
    assert rows["one.flac"]["transcribed"] and rows["one.flac"]["notes"] >= 10
    assert sorted(path.name for path in (tmp_path / "midi").iterdir()) == ["one.mid", "two.mid"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["missing.wav"], 1, "missing.wav: no such file or folder"),
        (["song.mid"], 1, "song.mid: no recording ends in '.mid'"),
        (["clip.wav", "--threshold", "2"], 2, "threshold 2.0: expected a number from 0.01"),
        (["clip.wav", "--transcriber", "ears"], 2, "no transcriber is called 'ears'"),
        ([], 2, "IN is missing"),
    ],
)
def test_errors_are_one_line(symgen, clip, tmp_path, monkeypatch, words, code, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.wav").write_bytes(clip.read_bytes())
    write(NoteSequence(table(NOTE, pitch=60, velocity=80, end_time=1.0)), "song.mid")
    found, _, err = symgen("transcribe", *words)
    assert found == code and message in err and err.count("\n") == 1


def test_where_the_network_is_missing_the_command_is_named(symgen, tmp_path, monkeypatch):
    def files(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", files)
    code, _, err = symgen("transcribe", tmp_path)
    assert code == 1
    assert err == (
        "symgen: transcribing needs the network of basic-pitch: "
        "pip install --no-deps basic-pitch==0.4.0\n"
    )
    assert "pip install --no-deps basic-pitch" in _transcriber()[1]


def test_recordings_are_transcribed_for_an_encoding_of_notes(symgen, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["convert", "songs", "--encoding", "performance", "--workers", "1"]
    code, out, err = symgen(*words)
    assert code == 0, err
    assert "songs holds recordings: 2 recordings transcribed, in transcribed/songs" in err
    assert "broken.mp3" in err
    assert "data/songs-performance: written" in out
    code, out, err = symgen(*words)
    assert code == 0 and "0 recordings transcribed, 2 were before" in err and "up to date" in out


def test_a_recording_is_a_primer(symgen, clip, tmp_path, tiny_bundle):
    target = tmp_path / "song.mid"
    words = ["--primer", clip, "--primer-seconds", "2", "--seconds", "6", "-o", target]
    code, _, err = symgen("sample", tiny_bundle, *words)
    assert code == 0, err
    assert "clip.wav: a recording, transcribed: " in err
    begin = read(target).notes[:5]
    assert begin["pitch"].tolist() == [55, 62, 69, 76, 59]
    assert np.allclose(begin["start_time"], np.arange(5) / 5, atol=0.05)
    again = tmp_path / "again.mid"
    recipe = ["--recipe", target, "--primer", clip, "-o", again]
    assert symgen("sample", tiny_bundle, *recipe)[0] == 0
    assert np.array_equal(read(again).notes, read(target).notes)


def test_a_recording_is_written_down(symgen, clip, tmp_path):
    code, _, err = symgen("notate", clip, "-o", tmp_path / "clip.musicxml")
    assert code == 0 and "clip.wav: a recording, transcribed: " in err
    assert len(read(tmp_path / "clip.musicxml")) >= 20
