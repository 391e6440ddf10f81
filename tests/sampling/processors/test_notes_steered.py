"""What is asked of samples of whole notes, and what they reach."""

import numpy as np
import pytest

from symgen.sampling import load, steers
from symgen.sampling.generate import draw
from symgen.sampling.originality import Original
from symgen.sampling.processors.whole_notes.density import ShiftSteer
from symgen.sampling.request.request import ask
from symgen.sampling.watchers.base import draw as draw_original
from symgen.similarity.passages import Index
from tests.sampling.fakes import Toy
from tests.sampling.steering import after, aim, begin, check_key, steer
from tests.sampling.whole_notes import NOTES, PEDAL, PLAIN, notes_noise, notes_pianist


@pytest.mark.parametrize("rate", [4.0, 9.0])
@pytest.mark.parametrize("density", [1.0, 2.0, 3.0, 6.0, 12.0])
def test_the_density_asked_is_reached(rate, density):
    samples = draw(notes_pianist(rate), ask(num=6, seconds=30, seed=4, density=density))
    for sample in samples:
        assert sample.measured["density"] == pytest.approx(density, rel=0.15)
    assert np.mean([s.measured["density"] for s in samples]) == pytest.approx(density, rel=0.07)


def test_density_is_not_a_burst_and_a_wait():
    for sample in draw(notes_pianist(8.0), ask(num=4, seconds=30, seed=4, density=3.0)):
        thirds = np.histogram(sample.sequence.notes["start_time"], [0, 10, 20, 30])[0]
        assert (thirds > 21).all()
        assert (thirds < 39).all()


def test_a_density_that_glides_is_followed():
    for sample in draw(notes_pianist(), ask(num=4, seconds=30, seed=4, density="2:10")):
        thirds = np.histogram(sample.sequence.notes["start_time"], [0, 10, 20, 30])[0] / 10
        assert thirds == pytest.approx([3.3, 6, 8.7], rel=0.25)


def test_chords_stay_as_likely_where_music_grows_denser():
    made, rng = steer("density", NOTES, 2, density=20.0), np.random.default_rng(1)
    scores = rng.normal(0, 1, (2, 61)).astype(np.float32)
    made.apply(0, scores)
    shifts = rng.normal(0, 1, (2, 100)).astype(np.float32)
    before = np.exp(shifts) / np.exp(shifts).sum(axis=1, keepdims=True)
    made.apply(1, shifts)
    steered = np.exp(shifts) / np.exp(shifts).sum(axis=1, keepdims=True)
    assert steered[:, 0] == pytest.approx(before[:, 0], rel=1e-4)
    assert (steered[:, 1:20].sum(axis=1) > before[:, 1:20].sum(axis=1)).all()
    ratio = np.log(steered / before)[:, 1:]
    assert np.ptp(np.diff(ratio, axis=1)) < 1e-4  # so many nats per second


@pytest.mark.parametrize("length", [0.2, 1.0])
@pytest.mark.parametrize("polyphony", [1.5, 2.0, 4.0, 8.0])
def test_the_polyphony_asked_is_reached(length, polyphony):
    request = ask(num=6, seconds=30, seed=4, polyphony=polyphony)
    samples = draw(notes_pianist(length=length), request)
    for sample in samples:
        assert sample.measured["polyphony"] == pytest.approx(polyphony, rel=0.2)
    assert np.mean([s.measured["polyphony"] for s in samples]) == pytest.approx(polyphony, rel=0.1)


def test_polyphony_leaves_the_onsets_alone():
    counts = []
    for polyphony in (None, 6.0):
        samples = draw(notes_pianist(), ask(num=4, seconds=30, seed=4, polyphony=polyphony))
        counts.append(sum(len(sample.events) for sample in samples))
    assert counts[1] == pytest.approx(counts[0], rel=0.1)


@pytest.mark.parametrize("register", [54.0, 60.0, 72.0])
def test_the_register_asked_is_reached(register):
    for sample in draw(notes_pianist(), ask(num=4, seconds=30, seed=4, register=register)):
        assert sample.measured["register"] == pytest.approx(register, abs=2)


@pytest.mark.parametrize(
    "model", [notes_pianist(), notes_noise(2), notes_pianist(made=PEDAL), notes_pianist(made=PLAIN)]
)
@pytest.mark.parametrize("key", ["C", "F# minor", "E phrygian"])
def test_the_key_asked_is_reached(model, key):
    for sample in draw(model, ask(num=3, seconds=20, seed=4, key=key)):
        check_key(sample, key, 0.9)


def test_pitch_classes_that_sounded_long_give_way():
    made, scores = steer("key", NOTES, 1, key="C"), np.zeros((1, 128), np.float32)
    begin(made, [0])
    after(made, [[0, 0, 59, 10, 20, 0]])
    begin(made, [1])
    made.apply(2, scores)
    assert scores[0, 59] < scores[0, 60] - 0.3
    assert scores[0, 61] < scores[0, 60] - 4


def test_all_at_once():
    targets = dict(density=4.0, polyphony=3.0, register=60.0, key="Bb")
    for sample in draw(notes_pianist(), ask(num=4, seconds=30, seed=2, **targets)):
        assert sample.methods == dict.fromkeys(sample.methods, "steered")
        assert sample.measured["density"] == pytest.approx(4, rel=0.15)
        assert sample.measured["polyphony"] == pytest.approx(3, rel=0.2)
        assert sample.measured["register"] == pytest.approx(60, abs=2)
        assert sample.measured["key"] > 0.95


def test_bars_stay_bars_and_nothing_asked_changes_nothing():
    for name in steers:
        for targets in ({"key": "C", "density": 2.0, "polyphony": 3.0, "register": 50.0}, {}):
            made, rng = aim(steer(name, NOTES, 2), **targets), np.random.default_rng(1)
            begin(made, np.zeros(2))
            for field, (_, size) in enumerate(NOTES.fields):
                scores = rng.normal(0, 1, (2, size)).astype(np.float32)
                scores[:, rng.integers(0, size, size // 2)] = -np.inf
                before = scores.copy()
                made.apply(field, scores)
                assert np.array_equal(np.isneginf(scores), np.isneginf(before))
                assert not np.isnan(scores).any()
                assert made.acts(field) or np.array_equal(scores, before)
                assert targets or np.array_equal(scores, before)


def test_a_model_that_cannot_obey_ends_all_the_same():
    """Nothing but rests, or nothing but chords."""
    for chords, rate, density in ((0.01, 0.3, 12.0), (0.95, 40.0, 1.0)):
        model = notes_pianist(rate, chords=chords)
        [sample] = draw(model, ask(seconds=20, seed=1, density=density))
        assert sample.measured["seconds"] == 20


def test_attempts_and_copies():
    """Of several tries the nearest is taken; what was played before is not played again."""
    targets = dict(num=2, seconds=8, seed=5, density=4.0)
    single, several = (draw(notes_pianist(), ask(attempts=n, **targets)) for n in (1, 4))
    assert sum(s.distance for s in several) <= sum(s.distance for s in single)
    played = Index.build([("before", single[0].sequence)])
    kept, given_up = draw_original(notes_pianist(), ask(**targets), Original(8, played=played))
    assert not given_up
    assert kept[0].originality["drawn_again"] == 1
    assert not np.array_equal(kept[0].events, single[0].events)


def test_the_registry_gives_what_the_encoding_needs():
    assert isinstance(steer("density", NOTES, 1), ShiftSteer)
    assert not isinstance(steer("density", Toy(None).encoding, 1), ShiftSteer)


def silence(notes, seconds):
    """The share of the time in which nothing sounds."""
    ends = np.maximum.accumulate(np.append(0.0, notes["end_time"]))
    starts = np.append(notes["start_time"], seconds)
    return np.maximum(starts - ends, 0).sum() / seconds


def test_few_notes_at_once_are_not_silence_between_chords():
    """Excerpts of 30 s of real piano music with 2 notes at once are silent for 17 % (median)."""
    samples = draw(notes_pianist(), ask(num=6, seconds=30, seed=4, polyphony=2.0, ending=False))
    shares = [silence(sample.sequence.notes, 30) for sample in samples]
    assert np.median(shares) < 0.15 and max(shares) < 0.25
    piano = load("piano").sample(num=6, seconds=30, seed=5, polyphony=2.0, ending=False)
    shares = [silence(sequence.notes, 30) for sequence in piano]
    assert np.median(shares) < 0.17 and max(shares) < 0.3


@pytest.mark.parametrize("options", [{}, {"density": 4.0, "key": "C"}])
def test_top_k_1_takes_the_likeliest_of_every_field(options):
    model = notes_pianist()
    cold, one = (
        draw(model, ask(num=2, seconds=8, seed=4, **options, **how))
        for how in ({"temperature": 0}, {"top_k": 1})
    )
    assert len(cold[0].events) > 5
    assert [s.events.tolist() for s in cold] == [s.events.tolist() for s in one]
