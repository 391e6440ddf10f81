"""The limit of sound without an end: quiet sound stays, loud sound stays below full scale."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from symgen.rendering.limiter import GAIN, KNEE, soft


def stereo(*values):
    return np.array([[v, -v] for v in values], np.float32)


def test_quiet_sound_is_only_louder():
    block = stereo(0, 0.01, KNEE / GAIN)
    np.testing.assert_array_equal(soft(block), block * np.float32(GAIN))


@given(st.lists(st.floats(0, 50, width=32), min_size=2, max_size=50))
def test_louder_stays_louder_and_below_full_scale(values):
    out = soft(stereo(*sorted(values)))
    assert np.abs(out).max() <= 1
    assert (np.diff(out[:, 0]) >= 0).all()
    np.testing.assert_array_equal(out[:, 1], -out[:, 0])


def test_the_knee_is_smooth():
    out = soft(np.linspace(0.6, 0.8, 2001, dtype=np.float32)[:, None], 1.0)
    slope = np.diff(out[:, 0]) / 1e-4
    assert np.abs(np.diff(slope)).max() < 0.02


def test_the_block_that_is_given_is_left_alone():
    block = stereo(0.9)
    soft(block)
    np.testing.assert_array_equal(block, stereo(0.9))
