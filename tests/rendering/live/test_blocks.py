"""The player in blocks: late events, limits, and what it keeps."""

import numpy as np
import pytest

from symgen.errors import BadOption, ReadError
from symgen.rendering.soundfont.live import BlockSynth, Sampler
from symgen.rendering.soundfont.live.sampler import Store
from symgen.sampling.engine.event_decoder import StreamEvent

RATE = 16000
BLOCK = RATE // 4


@pytest.fixture(scope="module")
def sampler():
    return Sampler.open(rate=RATE)


@pytest.fixture
def synth(sampler):
    return BlockSynth(sampler, reverb=-200)


def steepest(sound):
    return float(np.abs(np.diff(sound, axis=0)).max())


def level(sound):
    return float(np.sqrt((sound**2).mean()))


def test_a_stream_is_played(synth, sampler):
    synth.take(StreamEvent("on", 0.1, 60, 90))
    synth.take(StreamEvent("off", 0.6, 60, 90))
    other = BlockSynth(sampler, reverb=-200)
    other.note(0.1, 0.6, 60, 90)
    np.testing.assert_array_equal(synth.render(2 * RATE), other.render(2 * RATE))
    assert synth.time == 2.0


def test_a_late_note_begins_with_the_next_block(synth, sampler):
    synth.render(BLOCK)
    synth.on(0.0, 60, 90)
    late = synth.render(BLOCK)
    other = BlockSynth(sampler, reverb=-200)
    other.on(0.0, 60, 90)
    np.testing.assert_array_equal(late, other.render(BLOCK))


def test_a_late_release_lets_go_with_the_next_block(synth):
    synth.on(0.0, 60, 90, program=19)
    synth.render(4 * BLOCK)
    held = level(synth.render(BLOCK))
    synth.off(0.5, 60)
    synth.render(4 * BLOCK)
    assert level(synth.render(BLOCK)) < 0.05 * held
    synth.render(8 * BLOCK)
    assert synth.idle


@pytest.mark.parametrize("program", [0, 19, 48])
@pytest.mark.parametrize("change", ["off", "bend", "volume", "release", "hat"])
def test_a_late_change_does_not_click(sampler, program, change):
    def sound(when):
        synth = BlockSynth(sampler, reverb=-200)
        synth.on(0.0, 60, 90, program=program)
        synth.on(0.0, 67, 40, program=program)
        parts = [synth.render(BLOCK) for _ in range(4)]
        if when == "late":
            {
                "off": lambda: synth.off(0.9, 60),
                "bend": lambda: synth.bend(0.9, 8191),
                "volume": lambda: synth.control(0.9, 7, 10),
                "release": lambda: synth.release(0.9),
                "hat": lambda: synth.note(0.9, 1.1, 46, 1, drum=True),
            }[change]()
        return np.concatenate([*parts, synth.render(BLOCK)])

    border = slice(4 * BLOCK - 2, 4 * BLOCK + 300)
    usual = max(steepest(sound("never")[border]), steepest(sound("never")[3 * BLOCK :]))
    assert steepest(sound("late")[border]) < 1.6 * usual


def test_an_open_hat_is_closed_by_another(synth):
    synth.note(0.0, 2.0, 46, 100, drum=True)
    synth.render(BLOCK)
    ringing = level(synth.render(BLOCK))
    synth.note(0.5, 0.6, 42, 1, drum=True)
    synth.render(BLOCK)
    assert level(synth.render(BLOCK)) < 0.1 * ringing


def test_offs_end_the_notes_in_the_order_of_their_onsets(synth):
    for time in (0.0, 0.5):
        synth.on(time, 60, 90, program=19)
    synth.off(1.0, 60)
    synth.off(9.0, 72)  # of no note
    synth.render(3 * RATE)
    one = synth.sounding
    synth.off(3.0, 60)
    synth.render(8 * RATE)
    assert one > 0
    assert synth.idle


def test_release_lets_keys_and_pedals_go(synth):
    synth.control(0.0, 64, 127)
    synth.on(0.0, 60, 90, program=19)
    synth.note(0.0, 0.1, 64, 90, program=19)
    synth.render(2 * RATE)
    assert synth.sounding
    synth.release(2.0)
    synth.render(6 * RATE)
    assert synth.idle


def test_too_many_voices_lose_the_quietest(sampler):
    synth = BlockSynth(sampler, reverb=-200, most=8)
    free = BlockSynth(sampler, reverb=-200, most=None)
    for player in (synth, free):
        for k in range(40):
            player.on(k * 0.05, 40 + k, 20 + 2 * k, program=19)
    limited, full = synth.render(4 * RATE), free.render(4 * RATE)
    assert synth.sounding <= 8 < free.sounding
    assert steepest(limited) < 1.5 * steepest(full)


def test_what_is_over_is_forgotten(synth):
    for k in range(300):
        synth.control(synth.time, 64, 127 * (k % 2))
        synth.control(synth.time, 7, 60 + k % 60)
        synth.bend(synth.time, k % 100)
        synth.on(synth.time, 40 + k % 40, 80)
        synth.off(synth.time + 0.2, 40 + k % 40)
        synth.render(BLOCK)
    assert synth.sounding < 20
    channel = synth._channels[0]
    assert len(channel.struck) < 20
    assert len(synth._events) < 5
    assert all(len(ramps) < 5 for v in synth._voices for ramps in (*v.levels, v.bends))


def test_a_long_note_keeps_no_history(synth):
    synth.on(0.0, 60, 80, program=19)
    for k in range(400):
        synth.control(synth.time, 11, 60 + k % 60)
        synth.bend(synth.time, k % 100)
        synth.render(BLOCK)
    voice = synth._voices[0]
    assert all(len(ramps) < 5 for ramps in (*voice.levels, voice.bends))
    assert len(voice.flow.raw) < 2 * BLOCK
    assert level(synth.render(BLOCK)) > 0


def test_the_reverb_goes_on_between_blocks(sampler):
    synth = BlockSynth(sampler)
    synth.note(0.0, 0.1, 42, 100, drum=True)
    while not synth.idle:
        synth.render(BLOCK)
    assert level(synth.render(BLOCK)) > 0
    synth.render(RATE)
    assert not synth.render(BLOCK).any()


def test_what_cannot_be_played_is_said_once(font):
    said = []
    sampler = Sampler.open(font({54: 1, 43: 0 | 64 << 8}), RATE, said.append)
    synth = BlockSynth(sampler)
    for _ in range(2):
        synth.note(0.0, 1.0, 100, 80, program=5)
    synth.render(10)
    assert [line.split(" ", 1)[1] for line in said] == [
        "has no program 5; played with program 0 of bank 0",
        "has no sample for pitch 100; not heard",
    ]
    assert list(sampler.messages) == said


def test_bad_values_are_refused_in_one_line(sampler, tmp_path):
    synth = BlockSynth(sampler)
    with pytest.raises(BadOption, match="pitch 128"):
        synth.on(0.0, 128, 80)
    with pytest.raises(BadOption, match="velocity -1"):
        synth.note(0.0, 1.0, 60, -1)
    with pytest.raises(BadOption, match="rate 4000"):
        Sampler.open(rate=4000)
    with pytest.raises(ReadError, match="no such soundfont"):
        Sampler.open(tmp_path / "none.sf2")


def test_the_store_keeps_what_was_used_last():
    store, made = Store(100, len), []

    def get(key, size=40):
        return store.get(key, lambda: made.append(key) or bytes(size))

    for key in "abacab":
        get(key)
    assert made == ["a", "b", "c", "b"]
    assert store.total <= 100
    assert len(get("large", 1000)) == 1000


def test_a_copy_plays_on_as_the_player_does(sampler):
    one = BlockSynth(sampler)
    for i in range(8):
        one.note(i * 0.1, i * 0.1 + 1.5, 50 + i, 60 + i)
    one.control(0.2, 64, 127)
    one.bend(0.3, 1000)
    one.render(11025)
    other = one.copy()
    expected = [one.render(4000) for _ in range(6)]
    assert all(np.array_equal(other.render(4000), block) for block in expected)
    other = one.copy()
    other.release(other.time)
    other.on(other.time, 90, 127)
    last = one.copy()
    other.render(4000)
    assert np.array_equal(one.render(4000), last.render(4000))
