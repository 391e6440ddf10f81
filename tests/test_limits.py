"""Limits, the watch over time, and files that are none."""

import os
import signal
import threading
import time

import pytest

import symgen
from symgen import regular
from symgen.cli import run
from symgen.corpus import load, open_corpus
from symgen.errors import BadOption, ReadError
from symgen.limits import Limits, current, parse, using
from symgen.notes import notes_of, write
from symgen.notes.sequence import NoteSequence
from symgen.watch import TooSlow, within


@pytest.fixture
def five(tmp_path):
    notes = notes_of([(60 + i, 80, i, i + 1.0) for i in range(5)])
    return write(NoteSequence(notes), tmp_path / "five.mid")


def test_a_limit_is_named_and_can_be_set(five):
    assert len(symgen.read(five)) == 5
    with pytest.raises(ReadError) as caught:
        symgen.read(five, limits=Limits(notes=4))
    assert str(caught.value) == (
        f"{five}: 5 notes with repeats, over the limit of 4; split it or leave it out, "
        "or raise the limit notes if you trust it"
    )


@pytest.mark.parametrize("limit", ["events", "tracks", "music", "bytes"])
def test_each_limit_of_midi(five, limit):
    with pytest.raises(ReadError, match="limit"):
        symgen.read(five, limits=parse([f"{limit}=1"]))


def test_limits_hold_inside_alone(five):
    with using(Limits(notes=4)):
        assert current().notes == 4
        with pytest.raises(ReadError):
            symgen.read(five)
    assert current() == Limits() and len(symgen.read(five)) == 5


def test_limits_are_read_from_text():
    assert parse(["notes=2_000_000", "seconds=0.5"]) == Limits(notes=2_000_000, seconds=0.5)
    assert parse(["music=1e5"]).changed() == {"music": 1e5}
    for text, message in (
        ("notes", "expected NAME=NUMBER"),
        ("note=1", "Did you mean 'notes'"),
        ("notes=many", "is no number"),
        ("notes=0", "limit notes = 0: expected a whole number from 1"),
        ("notes=1.5", "limit notes = 1.5: expected a whole number"),
        ("seconds=nan", "limit seconds = nan: expected a number"),
    ):
        with pytest.raises(BadOption, match=message):
            parse([text])


def test_a_command_takes_limits(five, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["corpus", "check", "five.mid", "--limit", "notes=4"]) == 1
    assert "over the limit of 4" in capsys.readouterr().out
    assert run(["corpus", "stats", "five.mid", "--limit", "notes=4"]) == 1
    assert run(["convert", "five.mid", "--limit", "notes=4", "--encoding", "performance"]) == 1
    assert "over the limit of 4" in capsys.readouterr().err


def spin():
    while True:
        pass


def test_what_takes_too_long_is_interrupted_and_the_clock_is_put_away():
    with pytest.raises(TooSlow), within(0.1):
        spin()
    assert signal.getsignal(signal.SIGPROF) == signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_waiting_costs_no_time():
    with within(0.1):
        time.sleep(0.3)


def test_another_thread_is_not_watched():
    ran = []

    def work():
        with within(0.01):
            ran.append(sum(range(1_000_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran


def test_a_slow_file_is_refused_by_name_and_the_others_are_read(five, tmp_path, monkeypatch):
    from symgen.notes.midi.reader import MidiReader

    write(symgen.read(five), tmp_path / "slow.mid")
    read = MidiReader.read

    def slow(reader, data, name):
        return spin() if name.endswith("slow.mid") else read(reader, data, name)

    monkeypatch.setattr(MidiReader, "read", slow)
    with using(Limits(seconds=0.1)):
        first, second = open_corpus(tmp_path).entries()
    assert len(load(first)[0].sequence) == 5
    with pytest.raises(ReadError, match=r"slow\.mid: more than the limit of 0\.1 seconds"):
        load(second)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_and_devices_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        with pytest.raises(OSError, match=r"not a regular file|Is a directory"):
            regular.contents(path, 100)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize(
    "command",
    [
        ["convert", "five.mid", "--config", "pipe.toml"],
        ["sample", "--controls", "pipe.toml"],
        ["sample", "--primer", "pipe.mid"],
        ["render", "pipe.mid"],
        ["render", "five.mid", "--synth", "soundfont", "--soundfont", "pipe.sf2"],
    ],
)
def test_a_pipe_named_by_the_user_is_one_line(five, tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    for suffix in ("toml", "mid", "sf2"):
        os.mkfifo(f"pipe.{suffix}")
    assert run(command) in (1, 2)
    *_, line = capsys.readouterr().err.strip().splitlines()
    assert "pipe." in line and "not a regular file" in line
