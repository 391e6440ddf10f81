"""What is measured of sound whose right answer is known."""

import json

import numpy as np
import pytest

from symgen.audio.measures import Measures, measures
from symgen.audio.measures.loudness import Loudness, coefficients
from tests.audio.sound import noise, tone

RATE = 22_050


def measured(sound, rate=RATE, names=tuple(measures), block=7_919):
    """Measure sound [frames] or [frames, channels] that comes in blocks of an odd length."""
    sound = sound[:, None] if sound.ndim == 1 else sound
    some = Measures(rate, sound.shape[1], names)
    for _ in some.feed(sound[i : i + block] for i in range(0, len(sound), block)):
        pass
    return some.result()


def chords(*pitches, seconds=2.0, rate=RATE):
    """Return chords, each a set of MIDI pitches with four harmonics."""
    time = np.arange(round(seconds * rate)) / rate
    parts = [
        sum(
            np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * h * time) / h
            for p in chord
            for h in (1, 2, 3, 4)
        )
        for chord in pitches
    ]
    return np.concatenate(parts).astype(np.float32) / 20


def clicks(beats, seconds=24.0, rate=RATE):
    sound = 0.001 * noise(seconds, rate)
    click = noise(0.05, rate) * np.exp(-np.arange(round(0.05 * rate)) / 200)
    for at in np.arange(0, seconds - 0.1, 60 / beats):
        begin = round(at * rate)
        sound[begin : begin + len(click)] += click
    return sound


def test_the_filters_are_those_of_the_standard_at_48_khz():
    (shelf, first), (passed, second) = coefficients(48_000)
    assert shelf == pytest.approx([1.53512485958697, -2.69169618940638, 1.19839281085285])
    assert first == pytest.approx([1.0, -1.69065929318241, 0.73248077421585])
    assert passed.tolist() == [1.0, -2.0, 1.0]
    assert second == pytest.approx([1.0, -1.99004745483398, 0.99007225036621])


@pytest.mark.parametrize("rate", [11_025, 44_100, 48_000])
def test_loudness_of_a_sine(rate):
    """997 Hz at full scale in one channel has -3.01 LUFS (the standard, annex 1)."""
    sound = tone(5.0, rate, 997.0, 1.0)
    assert measured(sound, rate, ["loudness"])["lufs"] == pytest.approx(-3.01, abs=0.06)
    both = np.stack([sound, sound], 1) / 10
    assert measured(both, rate, ["loudness"])["lufs"] == pytest.approx(-20, abs=0.06)


def test_loudness_leaves_out_what_is_soft():
    loud = tone(6.0, 48_000, 997.0, 0.1)
    quiet = np.concatenate([loud, loud * 0.001, 0 * loud, loud * 0.2])
    alone = measured(loud, 48_000, ["loudness"])["lufs"]
    assert alone == pytest.approx(-23.01, abs=0.05)
    assert measured(quiet, 48_000, ["loudness"])["lufs"] == pytest.approx(alone, abs=0.2)
    for nothing in (loud[:10_000], 0 * loud):
        assert measured(nothing, 48_000, ["loudness"])["lufs"] is None


def test_loudness_does_not_depend_on_the_blocks():
    sound = np.stack([noise(3.0), noise(3.0, seed=1) * 0.3], 1) * np.linspace(0, 1, 48_000)[:, None]
    found = []
    for block in (1000, 7919, 48_000):
        meter = Loudness(16_000, 2)
        for i in range(0, len(sound), block):
            meter.feed(sound[i : i + block].astype(np.float32))
        found.append(meter.integrated())
    assert found == pytest.approx([found[0]] * 3, abs=1e-4)


def test_levels_silence_and_clipping():
    gap = np.zeros(RATE, np.float32)
    sound = np.concatenate([gap, tone(2.0, RATE, peak=0.5), gap])
    found = measured(sound, names=["level"])
    assert found["seconds"] == 4.0 and found["peak"] == pytest.approx(-6.02, abs=0.01)
    assert found["rms"] == pytest.approx(-12.04, abs=0.05)
    assert found["silence"] == pytest.approx(0.5, abs=0.02)
    assert (found["lead"], found["tail"]) == pytest.approx((1, 1), abs=0.06)
    assert found["clipped"] == 0 and not found["same"] and found["offset"] == 0
    hard = np.clip(tone(1.0, RATE, 100.0, 2.0), -1, 1)
    assert measured(hard, names=["level"])["clipped"] == 200  # both halves of 100 waves
    assert measured(hard, names=["level"], block=13)["clipped"] == 200
    both = measured(np.stack([hard, hard], 1) + 0.1, names=["level"])
    assert both["same"] and both["offset"] == pytest.approx(0.1, abs=0.001)
    silent = measured(0 * sound)
    assert silent["peak"] is None and silent["silence"] == 1 and silent["key"] is None
    assert silent["tempo"] is None and silent["centre"] is None


def test_the_spectrum_of_a_sine_and_of_noise():
    found = measured(tone(3.0, RATE, 1000.0, 1.0), names=["spectrum"])
    assert found["octaves"]["1000"] == pytest.approx(-3.01, abs=0.1)
    assert found["octaves"]["250"] < -60 and found["centre"] == pytest.approx(1000, abs=10)
    wide = measured(noise(3.0, RATE), names=["spectrum"])
    assert wide["octaves"]["4000"] - wide["octaves"]["1000"] == pytest.approx(6, abs=1)
    assert wide["edge"] > 10_000


@pytest.mark.parametrize("beats", [66, 100, 120, 174])
def test_the_tempo_of_clicks(beats):
    found = measured(clicks(beats), names=["tempo"])
    assert found["tempo"] == pytest.approx(beats, rel=0.01) and found["pulse"] > 0.5


@pytest.mark.parametrize(
    ("name", "shift"), [("C major", 0), ("Eb major", 3), ("B major", 11), ("C minor", None)]
)
def test_the_key_of_chords(name, shift):
    major = [(60, 64, 67), (65, 69, 72), (67, 71, 74), (60, 64, 67, 72)]
    minor = [(60, 63, 67), (65, 68, 72), (67, 71, 74), (60, 63, 67, 72)]
    cadence = minor if shift is None else [tuple(p + shift for p in c) for c in major]
    found = measured(chords(*cadence), names=["key"])
    assert found["key"] == name and found["tuning"] == pytest.approx(440, abs=2)
    detuned = measured(chords(*cadence), rate=round(RATE * 432 / 440), names=["key"])
    assert detuned["key"] == name and detuned["tuning"] == pytest.approx(432, abs=2)


def test_noise_has_no_key():
    assert measured(noise(5.0, RATE), names=["key"])["key"] is None


@pytest.mark.parametrize("name", measures)
def test_every_measure_is_one(name):
    """Figures of JSON types that do not depend on the blocks, also of nothing and of silence."""
    sound = np.concatenate([noise(3.0, RATE), tone(3.0, RATE)])
    some, others = (measured(sound, names=[name], block=block) for block in (1_000, 50_000))
    assert json.loads(json.dumps(some)) == some and some.keys() == others.keys()
    for key, value in some.items():
        same = value if value is None else pytest.approx(value, rel=1e-3, abs=1e-3)
        assert others[key] == same, key
    for nothing in (np.zeros((0, 2), np.float32), np.zeros((9_000, 2), np.float32)):
        assert measured(nothing, names=[name]).keys() == some.keys()
