"""The command line: light help, one-line errors with the right exit code, the three commands."""

import json
import os
import subprocess
import sys

import click
import pytest

from symgen import cli

HEAVY = {
    "tensorflow",
    "keras",
    "onnx",
    "onnxruntime",
    "symusic",
    "mido",
    "music21",
    "note_seq",
    "matplotlib",
    "soundfile",
    "pretty_midi",
    "numpy",
    "rich",
    "jax",
}


def commands(group=cli.cli, path=()):
    """Every command and group, by the words that reach it."""
    yield path
    if isinstance(group, click.Group):
        for name in group.list_commands(click.Context(group)):
            yield from commands(group.get_command(click.Context(group), name), (*path, name))


@pytest.fixture(scope="module")
def helps():
    """The help of every command, its exit code, and the heavy libraries loaded until then."""
    code = f"""if 1:
        import contextlib, io, json, sys
        from symgen import cli
        for words in {list(commands())!r}:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                code = cli.run([*words, "--help"])
            loaded = sorted({HEAVY!r} & set(sys.modules))
            print(json.dumps([" ".join(words), code, out.getvalue(), loaded]))"""
    text = subprocess.check_output([sys.executable, "-c", code], text=True)
    return {words: found for words, *found in map(json.loads, text.splitlines())}


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_help_is_there_and_loads_nothing_heavy(helps, words):
    code, text, loaded = helps[" ".join(words)]
    assert (code, loaded) == (0, [])
    assert text.startswith("Usage: symgen")


def test_every_option_has_a_variable_named_after_its_flag(monkeypatch):
    seen = []
    for words in commands():
        context, path = click.Context(cli.cli), cli.cli
        for word in words:
            path = path.get_command(context, word)
        for option in path.params:
            if isinstance(option, click.Option) and words:
                flag = next(flag for flag in option.opts if flag.startswith("--"))
                name = "_".join(["SYMGEN", *words, flag[2:]]).upper().replace("-", "_")
                monkeypatch.setenv(name, "x")
                assert option.resolve_envvar_value(click.Context(path)) == "x", name
                monkeypatch.delenv(name)
                seen.append(name)
    assert {
        "SYMGEN_TRAIN_MINUTES",
        "SYMGEN_TRAIN_SET",
        "SYMGEN_TRAIN_FROM",
        "SYMGEN_BENCH_NOTTINGHAM_DATA",
    } < set(seen)


def test_a_bad_option_from_the_environment_names_its_variable(symgen, monkeypatch):
    monkeypatch.setenv("SYMGEN_TRAIN_MINUTES", "many")
    assert "set by SYMGEN_TRAIN_MINUTES" in symgen("train")[2]
    assert "SYMGEN" not in symgen("train", "--minutes", "more")[2]


def test_importing_symgen_is_light_and_its_names_are_there():
    code = (
        f"import sys, symgen; assert not {HEAVY!r} & set(sys.modules); "
        "print(all(hasattr(symgen, n) for n in symgen.__all__))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "True\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["convert", "nowhere"], 1, "nowhere"),
        (["convert", ""], 2, "empty"),
        (["convert", "."], 1, "no music"),
        (["train"], 1, "symgen convert"),
        (["train", "--config", "perf_dynamic"], 2, "perf_dynamics"),
        (["train", "--set", "training.bach=3"], 2, "batch"),
        (["train", "--minutes", "-1"], 2, "minutes"),
        (["train", "--resume"], 1, "no run"),
        (["train", "--resume", "nowhere"], 1, "nowhere"),
        (["train", "--resume", "nowhere", "--set", "training.patience=0"], 2, "--set"),
        (["train", "--from", "nothing.symgen"], 1, "nothing.symgen"),
        (["sample", "--model", "runs/none"], 1, "check the path"),
        (["sample", "--key", "H"], 2, "H"),
        (["sample", "--density", "-1"], 2, "density"),
        (["render", "nothing.mid"], 1, "nothing.mid"),
        (["bundle", "info", "nothing.symgen"], 1, "nothing.symgen"),
        (["corpus", "check", "nowhere"], 1, "nowhere"),
        (["corpus", "fetch", "nosuch"], 2, "nosuch"),
        (["nonsense"], 2, "nonsense"),
        (["train", "--nonsense"], 2, "See symgen train --help"),
        (["sample", "--num", "many"], 2, "--num 'many': expected a whole number"),
        (["convert"], 2, "SOURCE"),
        (["corpus", "nonsense"], 2, "See symgen corpus --help"),
    ],
)
def test_errors_are_one_line_with_the_right_exit_code(symgen, words, code, message):
    found, out, err = symgen(*words)
    assert found == code, err
    assert message in err
    assert out == ""
    assert err.startswith("symgen: ") and len(err.splitlines()) == 1


def test_an_internal_error_with_a_long_message_is_one_line(symgen, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("out of memory\n" + "at some line\n" * 500)

    monkeypatch.setattr("symgen.bundle.bundle.Bundle.open", fail)
    code, _, err = symgen("bundle", "info", "a.symgen")
    assert code == 1
    assert err.startswith("symgen: internal error (RuntimeError: out of memory at some line")
    assert err.endswith("); run again with -v for the traceback\n")
    assert len(err) < 400 and err.count("\n") == 1


def test_an_unexpected_error_shows_its_traceback_with_v(symgen):
    assert "Traceback" in symgen("bundle", "info", "nothing.symgen", "-v")[2]


def test_doctor_lists_what_is_installed(symgen):
    code, out, _ = symgen("doctor", "--json")
    document = json.loads(out)
    assert code == 0
    assert {p["package"]: bool(p["version"]) for p in document["parts"]}["numpy"]
    assert "tensorflow" in document["training on"] or "Keras" in document["training on"]


def test_bundle_info_and_slim(symgen, tiny_bundle, tmp_path):
    code, out, _ = symgen("bundle", "info", tiny_bundle)
    assert code == 0
    assert "Made up (CC0-1.0), synthetic" in out and "lstm 24" in out
    assert json.loads(symgen("bundle", "info", tiny_bundle, "--json")[1])["name"] == "tiny"
    assert symgen("bundle", "slim", tiny_bundle, "-o", "slim.symgen")[0] == 0
    assert (tmp_path / "slim.symgen").stat().st_size < tiny_bundle.stat().st_size
    assert symgen("bundle", "slim", tiny_bundle, "-o", "slim.symgen")[0] == 1


def test_the_three_commands_in_a_row_and_again(symgen, monkeypatch, tmp_path):
    """The commands as written; the environment sets options that make the run and model small.

    The test of the wheel trains the whole model.
    """
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    monkeypatch.setenv("SYMGEN_TRAIN_MINUTES", "0.02")
    monkeypatch.setenv("SYMGEN_TRAIN_SET", 'model.layers=[{cell="lstm",units=48}]')
    monkeypatch.setenv("SYMGEN_SAMPLE_SECONDS", "5")
    monkeypatch.setenv("SYMGEN_SAMPLE_JSON", "1")
    for turn in (1, 2):
        for words in (
            "convert corpora/einaudi",
            "train --config perf_dynamics",
            "sample --key C --density 3",
        ):
            code, out, err = symgen(*words.split())
            assert code == 0, err
            assert out.startswith("{") == words.startswith("sample")
            if words.startswith("convert"):
                assert ("up to date" in out + err) == (turn == 2)
                assert "synthetic" in out + err
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == [
        "perf_dynamics",
        "perf_dynamics-2",
    ]
    assert "units = 48" in (tmp_path / "runs" / "perf_dynamics" / "config.toml").read_text()
    assert len(list((tmp_path / "samples").glob("*.mid"))) == 2


def test_a_run_is_resumed_by_its_name_too(symgen, monkeypatch, tmp_path):
    from symgen import training

    opened = []

    def resume(folder, **options):
        opened.append(folder.as_posix())
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "resume", resume)
    for name in ("here", "runs/there", "runs/last"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "config.toml").touch()
    os.utime(tmp_path / "runs" / "last" / "config.toml", (2e9, 2e9))
    for words in (["there"], ["here"], ["runs/there"], ["nowhere"], []):
        assert symgen("train", "--resume", *words)[0] == 130
    assert opened == ["runs/there", "here", "runs/there", "nowhere", "runs/last"]


def test_a_title_cannot_control_the_terminal(symgen, tmp_path):
    from symgen.notes import notes_of, write
    from symgen.notes.sequence import NoteSequence

    (tmp_path / "tunes").mkdir()
    for i in range(2):
        write(NoteSequence(notes_of([(60 + i, 64, 0, 1)])), tmp_path / "tunes" / f"{i}.mid")
    (tmp_path / "tunes" / "corpus.toml").write_text('title = "evil\\u001b[2J"')
    for command in (["corpus", "stats"], ["corpus", "check"], ["convert", "--workers", "1"]):
        code, out, err = symgen(*command, "tunes")
        assert code == 0, err
        assert "\x1b" not in out + err
    assert r"evil\x1b[2J" in out
