"""Samples of whole notes: their laws, their end, streams and primers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import BadOption
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.notes.theory.scales import scale
from symgen.runtime.base import Player
from symgen.sampling import steers
from symgen.sampling.generate import draw
from symgen.sampling.processors.note_length import REST
from symgen.sampling.processors.whole_notes.note_times import CROWD, MOST
from symgen.sampling.request.primer import crop
from symgen.sampling.request.request import ask, primed
from tests.sampling.fakes import Toy, Tune, rows, stream
from tests.sampling.steering import check_changes_of_density
from tests.sampling.whole_notes import (
    NOTES,
    PEDAL,
    PLAIN,
    assert_legal,
    assert_sound,
    notes_noise,
    notes_pianist,
)

PRIMER = NoteSequence(
    notes_of([(60, 80, 0.0, 0.5), (64, 40, 0.5, 3.5), (60, 80, 1.0, 1.25), (67, 80, 1.0, 1.5)])
)
KEYS = st.sampled_from([(None, False), ("C", False), ("Ebm", True), ("C@0,F#@1.5", True)])


class Spoken(Player):
    """Says the events `text` in turn, again and again."""

    def __init__(self, text):
        self.text = text

    def start(self, batch):
        self.at = np.full(batch, -1)

    def step(self, events, controls=None):
        self.at = self.at + 1

    def logits(self, field, chosen, rows=None):
        out = np.full((len(self.at), NOTES.fields[field].size), -30, np.float32)
        out[np.arange(len(out)), np.array(self.text)[self.at % len(self.text), field]] = 0
        return out if rows is None else out[rows]

    def select(self, rows):
        self.at = self.at[rows]

    def fresh(self):
        return Spoken(self.text)


@given(
    st.integers(0, 2**32),
    st.floats(0.02, 6),
    st.sampled_from([0.0, 0.7, 1.5]),
    KEYS,
    st.sampled_from([None, 2.0, 9.0, "1:12"]),
    st.sampled_from([None, 1.5, 6.0]),
    st.booleans(),
    st.sampled_from([NOTES, PEDAL, PLAIN]),
)
@settings(max_examples=120, deadline=None)
def test_every_sample_is_sound(seed, seconds, temperature, key, density, polyphony, ending, made):
    options = dict(
        seed=seed,
        seconds=seconds,
        temperature=temperature,
        key=key[0],
        strict_key=key[1],
        density=density,
        polyphony=polyphony,
        ending=ending,
    )
    lasts = max(round(seconds * made.steps_per_second), 1) / made.steps_per_second
    for sample in draw(notes_noise(seed % 5, made), ask(num=2, **options)):
        assert_sound(sample, lasts, made)
        assert sample.sequence.total_time == sample.measured["seconds"] == lasts
        assert sample.measured["notes"] == len(sample.sequence.notes)


@given(st.integers(0, 99), st.sampled_from(["C@0,F#@3,Eb@6", "Am@0,A@4"]))
@settings(max_examples=15, deadline=None)
def test_a_strict_key_holds_where_it_changes(seed, key):
    request = ask(num=2, seconds=9, seed=seed, key=key, strict_key=True)
    for sample in draw(notes_noise(seed), request):
        assert sample.measured["key"] == 1
        assert len(sample.sequence.notes) > 5


def test_no_note_rings_beyond_the_end():
    """The last note is cut to the end, and what would begin there or later is left out."""
    text = [
        [0, 0, 60, 10, 0, 50],
        [1, 30, 62, 10, 2, 75],
        [0, 50, 64, 10, 1, 0],
        [0, 70, 65, 10, 0, 10],
    ]
    model = Toy(Spoken(text), NOTES)
    [sample] = draw(model, ask(seconds=2.5, seed=1, temperature=0, ending=False))
    assert sample.events.tolist() == [text[0], [1, 30, 62, 10, 1, 20], [0, 50, 64, 10, 0, 70]]
    [sample] = draw(model, ask(seconds=1.3, seed=1, temperature=0, ending=False))
    assert sample.events.tolist() == text[:1]
    assert sample.sequence.total_time == 1.3


def test_a_sounding_pitch_is_not_struck_again():
    model = notes_pianist(length=4.0)
    for sample in draw(model, ask(num=3, seconds=12, seed=1)):
        assert_sound(sample, 12)


def test_where_no_pitch_is_free_the_music_waits():
    """A model of one pitch would strike it again at once: it comes when the one before is over."""
    model = notes_pianist(chords=0.99)
    model.player.tables[2][:, [p for p in range(128) if p != 60]] = -np.inf
    [sample] = draw(model, ask(seconds=5, seed=1, ending=False))
    assert_sound(sample, 5)
    assert 3 < len(sample.sequence.notes) < 60


def test_a_rest_does_not_last_for_ever():
    model = notes_pianist()
    model.player.tables[0][:] = -0.2 * np.arange(61)
    for sample in draw(model, ask(num=4, seconds=60, seed=1, ending=False)):
        assert np.diff(sample.sequence.notes["start_time"]).max() < REST + 5


@pytest.mark.parametrize(
    "options",
    [
        {},
        dict(key="D", density=5.0),
        dict(polyphony=4.0, register=70.0),
        dict(top_p=0.9, temperature=0.7),
    ],
)
def test_a_sample_depends_on_nothing_beside_it(options):
    many = draw(notes_noise(3), ask(num=5, seconds=5, seed=3, **options))
    for index in (0, 2, 4):
        [alone] = draw(notes_noise(3), ask(first=index, seconds=5, seed=3, **options))
        assert np.array_equal(alone.events, many[index].events)


@pytest.mark.parametrize("primer", [None, PRIMER])
@pytest.mark.parametrize("model", [notes_pianist(), notes_noise(), notes_noise(1, PEDAL)])
def test_streaming_equals_sampling(model, primer):
    options = dict(seconds=8, seed=11, key="C", density=5.0, ending=True)
    [sample] = draw(model, primed(ask(**options), model.encoding, primer))
    assert sorted(stream(model, primer, **options).notes()) == rows(sample.sequence.notes)
    played = list(stream(model, primer, **options))
    assert [e.time for e in played] == sorted(e.time for e in played)


def test_density_tells_within_a_second():
    check_changes_of_density(stream(notes_pianist(), seed=seed, density=2.0) for seed in range(8))


@given(st.integers(0, 99), st.sampled_from([None, 0.7, 1.0, 1.2]))
@settings(max_examples=20, deadline=None)
def test_a_sample_goes_on_from_its_primer(seed, seconds):
    request = primed(ask(num=2, seconds=4, seed=seed, ending=seed % 2 == 0), NOTES, PRIMER, seconds)
    for sample in draw(notes_noise(seed % 5), request):
        assert np.array_equal(sample.events[: len(request.primer)], request.primer)
        assert_sound(sample, 4)
        assert sample.measured["primer_seconds"] == NOTES.step_times(request.primer)[-1]
        made = len(sample.events) - len(request.primer)
        assert sample.measured["notes"] == made == len(sample.continuation.notes)


def test_a_crop_keeps_the_length_of_what_sounds_at_the_cut():
    events = NOTES.encode(PRIMER)
    assert np.array_equal(crop(events, NOTES, 0.9), events[:2])
    assert np.array_equal(crop(events, NOTES, 1.0), events[:2])
    assert len(crop(events, NOTES, 1.01)) == 4
    cut = primed(ask(seconds=2), NOTES, PRIMER, 0.9).primer
    assert NOTES.duration(cut) == 2
    with pytest.raises(BadOption, match=r"the primer lasts 3\.5 s and the sample 2 s"):
        primed(ask(seconds=2), NOTES, PRIMER)


@pytest.mark.parametrize("key", [None, "C", "F#m", "E phrygian"])
@pytest.mark.parametrize(
    "model", [notes_pianist(), notes_noise(2), notes_noise(1, PEDAL), notes_noise(1, PLAIN)]
)
def test_music_ends_on_the_chord_of_its_tonic(model, key):
    for sample in draw(model, ask(num=4, seconds=12, seed=4, key=key)):
        notes = sample.sequence.notes
        last = notes[notes["start_time"] == notes["start_time"].max()]
        assert len(last) == 4
        assert last["start_time"][0] == pytest.approx(10.6)
        assert notes[notes["end_time"] > 10.6 + 1e-9].tolist() == last.tolist()
        assert np.ptp(last["end_time"]) == 0
        assert last["end_time"][0] == (11.6 if model.encoding is PLAIN else 12)  # a second at most
        bass = int(last["pitch"].min() % 12)
        minor, major = ({bass, (bass + third) % 12, (bass + 7) % 12} for third in (3, 4))
        struck = set((last["pitch"] % 12).tolist())
        assert struck == set(scale(key).triad) if key else struck in (minor, major)
        assert bass == scale(key).tonic if key else True
        assert_legal(sample.events, model.encoding)


def test_a_primer_that_lasts_into_the_ending_ends_too():
    late = NoteSequence(notes_of([(90, 80, 0.0, 0.5), (91, 80, 3.0, 3.4)]))
    for primer in (PRIMER, late):
        request = primed(ask(num=2, seconds=3.6, seed=1, ending=True), NOTES, primer)
        for sample in draw(notes_pianist(), request):
            assert_sound(sample, 3.6)
            assert (sample.sequence.notes["end_time"] > 3.59).sum() == 4


@pytest.mark.parametrize("temperature", [0.0, 0.3, 0.6])
def test_cold_music_has_as_many_chords(temperature):
    """One value means "together", a hundred share "apart": the likelier of both wins."""
    model = notes_pianist(chords=0.4)
    [sample] = draw(model, ask(seconds=20, seed=1, temperature=temperature, ending=False))
    together = (np.diff(sample.sequence.notes["start_time"]) == 0).mean()
    assert together <= 0.45


def test_no_more_notes_come_at_once_than_hands_strike():
    model = notes_pianist(rate=500.0, chords=0.98)
    [sample] = draw(model, ask(seconds=3, seed=1, ending=False))
    assert_sound(sample, 3)
    starts = sample.sequence.notes["start_time"]
    assert 100 < len(starts) <= MOST * 3 + CROWD
    assert np.unique(starts, return_counts=True)[1].max() <= CROWD


def test_every_steer_says_which_encodings_it_serves():
    for name in steers:
        assert steers.load(name).serves(NOTES)
    assert not steers.load("polyphony").serves(Tune())
    with pytest.raises(BadOption, match="no control for polyphony"):
        draw(Toy(notes_noise().player, Tune()), ask(polyphony=3.0))
