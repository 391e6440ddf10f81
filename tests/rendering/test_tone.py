"""Tones: pitch, purity, loops and the filter, on samples whose right answer is known."""

import numpy as np
import pytest

from symgen.rendering.soundfont import region as r
from symgen.rendering.soundfont import sf2, zones
from symgen.rendering.soundfont.tone import Voicebox, denser, frames, lowpass
from tests.rendering.font import RATE, sine


def voicebox(path, rate=RATE, reach=10 * RATE):
    font = sf2.read(path)
    return Voicebox(font, zones.regions(font, 0)[0], rate, reach)


@pytest.mark.parametrize(
    ("key", "hertz"), [(69, 440.0), (60, 261.626), (45, 110.0), (84, 1046.50), (100, 2637.02)]
)
def test_the_pitch_is_the_key(font, fundamental, key, hertz):
    tone = voicebox(font()).tone(key, r.OPEN, 0, RATE, 0)
    assert 1200 * abs(np.log2(fundamental(tone) / hertz)) < 1


def test_the_rate_of_the_sound_does_not_change_the_pitch(font, fundamental):
    tone = voicebox(font(data=sine(1, rate=32000), rate=32000), 48000).tone(69, r.OPEN, 0, 48000, 0)
    assert fundamental(tone, 48000) == pytest.approx(440, rel=1e-4)


def test_reading_between_samples_adds_little(font):
    tone = voicebox(font(data=sine(1, 2000.0))).tone(62, r.OPEN, 0, RATE, 0)
    hertz = 2000 * 2 ** (-7 / 12)
    basis = np.exp(2j * np.pi * hertz * np.arange(RATE) / RATE)
    pure = np.real((tone @ basis.conj()) * basis) * 2 / RATE
    assert np.sqrt(((tone - pure)[200:] ** 2).mean()) < 10 ** (-60 / 20)


def test_denser_goes_through_the_samples():
    data = np.random.default_rng(0).standard_normal(50).astype(np.float32)
    np.testing.assert_allclose(denser(data)[:200:4], data, atol=1e-6)


def test_a_lower_rate_folds_little_back(font):
    path = font(data=sine(1, 15000.0))
    loud = voicebox(path).tone(69, r.OPEN, 0, RATE, 0).std()
    assert voicebox(path, rate=16000).tone(69, r.OPEN, 0, 16000, 0).std() < 0.05 * loud


def test_a_loop_rings_on_without_a_seam(font):
    tone = voicebox(font(data=sine(0.5), loop=(4410, 17640))).tone(69, r.OPEN, 0, 5 * RATE, 0)
    np.testing.assert_allclose(
        tone[200:], (0.5 * np.sin(2 * np.pi * 440 * np.arange(5 * RATE) / RATE))[200:], atol=2e-3
    )


def test_a_sample_without_a_loop_ends(font):
    path = font({54: 0}, data=sine(0.5))
    region = zones.regions(sf2.read(path), 0)[0]
    assert frames(region, 81, RATE, 0) == pytest.approx(0.25 * RATE)
    assert np.abs(voicebox(path).tone(81, r.OPEN, 0, RATE, 0)[RATE // 4 + 20 :]).max() < 1e-6


def test_mode_three_leaves_the_loop_when_the_key_is_let_go(font):
    tail = np.concatenate([sine(0.5), np.full(4410, 0.25)])
    path = font({54: 3}, data=tail, loop=(4410, 17640))
    region = zones.regions(sf2.read(path), 0)[0]
    tone = voicebox(path).tone(69, r.OPEN, 0, 4 * RATE, 2 * RATE)
    last = round(frames(region, 69, RATE, 2 * RATE))
    flat = np.flatnonzero(np.abs(tone - 0.25) < 1e-3)
    assert len(flat) > 4000
    assert 2 * RATE < flat[-100] < last


@pytest.mark.parametrize("reach", [3000, 44100])
def test_only_what_is_reached_is_prepared(font, reach):
    box = voicebox(font(data=sine(1), loop=(22050, 44100)), reach=reach)
    assert len(box.table) < 4 * (reach + 40)
    whole = voicebox(font(data=sine(1), loop=(22050, 44100)))
    np.testing.assert_allclose(
        box.tone(69, r.OPEN, 0, 2900, 0), whole.tone(69, r.OPEN, 0, 2900, 0), atol=1e-5
    )


@pytest.mark.parametrize("hertz", [100, 1000, 4000, 10000])
def test_the_filter_has_two_poles(hertz):
    cutoff = 1200 * np.log2(1000 / 8.176)
    wave = np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE).astype(np.float32)
    out = lowpass(wave, np.full(1000, cutoff), RATE, 0.0)
    expected = 1 / np.sqrt(1 + (hertz / 1000) ** 4)
    assert out[4000:-4000].std() / wave.std() == pytest.approx(expected, rel=0.03)
    assert len(out) == len(wave)


def test_the_filter_resonates_at_its_cutoff():
    cutoff = 1200 * np.log2(1000 / 8.176)
    wave = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    flat, peaked = (
        lowpass(wave, np.full(1000, cutoff), RATE, q)[4000:-4000].std() for q in (0.0, 12.0)
    )
    assert 20 * np.log10(peaked / flat) == pytest.approx(
        6, abs=0.5
    )  # 12 dB over half as much less of the rest


def test_a_sweep_darkens_the_tone(font):
    rng = np.random.default_rng(0)
    data = 0.3 * rng.uniform(-1, 1, RATE)
    tone = voicebox(
        font({54: 1, r.CUTOFF: 7000, r.CUTOFF_ENVELOPE: 5000, 28: 0, 29: 1000}, data=data)
    ).tone(69, 7000.0, 0, 2 * RATE, 0)
    bright = [np.abs(np.diff(tone[a : a + 4410])).mean() for a in (0, RATE // 2, RATE)]
    assert bright[0] > 2 * bright[1] > 4 * bright[2]


def test_the_pitch_envelope_bends(font, fundamental):
    tone = voicebox(font({54: 1, r.PITCH_ENVELOPE: 1200, 28: 0, 29: 1000})).tone(
        69, r.OPEN, 0, 3 * RATE, 0
    )
    assert fundamental(tone[:2000]) == pytest.approx(880, rel=0.05)
    assert fundamental(tone[-RATE:]) == pytest.approx(440, rel=1e-3)


@pytest.mark.parametrize(
    "zone",
    [
        {54: 1},
        {54: 1, r.CUTOFF: 8000, r.CUTOFF_ENVELOPE: 2000, 28: 0},
        {54: 3, r.PITCH_ENVELOPE: 100, 28: 0},
    ],
)
def test_a_tone_cut_in_two_is_the_same_tone(font, zone):
    box = voicebox(
        font(zone, data=np.random.default_rng(0).uniform(-0.5, 0.5, 20000), loop=(5000, 19000))
    )
    cutoff = float(box.region.settings[r.CUTOFF])
    whole = box.tone(65, cutoff, 0, 60_000, 30_000)
    np.testing.assert_allclose(
        box.tone(65, cutoff, 33_333, 26_667, 30_000), whole[33_333:], atol=1e-5
    )
