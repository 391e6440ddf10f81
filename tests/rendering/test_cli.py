"""symgen render, as one types it."""

import json
import subprocess
import sys

import pytest
import soundfile

from symgen import cli, notes


@pytest.fixture
def songs(tmp_path, piece):
    """Two songs, a file that is none, and the way to call the command on them."""
    for name, pitch in (("one", 60), ("two", 67)):
        notes.write(piece(pitch=pitch, end_time=0.5), tmp_path / f"{name}.mid")
    (tmp_path / "bad.mid").write_bytes(b"no music")
    return tmp_path


def run(*arguments):
    return cli.run(["render", *map(str, arguments), "--synth", "soundfont"])


def test_a_song_is_rendered_beside_itself(songs, capsys):
    assert run(songs / "one.mid") == 0
    message = capsys.readouterr().out
    assert soundfile.info(songs / "one.wav").samplerate == 44100
    assert str(songs / "one.wav") in message
    assert "dBFS" in message
    assert "soundfont with TimGM6mb.sf2" in message
    assert run(songs / "one.mid") == 1
    assert "--force" in capsys.readouterr().err
    assert run(songs / "one.mid", "--force") == 0


def test_one_bad_file_does_not_stop_the_others(songs, capsys):
    assert (
        run(
            songs / "one.mid",
            songs / "bad.mid",
            songs / "none.mid",
            songs / "two.mid",
            "-o",
            songs / "out",
            "--format",
            "flac",
        )
        == 1
    )
    assert sorted(p.name for p in (songs / "out").iterdir()) == ["one.flac", "two.flac"]
    errors = capsys.readouterr().err.strip().splitlines()
    assert "bad.mid" in errors[0]
    assert "none.mid" in errors[1]
    assert "2 of 4 files could not be rendered" in errors[-1]


def test_json_says_it_all(songs, capsys):
    assert run(songs / "one.mid", songs / "bad.mid", "-o", songs / "out", "--json", "-q") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["rendered"][0]["synth"] == "soundfont"
    assert document["rendered"][0]["peak_dbfs"] == pytest.approx(-1, abs=0.2)
    assert document["failed"][0]["input"].endswith("bad.mid")


def test_a_picture_needs_no_soundfont(songs, capsys):
    assert run(songs / "one.mid", "-o", songs / "one.png", "--soundfont", "none.sf2") == 0
    assert "a picture" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["one.mid", "-o", "a.aiff"], 2, "known: .wav"),
        (["one.mid", "two.mid", "-o", "a.wav"], 2, "name a folder"),
        (["one.mid", "sub/one.mid", "-o", "out"], 2, "two inputs"),
        (
            ["one.mid", "-o", "a.wav", "--format", "mp3"],
            2,
            "does not end in .mp3; remove --format mp3",
        ),
        (["one.mid", "--rate", "17"], 2, "rate 17"),
        (["one.mid", "--soundfont", "none.sf2"], 1, "no such soundfont"),
        (["one.mid", "--soundfont", "bad.mid"], 1, "not a soundfont"),
        (["bad.mid"], 1, "bad.mid"),
        (["none.mid"], 1, "none.mid"),
    ],
)
def test_bad_input_is_one_line(songs, capsys, monkeypatch, arguments, code, says):
    monkeypatch.chdir(songs)
    assert run(*arguments) == code
    message = capsys.readouterr()
    assert message.out == ""
    assert len(message.err.strip().splitlines()) == 1
    assert says in message.err


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from symgen.cli import run; assert run(['render', '--help']) == 0; "
        "heavy = {'numpy', 'soundfile', 'matplotlib', 'pretty_midi', 'mido'}; "
        "assert not heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_place_where_nothing_can_be_written_is_named(songs, capsys, monkeypatch):
    def refuse(**options):
        raise PermissionError(13, "Permission denied", str(songs / "tmpx"))

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert run(songs / "one.mid") == 1
    assert capsys.readouterr().err == f"symgen: {songs / 'one.wav'}: Permission denied\n"
    (songs / "taken").touch()
    assert run(songs / "one.mid", "-o", songs / "taken" / "one.wav") == 1
    assert "taken is a file" in capsys.readouterr().err


def test_a_sound_that_the_encoder_cannot_write_whole_is_not_kept(songs, capsys, monkeypatch):
    real, opened = soundfile.SoundFile.__init__, []

    def note(self, file, *arguments, **options):
        opened.append(file)
        real(self, file, *arguments, **options)

    def short(self, data):
        assert not len(data)  # as soundfile does where fewer frames are written than given

    monkeypatch.setattr(soundfile.SoundFile, "__init__", note)
    monkeypatch.setattr(soundfile.SoundFile, "write", short)
    for suffix in ("wav", "ogg"):
        assert run(songs / "one.mid", "-o", songs / f"x.{suffix}") == 1
        assert f"x.{suffix}: cannot be written completely" in capsys.readouterr().err
    assert all(
        isinstance(file, str) for file in opened
    )  # by name: what goes wrong in a call back is lost
    assert sorted(p.name for p in songs.iterdir()) == ["bad.mid", "one.mid", "two.mid"]


def test_the_chords_of_a_tune_are_played(songs, piece):
    from symgen.notes.accompany import accompany
    from symgen.notes.sequence import CHORD, table
    from symgen.rendering import render

    tune = piece(pitch=72, end_time=2.0).replace(chords=table(CHORD, time=0.0, symbol="C"))
    both = accompany(tune)

    def sound(sequence, name):
        return render(sequence, songs / name, synth="soundfont").path.read_bytes()

    assert len(set(both.notes["instrument"].tolist())) == 2
    wave = sound(tune, "tune.wav")
    assert (
        wave == sound(both, "both.wav") != sound(tune.replace(chords=tune.chords[:0]), "melody.wav")
    )
    notes.write(tune, songs / "tune.abc")
    assert run(songs / "tune.abc", "-o", songs / "abc.wav") == 0
    assert (songs / "abc.wav").stat().st_size == len(wave)
    several = tune.replace(notes=both.notes)
    assert sound(several, "several.wav") == wave  # of more instruments the chords are left alone
