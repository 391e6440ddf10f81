"""Every command and line of Python in the README runs, in order, on little music."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

import symgen
from symgen import cli
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.pretrained import folder, pretrained

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def models(request):
    """The models that ship, or small ones in their place while they are missing."""
    if not all((folder() / model.file).is_file() for model in pretrained.values()):
        request.getfixturevalue("shipped_models")


@pytest.fixture
def home(tmp_path, monkeypatch, models):
    """A folder as a user's: some music of their own, and every training cut to a moment."""
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYMGEN_TRAIN_MINUTES", "0.01")
    monkeypatch.setenv("SYMGEN_QUICK_MINUTES", "0.01")
    for i, name in enumerate(["theme", "one", "two", "three"]):
        rows = [(60 + (7 * k + i) % 24, 40 + (k + i) % 50, k / 4, k / 4 + 0.3) for k in range(120)]
        symgen.write(NoteSequence(notes_of(rows)), f"my-music/{name}.mid")
    Path("tune.abc").write_text(
        "X:1\nT:A tune\nM:6/8\nL:1/8\nK:G\nGAB ABc|ded cBA|GAB ABc|d3 G3|]\n", encoding="utf-8"
    )


def shortened(text):
    return re.sub(r"minutes(.)10", r"minutes\g<1>0.01", text)


@pytest.mark.usefixtures("home")
def test_the_commands_of_the_readme():
    commands = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
    assert len(commands) > 10
    for command in commands:
        program, *words = shlex.split(shortened(command))
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            assert (program, cli.run(words)) == ("symgen", 0), f"{command}\n{said.getvalue()}"


@pytest.mark.usefixtures("home")
def test_the_python_of_the_readme():
    [code] = [text for kind, text in BLOCKS if kind == "python"]
    with pytest.warns(UserWarning, match="synthetic stand-in"):
        exec(shortened(code), {})
    assert Path("song.mid").is_file() and Path("song.wav").is_file()


def test_the_files_and_configs_that_it_names_exist():
    for name in re.findall(r"\]\(([^)h][^)]*)\)", README) + re.findall(
        r"`(symgen/[\w./]+|configs|corpora)`", README
    ):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"--config (\w+)", README):
        assert (ROOT / "configs" / f"{name}.toml").is_file(), name
