"""Encodings of sound: what every one promises, and what each loses."""

import dataclasses

import numpy as np
import pytest

from symgen.encodings import Codec, Encoding, codecs, encodings, sounds
from symgen.errors import BadOption

MEMBERS = [sounds.make({"name": name}) for name in sounds]
each = pytest.mark.parametrize("made", MEMBERS, ids=lambda made: made.name)
EVERY_INTEGER = (np.arange(-(1 << 15), 1 << 15) / (1 << 15)).astype(np.float32)


def test_codecs_are_those_of_notes_and_of_sound():
    assert set(codecs) == set(encodings) | set(sounds)
    kinds = {name: codecs.load(name) for name in codecs}
    assert all(issubclass(kind, Codec) for kind in kinds.values())
    assert {name for name, kind in kinds.items() if issubclass(kind, Encoding)} == set(encodings)


@each
def test_a_member_is_rebuilt_from_its_table(made):
    other = dataclasses.replace(made, rate=16_000)
    assert sounds.make(other.spec()) == other and other.steps_per_second == 16_000
    assert made.accepts(made) and not made.accepts(other)
    assert len(made.fingerprint()) == 12 and made.fingerprint() != other.fingerprint()
    assert made.start().tolist() == [field.size for field in made.fields]


@each
def test_a_sample_is_a_byte_for_each_field(made):
    packed = made.pack(np.linspace(-1.5, 1.5, 99).astype(np.float32))
    assert packed.shape == (99, len(made.fields)) and packed.dtype == np.uint8
    assert {field.size for field in made.fields} == {256}


@each
def test_silence_is_silent_and_loud_sound_is_clipped(made):
    rows = made.encode(np.array([0, -7, 7], np.float32))
    assert tuple(rows[0]) == made.silence
    quiet, low, high = made.decode(rows)
    assert quiet == 0 and low == pytest.approx(-1, abs=0.03) and high == pytest.approx(1, abs=0.03)


@each
def test_encoding_what_was_decoded_changes_nothing(made):
    rng = np.random.default_rng(0)
    rows = rng.integers(0, 256, (5000, len(made.fields)))
    assert np.array_equal(made.encode(made.decode(rows)), rows)


def test_linear16_loses_nothing_of_16_bits():
    made = sounds.make({"name": "linear16"})
    assert np.array_equal(made.decode(made.encode(EVERY_INTEGER)), EVERY_INTEGER)


def test_mu_law_is_off_by_half_a_step_of_its_curve():
    made = sounds.make({"name": "mu_law"})
    off = np.abs(made.decode(made.encode(EVERY_INTEGER)) - EVERY_INTEGER)
    step = (1 + 255 * np.abs(EVERY_INTEGER)) * np.log(256) / 255**2
    assert (off <= 1.02 * step).all()
    assert off[np.abs(EVERY_INTEGER) < 0.01].max() < 1 / 3000  # 16 times as fine as 8 linear bits


@pytest.mark.parametrize("rate", [0, 1999, 96_000, 8000.5, True])
def test_a_rate_that_cannot_be_is_named(rate):
    with pytest.raises(BadOption, match=r"encoding\.rate = .*: expected a whole number"):
        sounds.make({"name": "mu_law", "rate": rate})
