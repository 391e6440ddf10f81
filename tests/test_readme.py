"""Every command and every line of Python in the README runs in order, on little music."""

import contextlib
import importlib.util
import io
import re
import shlex
from pathlib import Path

import pytest

import symgen
from symgen import cli
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.pretrained import folder, pretrained
from tests.audio.sound import noise, save

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


SMALL = 'model.layers=[{cell="lstm",units=16}]'
SMALL_SOUND = "--set model.units=8 --set model.hidden=8 --set training.steps=2"
OF_SOUND = ("transcribe clip.wav", "train --config audio_lstm")
"""What the blocks of recordings contain; they run apart, on recordings of notes."""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder as a user's: some music of their own, and every training cut to a moment."""
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYMGEN_TRAIN_MINUTES", "0.01")
    monkeypatch.setenv("SYMGEN_QUICK_MINUTES", "0.01")
    for i, name in enumerate(["theme", "one", "two", "three"]):
        rows = [(60 + (7 * k + i) % 24, 40 + (k + i) % 50, k / 4, k / 4 + 0.3) for k in range(120)]
        symgen.write(NoteSequence(notes_of(rows)), f"my-music/{name}.mid")
    for name in ("tape.flac", "side/b.wav"):
        (path := Path("recordings") / name).parent.mkdir(parents=True, exist_ok=True)
        save(path, noise(12.0))
    Path("tune.abc").write_text(
        "X:1\nT:A tune\nM:6/8\nL:1/8\nK:G\nGAB ABc|ded cBA|GAB ABc|d3 G3|]\n", encoding="utf-8"
    )


def shortened(text):
    """Train for a moment on a network of 16 units, and sample 12 seconds."""
    text = re.sub(r"(--seconds |\bseconds=)(30|60|120|[23]:00)\b", r"\g<1>12", text)
    text = re.sub(r"train --config audio\w+", rf"\g<0> {SMALL_SOUND}", text)
    text = re.sub(r"train --config (?!ngram|audio)\w+", rf"\g<0> --set '{SMALL}'", text)
    text = re.sub(r"--minutes [13]0\b", "--minutes 0.01", text)
    return text.replace("minutes=10", f"minutes=0.01, overrides=['{SMALL}']")


def commands(*blocks):
    """Return the commands of the README's blocks that contain one of these texts, or of all."""
    texts = [text for kind, text in BLOCKS if kind == "sh"]
    chosen = [text for text in texts if not blocks or any(word in text for word in blocks)]
    return [line for text in chosen for line in text.splitlines()]


def run(lines):
    for command in lines:
        program, *words = shlex.split(shortened(command))
        messages = io.StringIO()
        with contextlib.redirect_stderr(messages):
            found = (program, cli.run(words))
        assert found == ("symgen", 0), f"{command}\n{messages.getvalue()}"


@pytest.mark.slow
@pytest.mark.usefixtures("home", "shipped_models")
def test_the_commands_of_the_readme():
    chosen = [line for line in commands() if line not in commands(*OF_SOUND)]
    assert len(chosen) > 10
    run(chosen)


@pytest.mark.slow
@pytest.mark.usefixtures("home", "shipped_models")
@pytest.mark.parametrize("block", OF_SOUND)
def test_the_commands_of_recordings(block):
    """They are heard by the network of another package, which `make setup` installs."""
    if block == OF_SOUND[0] and importlib.util.find_spec("basic_pitch") is None:
        pytest.skip("basic-pitch is not installed")
    theme = symgen.read("my-music/theme.mid").notes
    for i, name in enumerate(["clip.wav", "my-songs/one.wav", "my-songs/two.wav"]):
        Path(name).parent.mkdir(exist_ok=True)
        tune = NoteSequence(theme[12 * i : 12 * i + 24])
        symgen.render(tune.replace(notes=shifted(tune.notes)), name, synth="soundfont")
    assert len(commands(block)) > 2
    run(commands(block))


def shifted(notes):
    """Return notes that begin at 0."""
    notes = notes.copy()
    notes["end_time"] -= notes["start_time"][0]
    notes["start_time"] -= notes["start_time"][0]
    return notes


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_the_commands_that_use_the_models_that_ship():
    """Those of the first minute and of fine-tuning, with the models themselves."""
    if not all((folder() / model.file).is_file() for model in pretrained.values()):
        pytest.skip("the models that ship are missing")
    chosen = commands("sample --render", "train --from piano")
    assert len(chosen) > 4
    run(chosen)


@pytest.mark.slow
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
        assert name.startswith("#") or (ROOT / name).exists(), name
    for name in re.findall(r"--config (\w+)", README):
        assert (ROOT / "configs" / f"{name}.toml").is_file(), name
