"""Every script under examples/ is run by a test; here are those that no other test runs."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symgen
from symgen import cli
from symgen.pretrained import folder, pretrained
from tests.audio.sound import RATE, noise, save

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "player.py",
    "table_player.py",
    "compose_standin.py",
    "read_with_tensorflow.py",
    "read_with_torch.py",
}
HERE = {"demo.py", "read_sound.py", "recordings.py", "ten_lines.py"}


def test_every_example_has_its_test():
    assert {p.name for p in (ROOT / "examples").glob("*.py")} == ELSEWHERE | HERE
    text = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py"))
    assert all(name in text or name.removesuffix(".py") in text for name in ELSEWHERE)


def loaded(script):
    """Return a script as a module, without running it."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_ten_lines(tmp_path, monkeypatch, capsys):
    """On three of the example pieces."""
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    monkeypatch.chdir(tmp_path)
    music = tmp_path / "music"
    music.mkdir()
    for path in sorted((ROOT / "corpora" / "einaudi" / "standin").glob("*.mid"))[:3]:
        shutil.copy(path, music)
    ten_lines = loaded(ROOT / "examples" / "ten_lines.py")
    ten_lines.main(music, config="perf_dynamics_small", minutes=0.01, seconds=5)
    assert capsys.readouterr().out.count("notes\n") == 3
    assert (tmp_path / "song.wav").stat().st_size > 100_000


def test_recordings(tmp_path, capsys):
    gap = np.zeros(RATE, np.float32)
    mix = np.concatenate([noise(10.0), gap, noise(8.0, peak=0.05)])
    path = save(tmp_path / "mix.flac", mix)
    loaded(ROOT / "examples" / "recordings.py").main([str(path), "--longest", "12"])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("mix.flac#1: 11 s, -") and second.startswith("mix.flac#2: 8 s, -")
    assert first.endswith("LUFS, None")


def test_sound_is_read_with_numpy_alone(tmp_path, capsys):
    soundfile = pytest.importorskip("soundfile")
    (tmp_path / "in").mkdir()
    tone = np.sin(2 * np.pi * 100 * np.arange(16_000) / 8000) / 2
    for name in ("a", "b", "c", "d"):
        soundfile.write(tmp_path / "in" / f"{name}.wav", tone, 8000, "FLOAT")
        tone = tone * 0.9
    symgen.convert(tmp_path / "in", "mu_law", tmp_path / "data", workers=1)
    script = loaded(ROOT / "examples" / "read_sound.py")
    script.main(tmp_path / "data", str(tmp_path / "crop.wav"))
    assert capsys.readouterr().out.endswith("crop.wav: 2 s at 8000 Hz\n")
    found, _ = soundfile.read(tmp_path / "crop.wav")
    assert len(found) == 16_000 and 0.3 < np.abs(found).max() < 0.51
    assert np.corrcoef(found, np.sin(2 * np.pi * 100 * np.arange(16_000) / 8000))[0, 1] > 0.999


@pytest.mark.slow  # a faster test runs the demo with small models
def test_the_demo(tmp_path):
    """The script runs in a copy of its folder, so that the checkout stays clean."""
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    script = surroundings(tmp_path)
    env = {**os.environ, "SYMGEN_DEMO_MINUTES": "0.02"}
    done = subprocess.run(
        [sys.executable, str(script)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    named = [line.strip() for line in done.stdout.splitlines() if line.startswith("  /")]
    assert all(Path(path).stat().st_size > 100 for path in named)
    assert len([path for path in named if path.endswith(".wav")]) >= 2
    whole = all((folder() / model.file).is_file() for model in pretrained.values())
    assert whole != ("***" in done.stdout)


def surroundings(folder):
    """Copy the demo to a folder where it finds the corpora and nothing else."""
    (folder / "examples").mkdir()
    (folder / "corpora").symlink_to(ROOT / "corpora")
    script = folder / "examples" / "demo.py"
    script.write_bytes((ROOT / "examples" / "demo.py").read_bytes())
    return script


@pytest.mark.parametrize("keras", [True, False])
def test_the_demo_of_the_models_that_ship(tmp_path, monkeypatch, capsys, shipped_models, keras):
    """In this process, with small models; without Keras nothing is trained."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYMGEN_DEMO_MINUTES", "0.005")
    demo, commands = loaded(surroundings(tmp_path)), []

    def run(*arguments):
        commands.append(arguments[0])
        assert cli.run(arguments) == 0

    monkeypatch.setattr(demo, "run", run)
    monkeypatch.setattr(demo, "find_spec", lambda name: keras or name != "keras")
    demo.main()
    files = {path.name for path in (tmp_path / "demo").iterdir()}
    assert {"piano.mid", "piano.wav", "piano.png", "jig.abc", "jig.wav"} <= files
    assert ("train" in commands) == ("after.wav" in files) == keras
    assert ("Keras is not installed" in capsys.readouterr().out) != keras
