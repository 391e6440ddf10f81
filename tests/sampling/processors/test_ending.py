"""Endings: every sample comes to the tonic's chord and holds it, whatever the model."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.encodings import encoding
from symgen.errors import BadOption
from symgen.notes.theory import keys
from symgen.notes.theory.scales import scale
from symgen.sampling.generate import draw
from symgen.sampling.processors.ending import HELD, able
from symgen.sampling.request.request import ask, primed
from symgen.sampling.stream import Stream
from tests.sampling.fakes import (
    OFF,
    PERFORMANCE,
    SHIFT,
    VELOCITY,
    Bigram,
    Speller,
    Toy,
    Tune,
    noise,
    pianist,
    tune_noise,
)
from tests.sampling.test_laws import assert_sound


def last(sample):
    """The notes that sound at the end."""
    notes = sample.sequence.notes
    return notes[notes["end_time"] > sample.measured["seconds"] - 0.02]


def assert_ended(sample, key):
    notes, end = last(sample), sample.measured["seconds"]
    assert set((notes["pitch"] % 12).tolist()) == set(key.triad)
    struck = notes[notes["start_time"] >= end - HELD - 0.011]
    assert len(struck) == 4
    assert len(set(struck["start_time"].tolist())) == 1
    assert struck["pitch"].min() % 12 == key.tonic
    after = sample.sequence.notes["start_time"] > struck["start_time"].min()
    assert not after.any()


@pytest.mark.parametrize("key", ["C", "F#m", "Bb", "E phrygian", "B locrian"])
@pytest.mark.parametrize("strict", [False, True])
def test_music_in_a_key_ends_on_its_tonic_chord(key, strict):
    for model in (pianist(), noise()):
        for sample in draw(Toy(model), ask(num=4, seconds=12, seed=4, key=key, strict_key=strict)):
            assert_ended(sample, scale(key))
            assert_sound(sample.events[:, 0])


def test_the_key_is_the_one_that_is_asked_at_the_end():
    for sample in draw(Toy(pianist()), ask(num=3, seconds=12, seed=4, key="C@0,Eb@6,F@30")):
        assert_ended(sample, scale("Eb"))


def test_where_no_key_is_asked_it_is_found():
    white = pianist()
    white.tables[0][:, [p for p in range(128) if p % 12 not in (2, 4, 6, 7, 9, 11, 1)]] -= (
        9  # D major
    )
    white.tables[0][:, [p for p in range(128) if p % 12 in (2, 6, 9)]] += 1
    for sample in draw(Toy(white), ask(num=3, seconds=30, seed=4)):
        before = sample.sequence.notes[sample.sequence.notes["start_time"] < 28.5]
        found = keys.key_of(sample.sequence.replace(notes=before))
        assert found.name == "D major"
        assert_ended(sample, found)


@given(
    st.integers(0, 2**32),
    st.floats(0.02, 9),
    st.sampled_from([0.0, 0.7, 1.5]),
    st.sampled_from([None, "C@0,F#@1.5", "Ebm"]),
    st.booleans(),
    st.sampled_from([None, 9.0, "1:12"]),
)
@settings(max_examples=100, deadline=None)
def test_a_sample_that_ends_is_sound_and_on_time(seed, seconds, temperature, key, strict, density):
    options = dict(
        seed=seed,
        seconds=seconds,
        temperature=temperature,
        key=key,
        strict_key=strict and key is not None,
        density=density,
    )
    for sample in draw(Toy(noise(seed % 5)), ask(num=2, ending=True, **options)):
        assert_sound(sample.events[:, 0])
        assert sample.measured["seconds"] == pytest.approx(seconds, abs=0.0101)


def test_models_that_can_hardly_end_end():
    """A model that only waits, one that only strikes, one that spells: each comes to the chord."""
    wait, strike = np.full((2, 389, 388), -60, np.float32)
    wait[:, VELOCITY - 1] = 0
    strike[:, 60] = strike[:, VELOCITY] = 0
    for player in (Bigram([wait]), Bigram([strike]), Speller([VELOCITY, 60, SHIFT + 49, OFF + 60])):
        [sample] = draw(Toy(player), ask(seconds=10, seed=1, key="G"))
        assert_ended(sample, scale("G"))
        assert_sound(sample.events[:, 0])


def test_what_goes_before_is_left_alone():
    ended, whole = (
        draw(Toy(pianist()), ask(num=3, seconds=12, seed=4, ending=e)) for e in (True, False)
    )
    for a, b in zip(ended, whole, strict=True):
        early = [s.sequence.notes[s.sequence.notes["start_time"] < 9] for s in (a, b)]
        assert np.array_equal(early[0][["pitch", "start_time"]], early[1][["pitch", "start_time"]])
        assert a.requested.get("ending") is True
        assert b.requested["ending"] is False


def test_the_density_that_is_asked_is_that_of_the_whole():
    for density in (3.0, 8.0, 12.0):
        for sample in draw(Toy(pianist(8.0)), ask(num=6, seconds=30, seed=4, density=density)):
            assert sample.measured["density"] == pytest.approx(density, rel=0.1)


def test_a_primer_a_stream_and_short_music_are_not_ended_unasked():
    [made] = draw(Toy(pianist()), ask(seconds=8, seed=1, key="C"))
    begun = primed(ask(seconds=12, seed=2, key="C"), PERFORMANCE, made.sequence, 3.0)
    assert not begun.ends(PERFORMANCE)
    for sample in draw(Toy(pianist()), dataclasses.replace(begun, ending=True, num=2)):
        assert_ended(sample, scale("C"))
    assert not ask(seconds=1.5).ends(PERFORMANCE)
    assert not ask(seconds=None).ends(PERFORMANCE)
    playing = Stream(PERFORMANCE, pianist(), ask(seconds=12, seed=4, key="C"))
    [sample] = draw(Toy(pianist()), ask(seconds=12, seed=4, key="C"))
    assert len(list(playing.notes())) == len(sample.sequence.notes)


def test_what_cannot_be_ended_is_said():
    assert able(encoding("performance", velocity_bins=0))
    assert not able(Tune())
    assert not able(encoding("melody_chords", chords=("C",)))
    draw(Toy(tune_noise(), Tune()), ask(seconds=10, seed=1))
    with pytest.raises(BadOption, match="ending: this model cannot be brought to an end"):
        draw(Toy(tune_noise(), Tune()), ask(seconds=10, seed=1, ending=True))


def test_an_encoding_without_velocities_ends():
    made = encoding("performance", velocity_bins=0)
    table = np.random.default_rng(1).normal(0, 2, (357, 356)).astype(np.float32)
    for sample in draw(Toy(Bigram([table]), made), ask(num=3, seconds=10, seed=1, key="D")):
        assert_ended(sample, scale("D"))
