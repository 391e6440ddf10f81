"""Shell completion: answers to half-typed lines, and the protocol in a process of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from symgen import cli

ROOT = Path(__file__).parents[2]


def program(folder, instruction, *words, **variables):
    """Run `symgen` with the variable in which a shell asks; return its output."""
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "_SYMGEN_COMPLETE": instruction,
        "COMP_WORDS": "\n".join(words),
        "COMP_CWORD": str(len(words) - 1),
        **variables,
    }
    code = "from symgen.cli import main; main([])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def completed(tmp_path, monkeypatch, capsys):
    """Return the completions that bash is given for the last of some words, in this process."""
    monkeypatch.chdir(tmp_path)

    def answer(*words):
        monkeypatch.setenv("COMP_WORDS", "\n".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        assert cli.complete("bash_complete") == 0
        lines = capsys.readouterr().out.splitlines()
        return [line.split(",", 1)[1] for line in lines if line.startswith("plain,")]

    return answer


def test_commands_and_options_are_completed(completed):
    assert completed("symgen", "co") == ["convert", "corpus", "completion"]
    assert completed("symgen", "bundle", "s") == ["ship", "slim"]
    options = completed("symgen", "sample", "--p")
    assert {"--precision", "--primer", "--primer-seconds", "--polyphony"} <= set(options)
    assert completed("symgen", "sample", "--wa") == [], "an old name is not offered"
    assert completed("symgen", "render", "--format", "") == [
        "wav",
        "flac",
        "ogg",
        "mp3",
        "png",
    ]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["sample", "--model", "p"], ["piano"]),
        (["sample", "fo"], ["folk"]),
        (["bundle", "info", "pi"], ["piano"]),
        (["train", "--from", "f"], ["folk"]),
        (["train", "--config", "ng"], ["ngram"]),
        (["convert", "eina"], ["einaudi"]),
        (["corpus", "fetch", "mae"], ["maestro"]),
        (["convert", "--encoding", "mel"], ["melody_chords"]),
        (["render", "--synth", "sound"], ["soundfont"]),
        (["evaluate", "--metrics", "pitch_range,velocity_m"], ["pitch_range,velocity_mean"]),
        (["evaluate", "--parts", "li"], ["likelihood"]),
    ],
)
def test_names_are_completed(completed, words, names):
    assert completed("symgen", *words) == names


def test_runs_and_files_stand_beside_names(tmp_path, completed):
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    (tmp_path / "runs" / "mine" / "best.symgen").touch()
    (tmp_path / "pieces").mkdir()
    (tmp_path / "pilot.symgen").touch()
    assert completed("symgen", "sample", "--model", "runs/m") == ["runs/mine"]
    assert completed("symgen", "sample", "pi") == ["piano", "pieces/", "pilot.symgen"]
    assert program(tmp_path, "bash_complete", "symgen", "render", "so") == "file,so\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_printed_by_the_command_too(symgen, tmp_path, shell):
    script = program(tmp_path, f"{shell}_source")
    assert f"_SYMGEN_COMPLETE={shell}_complete" in script
    code, out, _ = symgen("completion", shell)
    assert (code, out.strip()) == (0, script.strip())


def test_the_shell_in_use_is_the_default(symgen, monkeypatch):
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "function _symgen_completion" in symgen("completion")[1]
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    code, _, err = symgen("completion")
    assert code == 2 and "bash, zsh or fish" in err


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_itself_completes_a_line(tmp_path):
    """The script is loaded by bash, and its function called as bash calls it for Tab."""
    (tmp_path / "symgen").write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "from symgen.cli import main; main()" "$@"\n'
    )
    (tmp_path / "symgen").chmod(0o755)
    (tmp_path / "script").write_text(program(tmp_path, "bash_source"))
    lines = (
        "source ./script",
        "COMP_WORDS=(symgen trai)",
        "COMP_CWORD=1",
        "_symgen_completion symgen",
        'echo "${COMPREPLY[@]}"',
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(lines)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "train\n", done.stderr


def test_completion_loads_nothing_heavy(tmp_path):
    code = (
        "import sys; from symgen import cli; cli.complete('bash_complete'); "
        "heavy = {'numpy', 'keras', 'onnxruntime', 'rich'} & set(sys.modules); "
        "print(sorted(heavy), file=sys.stderr)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COMP_WORDS": "symgen\nsa", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("plain,sample\n", "[]\n")
