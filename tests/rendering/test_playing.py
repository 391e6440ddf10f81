"""Playing on a sound card, with one of our own that keeps what it is given."""

import enum
import os
import sys
import threading
import time
import types

import numpy as np
import pytest

from symgen.errors import DataError, MissingExtra
from symgen.rendering import playing
from symgen.rendering.playing import Buffer, MiniaudioCard, play

RATE = 8000


class FakeCard:
    """Asks for frames in a thread of its own, faster than a real one."""

    def __init__(self, frames=400, pause=0.001):
        self.frames, self.pause, self.heard = frames, pause, []
        self.closed = threading.Event()

    def start(self, take):
        self.thread = threading.Thread(target=self._run, args=(take,), daemon=True)
        self.thread.start()

    def _run(self, take):
        while not self.closed.is_set():
            self.heard.append(take(self.frames))
            time.sleep(self.pause)

    def close(self):
        self.closed.set()

    def sound(self):
        self.thread.join(5)
        return np.concatenate(self.heard)


def blocks(count, frames=1000):
    for k in range(count):
        yield np.full((frames, 2), (k + 1) / 100, np.float32)


def test_every_frame_is_heard_once_and_in_order():
    card = FakeCard(pause=0.01)  # five times as fast as music
    heard, missed = play(blocks(30), RATE, card)
    sound = card.sound()[:, 0]
    assert (heard, missed) == (30_000 / RATE, 0)
    expected = np.repeat(np.arange(1, 31, dtype=np.float32) / 100, 1000)
    np.testing.assert_allclose(sound[: np.count_nonzero(sound)], expected)
    assert card.closed.is_set()


def test_an_endless_stream_is_made_only_a_little_ahead():
    made = []

    def endless():
        while True:
            made.append(1)
            if len(made) > 40:
                raise KeyboardInterrupt  # Ctrl-C
            yield np.full((1000, 2), 0.5, np.float32)

    card = FakeCard(pause=0.01)
    heard, _ = play(endless(), RATE, card)
    sound = card.sound()
    assert 0 < heard <= 40_000 / RATE
    assert 40_000 / RATE - heard < playing.AHEAD + 0.5
    assert not sound[-1].any()
    assert np.abs(np.diff(sound[:, 0])).max() < 0.02  # it fades; the first frame is no step


def test_what_comes_too_late_is_counted():
    def slow():
        yield from blocks(2, round(playing.AHEAD * RATE))
        time.sleep(0.3)
        yield from blocks(1)

    heard, missed = play(slow(), RATE, FakeCard(frames=2000))
    assert heard == pytest.approx(2 * playing.AHEAD + 1000 / RATE)
    assert missed > 0


def test_the_card_is_closed_when_the_music_fails():
    def broken():
        yield from blocks(1)
        raise RuntimeError("stop")

    card = FakeCard()
    with pytest.raises(RuntimeError, match="stop"):
        play(broken(), RATE, card)
    assert card.closed.is_set()


def test_progress_is_told():
    seen = []
    play(blocks(20), RATE, FakeCard(), seen.append)
    assert seen == sorted(seen)
    assert seen[-1] <= 2.5


def test_frames_are_cut_as_the_card_asks():
    buffer = Buffer(RATE)
    for block in blocks(3, 10):
        buffer.put(block)
    assert buffer.seconds == 30 / RATE
    assert [round(100 * float(buffer.take(7)[0, 0])) for _ in range(4)] == [1, 1, 2, 3]
    assert buffer.take(7)[:, 0].tolist() == pytest.approx([0.03, 0.03, 0, 0, 0, 0, 0])
    assert (buffer.heard, buffer.missed, buffer.seconds) == (30, 5, 0)


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    with pytest.raises(MissingExtra, match=r"pip install 'symgen\[play\]'"):
        MiniaudioCard(RATE)


def test_no_card_is_one_line_and_what_the_system_prints_is_not_seen(monkeypatch, capfd):
    class MiniaudioError(Exception):
        pass

    def device(*arguments, **options):
        os.write(2, b"ALSA lib: cannot find card\n")
        raise MiniaudioError("failed to init device", -401)

    fake = types.SimpleNamespace(
        MiniaudioError=MiniaudioError,
        PlaybackDevice=device,
        SampleFormat=types.SimpleNamespace(FLOAT32=5),
        Backend=enum.Enum("Backend", ["NULL", "ALSA"]),
    )
    monkeypatch.setitem(sys.modules, "miniaudio", fake)
    with pytest.raises(DataError, match=r"^no sound card [^\n]*symgen render[^\n]*$"):
        MiniaudioCard(RATE)
    assert capfd.readouterr().err == ""
    os.write(2, b"back\n")
    assert capfd.readouterr().err == "back\n"


def test_the_package_plays_to_its_silent_device():
    miniaudio = pytest.importorskip("miniaudio", reason="the extra `play` is not installed")
    card = MiniaudioCard(RATE, [miniaudio.Backend.NULL])
    assert play(blocks(4), RATE, card)[0] == 4000 / RATE
