"""Targets over time on models without controls, which are steered."""

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.notes.theory.scales import scale
from symgen.sampling.generate import draw
from symgen.sampling.request.request import ask
from symgen.sampling.stream import Stream
from tests.sampling.fakes import PERFORMANCE, Toy, Tune, noise, pianist, tune_noise


def test_a_ramp_rises():
    samples = draw(Toy(pianist(6.0)), ask(num=20, seconds=30, seed=4, density="2:8"))
    thirds = np.array(
        [np.histogram(s.sequence.notes["start_time"], [0, 10, 20, 30])[0] for s in samples]
    )
    assert (np.diff(thirds, axis=1) > 0).all(axis=1).sum() >= 18
    assert thirds.mean(0) / 10 == pytest.approx([3, 5, 7], rel=0.12)
    assert samples[0].over_time["density"]["requested"] == pytest.approx(
        np.linspace(2.3, 7.7, 10).tolist()
    )
    assert samples[0].requested["density"] == "2:8"
    assert samples[0].methods == {"density": "steered"}


def test_a_step_of_density_is_taken():
    counts = np.mean(
        [
            np.histogram(s.sequence.notes["start_time"], [0, 5, 10, 11, 15, 20])[0]
            for s in draw(
                Toy(pianist(6.0)),
                ask(num=12, seconds=20, seed=4, density="2@0,10@10", ending=False),
            )
        ],
        axis=0,
    )
    assert counts[:2] == pytest.approx([10, 10], rel=0.2)
    assert counts[2] > 6  # within the first second
    assert counts[3:] == pytest.approx([40, 50], rel=0.15)


def sounding_inside(sample, spans):
    notes = sample.sequence.notes
    for since, until, key in spans:
        over = np.minimum(notes["end_time"], until) - np.maximum(notes["start_time"], since)
        assert scale(key).mask[notes["pitch"][over > 1e-6] % 12].all(), key


@pytest.mark.parametrize("model", [Toy(pianist()), Toy(noise(3)), Toy(tune_noise(), Tune())])
def test_a_strict_key_that_changes_lets_nothing_outside_it_sound(model):
    spans = [(0, 4, "C"), (4, 9, "F# minor"), (9, 20, "Bb")]
    for sample in draw(
        model,
        ask(num=6, seconds=14, seed=4, key="C@0,F#m@4,Bb@9", strict_key=True, temperature=1.5),
    ):
        sounding_inside(sample, spans)
        assert sample.measured["key"] == 1
        assert sample.requested["key"] == "C major@0,F# minor@4,Bb major@9"


def test_a_key_that_changes_is_followed():
    samples = draw(Toy(pianist()), ask(num=6, seconds=20, seed=4, key="C@0,F#@10"))
    for sample in samples:
        struck = sample.sequence.notes
        for mask, early in ((scale("C").mask, True), (scale("F#").mask, False)):
            some = struck[(struck["start_time"] < 10) == early]
            assert mask[some["pitch"] % 12].mean() > 0.93
        assert sample.measured["key"] > 0.9


def test_a_stream_that_is_set_to_a_strict_key_lets_go_of_what_is_outside():
    playing = Stream(PERFORMANCE, pianist(), ask(seconds=None, seed=3, key="C", strict_key=True))
    for event in playing:
        if event.time > 5:
            break
    playing.set(key="F#")
    now = playing.time
    played = [e for _, e in zip(range(200), playing, strict=False)]
    outside = [
        e for e in played if not scale("F#").mask[e.pitch % 12] and e.kind == "off" and e.time > now
    ]
    assert all(e.time < now + 1.01 for e in outside)


@pytest.mark.parametrize("register", [48.0, 60.0, 76.0, "50:75"])
def test_a_register_is_reached(register):
    for sample in draw(
        Toy(pianist()), ask(num=4, seconds=30, seed=4, register=register, ending=False)
    ):
        requested = 62.5 if register == "50:75" else register
        assert sample.measured["register"] == pytest.approx(requested, abs=2.5)
        assert sample.over_time["register"]["measured"][-1] == pytest.approx(
            74 if register == "50:75" else register, abs=7
        )


def test_a_register_leaves_the_rhythm_alone():
    free, low = (
        draw(Toy(pianist()), ask(num=8, seconds=30, seed=4, ending=False, **o))
        for o in ({}, {"register": 50})
    )
    assert np.mean([s.measured["density"] for s in low]) == pytest.approx(
        np.mean([s.measured["density"] for s in free]), rel=0.1
    )


@pytest.mark.parametrize("polyphony", [1.5, 3.0, 5.0, 8.0, "2:6"])
def test_a_polyphony_is_reached(polyphony):
    reached = [
        s.measured["polyphony"]
        for s in draw(
            Toy(pianist(6.0)), ask(num=6, seconds=30, seed=4, polyphony=polyphony, ending=False)
        )
    ]
    assert np.mean(reached) == pytest.approx(4 if polyphony == "2:6" else polyphony, rel=0.2)


def test_polyphony_needs_releases():
    with pytest.raises(
        BadOption,
        match="no control for polyphony: it can be conditioned on nothing, and steered by key",
    ):
        draw(Toy(tune_noise(), Tune()), ask(seconds=2, polyphony=3))


def test_the_closest_of_several_draws_is_kept():
    options = dict(seconds=10, seed=4, key="C", method="steer")
    single = draw(Toy(pianist()), ask(num=12, **options))
    best = draw(Toy(pianist()), ask(num=3, best_of=4, **options))
    for i, sample in enumerate(best):
        of = single[4 * i : 4 * i + 4]
        closest = min(of, key=lambda s: s.distance)
        assert np.array_equal(sample.events, closest.events)
        assert sample.index == i
        assert sample.requested["best_of"] == 4
    [alone] = draw(Toy(pianist()), ask(first=2, best_of=4, **options))
    assert np.array_equal(alone.events, best[2].events)


def test_wishes_are_heard_within_a_second():
    """Notes within a second of music after the change, on the mean of eight streams."""
    high = []
    for seed in range(8):
        playing = Stream(
            PERFORMANCE, pianist(8.0), ask(seconds=None, seed=seed, register=50, density=8)
        )
        for event in playing:
            if event.time > 10:
                break
        playing.set(register=76)
        now = playing.time
        high.append(
            np.mean(
                [
                    e.pitch
                    for _, e in zip(range(60), playing, strict=False)
                    if e.kind == "on" and now <= e.time < now + 1
                ]
            )
        )
    assert np.mean(high) > 66
