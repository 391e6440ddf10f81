"""SIGTERM and SIGINT end every command with one line, and nothing is left: no worker, no file."""

import os
import signal
import subprocess
import sys
import time
import wave

import pytest

from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of
from tests.faults.scene import ENV, hidden, music, one_line, started, until, working_in

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks into /proc")

SLOW = """
import sys, time
import symgen.{module} as module
def slow(*arguments, **options):
    open("ready", "w").close()
    time.sleep(60)
module.{name} = slow
from symgen import cli
cli.main({words!r})
"""
COMMANDS = {
    "sample": ("sampling.generate", "draw", ["sample", "piano", "-n", "1"]),
    "render": ("rendering.audio", "_write", ["render", "song.mid", "--synth", "soundfont"]),
    "evaluate": (
        "evaluation.statistics.compare",
        "measure",
        ["evaluate", "music", "--against", "music"],
    ),
    "fetch": ("corpus.fetching.download", "_resume", ["corpus", "fetch", "nottingham"]),
    "train": ("training.ngram_run", "run", ["train", "music", "--config", "ngram"]),
    "quick": ("quickstart", "build", ["quick", "music"]),
    "notate": ("notes", "write", ["notate", "song.mid", "-o", "song.abc"]),
    "check": ("corpus.check", "check", ["corpus", "check", "music"]),
    "stats": ("evaluation.corpus_survey", "survey", ["corpus", "stats", "music", "-o", "s.html"]),
    "ship": ("bundle.shipping", "ship", ["bundle", "ship", "piano", "-o", "song.symgen"]),
    "card": ("bundle.card", "card", ["bundle", "card", "piano", "-o", "song.md"]),
    "play": ("rendering.playing", "MiniaudioCard", ["play", "song.mid"]),
    "tune": ("dataset.of", "dataset_of", ["bundle", "tune", "piano", "-o", "song.symgen"]),
    "bench": ("cli.bench", "_models", ["bench", "nottingham"]),
    "practice": ("practice", "sheet", ["practice"]),
    "transcribe": ("audio.transcription.batch", "run", ["transcribe", "heard.wav", "-o", "song"]),
    "serve": ("serve.run", "warm", ["serve", "--model", "piano", "--port", "0"]),
}
PLAYING = """
import symgen.rendering.playing as playing
class Card:
    def __init__(self, rate):
        pass
    def start(self, take):
        take(100)
        open("ready", "w").close()
    def close(self):
        open("closed", "w").close()
playing.MiniaudioCard = Card
from symgen import cli
cli.main(["play", "song.mid"])
"""
ENDS = {signal.SIGTERM: (143, "symgen: terminated"), signal.SIGINT: (0, "")}
"""Of commands that go on until they are told to stop: so Ctrl-C is no error."""
FAST = ("fetch", "render")


@pytest.fixture
def folder(tmp_path):
    music(tmp_path / "music", 4)
    write(NoteSequence(notes_of([(60, 80, 0.0, 1.0)])), tmp_path / "song.mid")
    with wave.open(str(tmp_path / "heard.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    return tmp_path


def slowed(folder, name):
    """Start a command that stands still in the middle, and wait until it does."""
    module, function, words = COMMANDS[name]
    return running(folder, SLOW.format(module=module, name=function, words=words))


def running(folder, code):
    """Start a program in `folder`, and wait until it says that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env=ENV,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert until(lambda: (folder / "ready").exists() or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    return process


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in FAST else pytest.mark.slow) for n in COMMANDS]
)
@pytest.mark.parametrize(
    ("number", "code", "message"),
    [(signal.SIGTERM, 143, "terminated"), (signal.SIGINT, 130, "interrupted")],
)
def test_a_signal_ends_a_command(folder, name, number, code, message):
    process = slowed(folder, name)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, one_line(err)) == (code, message)
    assert hidden(folder) == []
    assert sorted(path.name for path in folder.glob("s*")) == ["song.mid"]


@pytest.mark.slow
@pytest.mark.parametrize("number", ENDS)
def test_a_signal_ends_what_is_heard(folder, number):
    process = running(folder, PLAYING)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    code, line = ENDS[number]
    assert process.returncode == code, err
    assert line in err and "Traceback" not in err
    assert ("s played" in out) == (number == signal.SIGINT)
    assert (folder / "closed").exists()


@pytest.mark.slow
@pytest.mark.parametrize("number", ENDS)
def test_a_signal_ends_a_server(folder, number):
    process = started(folder, "serve", "--model", "piano", "--port", 0)
    lines = iter(process.stderr.readline, "")
    assert any(line.startswith("open http://") for line in lines)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    code, line = ENDS[number]
    assert process.returncode == code, err
    assert line in err and "Traceback" not in err
    assert hidden(folder) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_command(tmp_path, number):
    music(tmp_path / "music", 300)
    words = ("convert", "music", "-o", "set", "--encoding", "performance", "--workers", 2)
    process = started(tmp_path, *words)
    assert until(lambda: sum("spawn_main" in line for line in working_in(tmp_path)) == 2)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)  # the pipes are closed, so no one holds them
    assert process.returncode == (143 if number == signal.SIGTERM else -signal.SIGKILL)
    assert until(lambda: working_in(tmp_path) == [], 10)
    if number == signal.SIGTERM:
        assert one_line(err) == "terminated"
        assert hidden(tmp_path) == []
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_fluidsynth_ends_with_its_command(folder, number, monkeypatch):
    program = folder / "bin" / "fluidsynth"
    program.parent.mkdir()
    lines = ("import time", "open('ready', 'w').close()", "time.sleep(60)")
    program.write_text("\n".join([f"#!{sys.executable}", *lines]))
    program.chmod(0o755)
    monkeypatch.setitem(ENV, "PATH", str(program.parent))
    monkeypatch.setitem(ENV, "TMPDIR", str(folder))
    process = started(folder, "render", "song.mid", "--synth", "fluidsynth")
    assert until((folder / "ready").exists)
    process.send_signal(number)
    process.communicate(timeout=20)
    assert until(lambda: working_in(folder) == [], 10)
    assert until(lambda: not list(folder.glob("tmp*")), 5)
    assert not (folder / "song.wav").exists()


def test_a_signal_that_is_ignored_stays_ignored(folder):
    """As under `nohup` or `trap '' TERM`."""
    process = started(
        folder,
        "convert",
        "music",
        "-o",
        "set",
        "--workers",
        1,
        preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    )
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
