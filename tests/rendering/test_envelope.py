"""Envelopes: the times and levels that a soundfont asks for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.rendering.soundfont.envelope import FLOOR, Contour, curve, glide
from symgen.rendering.soundfont.region import Envelope

RATE = 1000


def levels(envelope, held, count, first=0):
    wave = np.ones(count, np.float32)
    Contour.of(envelope, RATE).shape(wave, first, held)
    return wave


def test_each_stage_takes_its_time():
    wave = levels(
        Envelope(delay=0.1, attack=0.2, hold=0.1, decay=1.0, sustain=0.1, release=1.0), 1000, 2000
    )
    assert (wave[:100] == 0).all()
    assert wave[200] == pytest.approx(0.5, abs=0.01)
    assert (wave[300:400] == 1).all()
    assert wave[500] == pytest.approx(
        10 ** (-10 / 20), rel=0.01
    )  # 100 dB a second, a tenth of it gone
    assert wave[700] == pytest.approx(0.1, rel=0.01)
    assert wave[1100] == pytest.approx(0.1 * 10 ** (-10 / 20), rel=0.01)


def test_a_note_let_go_while_it_rises_falls_from_there():
    wave = levels(Envelope(0, 1.0, 0, 0, 1.0, 1.0), 500, 700)
    assert wave[499] == pytest.approx(0.5, abs=0.01)
    assert wave[500] == pytest.approx(0.5, abs=0.01)
    assert wave[600] == pytest.approx(0.5 * 10 ** (-10 / 20), rel=0.02)


def test_the_end_is_where_it_is_80_decibels_down():
    contour = Contour.of(Envelope(0, 0, 0, 0, 1.0, 1.0), RATE)
    assert contour.end(500) == 500 + 800
    assert Contour.of(Envelope(0, 0, 0, 1.0, 0.0, 9.0), RATE).end(100_000) == 800


times = st.floats(0, 2)


@given(
    st.builds(Envelope, times, times, times, times, st.floats(0, 1), times),
    st.integers(1, 3000),
    st.integers(0, 3000),
)
def test_any_cut_gives_the_same_curve_and_it_ends_quiet(envelope, held, cut):
    whole = levels(envelope, held, 4000)
    parts = np.concatenate([levels(envelope, held, cut), levels(envelope, held, 4000 - cut, cut)])
    np.testing.assert_allclose(parts, whole, atol=1e-5)
    assert whole.min() >= 0
    assert whole.max() <= 1 + 1e-5
    assert (whole[Contour.of(envelope, RATE).end(held) :] <= FLOOR * 1.01).all()


def test_a_curve_is_exact_over_many_strides():
    np.testing.assert_allclose(
        curve(5000, 0.001, 0.7), 0.7 * np.exp(-0.001 * np.arange(5000)), rtol=1e-5
    )


def test_the_modulation_envelope_goes_down_straight():
    envelope = Envelope(0.0, 0.5, 0.0, 2.0, 0.25, 0.0)
    np.testing.assert_allclose(
        glide(envelope, np.array([0, 0.25, 0.5, 1.5, 2.0, 9.0])),
        [0, 0.5, 1, 0.5, 0.25, 0.25],
        atol=1e-6,
    )
