"""The same sound is found again after MP3, at another loudness and from another beginning."""

import numpy as np
import pytest

from symgen.audio.fingerprint import Fingerprint, alike
from symgen.audio.reading import blocks
from tests.audio.sound import noise, save

RATE = 11_025


def song(seed, seconds=20):
    """Notes of random pitch and strength, four a second."""
    rng = np.random.default_rng(seed)
    time = np.arange(RATE) / RATE
    sound = np.zeros((seconds + 1) * RATE)
    for at in rng.integers(0, seconds * RATE, seconds * 4):
        pitch = 440 * 2 ** (rng.integers(-24, 18) / 12)
        waves = sum(np.sin(2 * np.pi * pitch * h * time) / h for h in (1, 2, 3))
        sound[at : at + RATE] += rng.uniform(0.05, 0.2) * np.exp(-4 * time) * waves
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def codes(sound, block=5000):
    taken = Fingerprint(RATE, 1)
    for i in range(0, len(sound), block):
        taken.feed(sound[i : i + block, None])
    return taken.codes()


def test_codes_do_not_depend_on_the_blocks():
    sound = song(0)
    whole = codes(sound, len(sound))
    assert len(whole) > 100
    parts = codes(sound, 3000)
    assert len(np.intersect1d(whole, parts)) > 0.95 * len(whole)


def test_the_same_sound_is_found_again(tmp_path):
    songs = [song(seed) for seed in range(5)]
    cut = songs[2][round(1.3 * RATE) :] * 0.2
    path = save(tmp_path / "a.mp3", cut, RATE, bitrate_mode="CONSTANT", compression_level=0.9)
    assert path.stat().st_size * 8 / 20 < 64_000  # bits a second
    again = np.concatenate(list(blocks(path)))[:, 0]
    part = songs[4][5 * RATE : 12 * RATE] + noise(7.0, RATE, 0.01)
    mix = np.concatenate([songs[0], songs[1]])
    found = alike([codes(sound) for sound in (*songs, again, part, mix)])
    assert {(i, j) for i, j, _ in found} == {(2, 5), (4, 6), (0, 7), (1, 7)}
    assert all(0.03 <= share <= 1 for _, _, share in found)


@pytest.mark.parametrize("sound", [np.zeros(20_000, np.float32), np.zeros(0, np.float32)])
def test_nothing_is_alike_to_silence(sound):
    assert alike([codes(sound), codes(sound), codes(song(0))]) == []
    assert alike([]) == []


def test_loops_and_noise_are_not_alike():
    loops = [np.tile(song(seed, 1)[: RATE * 2], 10) for seed in (1, 2)]
    noises = [noise(15.0, RATE, 0.5, seed) for seed in (1, 2)]
    assert alike([codes(sound) for sound in (*loops, *noises)]) == []
