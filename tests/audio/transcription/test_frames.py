"""Windows of sound and the frames that are made of them, with a network that only tells."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.audio.transcription.frames import (
    AROUND,
    FIRST,
    HOP,
    KEPT,
    KEYS,
    MARGIN,
    RATE,
    Frames,
    frames,
    levels,
    windows,
)


def telling(window):
    """A network that says what is at the middle of each frame."""
    at = window[: (KEPT + 2 * MARGIN) * HOP : HOP]
    shown = np.repeat(np.abs(at)[:, None], KEYS, axis=1)
    return shown, shown / 2


def cut(sound, places):
    return np.split(sound, sorted(places))


def joined(parts):
    return Frames(*(np.concatenate(each) for each in zip(*parts, strict=True)))


@pytest.mark.parametrize("length", [1, HOP, 1000, KEPT * HOP, KEPT * HOP + 1, 100_000])
def test_a_frame_stands_for_256_samples(length):
    sound = np.linspace(0.1, 1, length, dtype=np.float32)
    found = joined(frames([sound], telling))
    assert found.length == -(-length // HOP)
    assert found.onset.shape[1] == KEYS + 2 * AROUND
    assert np.array_equal(found.onset[:, AROUND], np.abs(sound[::HOP]))
    assert not found.onset[:, :AROUND].any() and not found.note[:, AROUND + KEYS :].any()


@given(st.lists(st.integers(0, 90_000), max_size=6))
def test_frames_do_not_depend_on_the_blocks(places):
    sound = np.random.default_rng(0).normal(0, 0.1, 90_000).astype(np.float32)
    whole, parts = list(windows([sound])), list(windows(cut(sound, places)))
    assert [used for _, used in whole] == [used for _, used in parts]
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(whole, parts, strict=True))


@pytest.mark.parametrize("pitch", [33, 57, 69, 88, 105])
def test_a_tone_is_loudest_at_its_semitone(pitch):
    time = np.arange(43_844) / RATE
    tone = np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time).astype(np.float32)
    found = levels(tone, 20)
    assert (found.argmax(1) == pitch - FIRST).all()
    assert np.allclose(found.max(1), 0, atol=0.3)  # decibels: full scale is 0
    assert np.allclose(levels(tone / 10, 20).max(1), -20, atol=0.3)


def test_silence_is_silent():
    assert (levels(np.zeros(43_844, np.float32), 5) <= -89).all()
