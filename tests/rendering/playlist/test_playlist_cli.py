"""`symgen render --playlist`."""

import json

import pytest

from symgen import cli
from symgen.notes import notes_of, write
from symgen.notes.sequence import NoteSequence
from tests.audio.sound import noise, save

RATE = 22_050


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "songs"
    (folder / "deep").mkdir(parents=True)
    save(folder / "a.wav", noise(2.0, RATE), RATE)
    save(folder / "deep" / "b.ogg", noise(2.0, RATE, 0.1), RATE)
    piece = NoteSequence(notes_of([(60, 90, 0, 0.5), (64, 90, 0.5, 1.0)]))
    write(piece, folder / "a.mid")  # its sound is there
    write(piece, tmp_path / "c.mid")
    return tmp_path


def run(*arguments):
    return cli.run(["render", *arguments, "--playlist", "--synth", "soundfont", "--rate", "22050"])


def test_folders_and_files_become_a_playlist(home, capsys):
    assert run("songs", "c.mid", "-o", "out", "--format", "flac", "--loudness", "-20", "-q") == 0
    shown = capsys.readouterr().out
    assert [p.name for p in sorted((home / "out").iterdir())] == [
        "01-a.flac",
        "02-b.flac",
        "03-c.flac",
        "playlist.flac",
        "playlist.m3u8",
    ]
    assert "0:00  out/01-a.flac: 0:02, -20.0 LUFS" in shown and "out/playlist.m3u8" in shown
    assert run("songs", "-o", "out", "--format", "flac") == 1
    assert "exists; give another -o or --force" in capsys.readouterr().err


def test_one_bad_file_does_not_stop_the_others(home, capsys):
    (home / "bad.mp3").write_text("text", encoding="utf-8")
    assert run("bad.mp3", "songs/a.wav", "missing.mid", "--json", "-o", "out") == 1
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert [t["title"] for t in document["tracks"]] == ["a"] and len(document["failed"]) == 2
    assert "bad.mp3: no sound that can be read" in captured.err
    assert "missing.mid" in captured.err and "2 of 3 entries left out" in captured.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--playlist", "--format", "png"), "a playlist is sound"),
        (("--playlist", "-o", "a.wav"), "a playlist is a folder; --format names its format"),
        (("--playlist", "--loudness", "3"), "loudness 3.0: expected a number of LUFS from -40"),
        (("--loudness", "-20"), "belong to --playlist"),
    ],
)
def test_bad_options_are_one_line(home, capsys, arguments, says):
    assert cli.run(["render", "songs/a.wav", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_folder_without_music(home, capsys):
    (home / "empty").mkdir()
    assert run("empty") == 1
    assert "empty: holds neither notes nor recordings" in capsys.readouterr().err
    assert not (home / "playlist").exists()
