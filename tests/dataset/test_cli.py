"""`symgen convert` as a user types it."""

import json

import pytest

from symgen.cli import run
from tests.dataset.music import corpus


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return corpus(tmp_path / "tunes", 6).name


def test_it_says_what_it_wrote_and_that_it_is_up_to_date(source, capsys):
    assert run(["convert", source, "--workers", "1"]) == 0
    first = capsys.readouterr().out.splitlines()
    assert first[0].startswith("data/tunes-performance: written (performance, seed 0, fingerprint ")
    assert first[1:3] == [
        "  corpus  tunes",
        "  in      6 files, 6 pieces, 255 notes; 255 notes encoded",
    ]
    assert [line.split()[0] for line in first[3:]] == ["train", "eval", "dropped"]
    assert run(["convert", source, "--workers", "1"]) == 0
    second = capsys.readouterr().out.splitlines()
    assert second[0] == first[0].replace("written", "up to date")
    assert second[1:] == first[1:]


def test_json_is_the_ledger_and_the_place(source, capsys):
    assert run(["convert", source, "--workers", "1", "--json", "-o", "out", "--seed", "5"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["path"], found["fresh"], found["seed"]) == ("out", True, 5)
    assert found["ledger"]["pieces_written"] == 6


def test_options_come_from_the_config_and_set_changes_them(source, tmp_path, capsys):
    (tmp_path / "mine.toml").write_text(
        '[encoding]\nname = "performance"\nvelocity_bins = 0\n'
        "[augment]\ntranspose = 1\nstretch = [1]\n"
    )
    assert (
        run(
            [
                "convert",
                source,
                "--workers",
                "1",
                "--json",
                "--config",
                "mine.toml",
                "--set",
                "augment.transpose=2",
            ]
        )
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert found["encoding"]["velocity_bins"] == 0
    assert found["augment"] == {"transpose": 2, "stretch": [1.0]}


def test_another_encoding_does_not_inherit_the_options_of_the_configs(source, tmp_path, capsys):
    (tmp_path / "mine.toml").write_text('[encoding]\nname = "other"\nbeats = 4\n')
    assert (
        run(
            [
                "convert",
                source,
                "--workers",
                "1",
                "--config",
                "mine.toml",
                "--encoding",
                "performance",
            ]
        )
        == 0
    )


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (["nowhere"], 1, "nowhere: no such file, folder or corpus"),
        (["tunes", "--encoding", "preformance"], 2, "Did you mean 'performance'?"),
        (["tunes", "--set", "encoding.velocity=3"], 2, "Did you mean 'velocity_bins'?"),
        (["tunes", "--set", "encoding.velocity_bins=200"], 2, "velocity_bins = 200"),
        (
            ["tunes", "--set", "training.batch=3"],
            2,
            "convert has only the sections encoding and augment",
        ),
        (
            ["tunes", "--set", "augment.transpose=99"],
            2,
            "augment.transpose = 99: expected a whole number of semitones from 0 to 12",
        ),
        (["tunes", "--set", "augment.stretch=fast"], 2, "stretch = 'fast'"),
        (["tunes", "--config", "nothing"], 2, "no config is called 'nothing'"),
        (["tunes", "--workers", "0"], 2, "--workers"),
        ([], 2, "SOURCE"),
    ],
)
def test_bad_input_is_one_line_and_the_right_exit_code(source, capsys, argv, code, message):
    assert run(["convert", *argv]) == code
    output = capsys.readouterr()
    assert message in output.err
    assert not output.out
    assert "Traceback" not in output.err


def test_strict_and_empty_fail_with_1(source, tmp_path, capsys):
    (tmp_path / "tunes" / "bad.mid").write_bytes(b"MThd")
    assert run(["convert", source, "--workers", "1", "--strict"]) == 1
    assert "--strict: nothing written" in capsys.readouterr().err
    assert not list((tmp_path / "data").iterdir())
    (tmp_path / "junk").mkdir()
    (tmp_path / "junk" / "bad.mid").write_bytes(b"MThd")
    assert run(["convert", "junk", "--workers", "1"]) == 1
    assert "nothing written" in capsys.readouterr().err


def test_many_sources_make_one_folder_of_a_name_that_any_disk_takes(source, tmp_path, capsys):
    many = []
    for i in range(30):
        many.append(tmp_path / f"a piece with a long name, number {i:02}.mid")
        many[-1].write_bytes(sorted((tmp_path / source).iterdir())[i % 6].read_bytes())
    assert run(["convert", *map(str, many), "--workers", "1"]) == 0
    assert capsys.readouterr().out.startswith(
        "data/a piece with a long name, number 00+29-more-performance: written"
    )
    assert run(["convert", *map(str, many), "--workers", "1"]) == 0
    assert "up to date" in capsys.readouterr().out


def test_a_file_in_the_way_is_named(source, tmp_path, capsys):
    (tmp_path / "taken").touch()
    command = ["convert", source, "--encoding", "performance", "--workers", "1"]
    assert run([*command, "-o", "taken/deep"]) == 1
    assert capsys.readouterr().err == "symgen: taken is a file, not a folder; give another -o\n"


def test_each_refused_file_is_named_with_v(source, tmp_path, capsys):
    (tmp_path / source / "bad.mid").write_bytes(b"no music")
    (tmp_path / source / "notes.txt").touch()
    command = ["convert", source, "--encoding", "performance", "--workers", "1"]
    assert run(command) == 0
    assert capsys.readouterr().err == "1 file refused; -v lists them\n"
    assert run([*command, "-v"]) == 0
    skipped, refused = capsys.readouterr().err.splitlines()
    assert skipped == "skipped notes.txt: no music file (.txt)"
    assert refused.startswith("refused bad.mid: not a MIDI file")
    assert run([*command, "-q"]) == 0
    assert not capsys.readouterr().err


def test_the_current_folder_is_converted_once(source, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path / source)
    assert run(["convert", ".", "--workers", "1"]) == 0
    assert run(["convert", ".", "--workers", "1"]) == 0
    assert "up to date" in capsys.readouterr().out
