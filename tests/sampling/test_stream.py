"""Streams: the same music as a sample, as it is decided, and open to new wishes."""

import tracemalloc

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.notes.theory.scales import scale
from symgen.sampling import load
from symgen.sampling.generate import draw
from symgen.sampling.request.request import ask, primed
from tests.sampling.fakes import (
    PERFORMANCE,
    Toy,
    Tune,
    noise,
    pianist,
    rows,
    stream,
    tune_noise,
)
from tests.sampling.steering import check_changes_of_density, until

PRIMER = NoteSequence(notes_of([(60, 80, 0.0, 0.5), (64, 40, 0.5, 1.5), (60, 80, 1.0, 1.25)]))


@pytest.mark.parametrize(
    ("model", "primer"),
    [
        (Toy(pianist()), None),
        (Toy(noise()), None),
        (Toy(pianist()), PRIMER),
        (Toy(tune_noise(), Tune()), None),
    ],
)
def test_streaming_equals_sampling(model, primer):
    options = dict(seconds=8, seed=11, key="C", density=5.0)
    [sample] = draw(model, primed(ask(**options), model.encoding, primer))
    assert sorted(stream(model, primer, **options).notes()) == rows(sample.sequence.notes)
    assert len(sample.sequence.notes) > 20


def test_events_come_in_order_and_in_pairs():
    played = list(stream(Toy(noise()), seconds=6, seed=2))
    assert [e.time for e in played] == sorted(e.time for e in played)
    sounding = {}
    for event in played:
        sounding[event.pitch] = sounding.get(event.pitch, 0) + (1 if event.kind == "on" else -1)
        assert sounding[event.pitch] >= 0
        assert 1 <= event.velocity <= 127
    assert not any(sounding.values())


def test_density_tells_within_a_second():
    check_changes_of_density(stream(Toy(pianist(6.0)), seed=seed, density=2.0) for seed in range(8))


def test_a_key_tells_at_once_and_can_be_let_go():
    playing = stream(Toy(pianist()), seed=3, key="C", strict_key=True)
    _all_in("C", until(playing, 5))
    playing.set(key="F#")
    assert playing.controls.strict_key
    _all_in("F#", until(playing, 10))
    playing.set(key=None)
    assert playing.controls.get("key") is None
    pitches = [e.pitch for e in until(playing, 20) if e.kind == "on"]
    assert 0.4 < scale("C").mask[np.array(pitches) % 12].mean() < 0.8


@pytest.mark.parametrize(
    "change", [dict(density=-1), dict(key="nonsense"), dict(tempo=3), dict(strict_key=True)]
)
def test_a_bad_wish_is_refused_and_the_stream_goes_on(change):
    playing = stream(Toy(pianist()), seed=3)
    next(playing)
    with pytest.raises(BadOption):
        playing.set(**change)
    next(playing)


def test_an_endless_stream_keeps_its_size():
    playing = stream(Toy(noise(1)), seed=3, density=8.0)
    until(playing, 20)
    tracemalloc.start()
    until(playing, 25)
    before = tracemalloc.get_traced_memory()[0]
    until(playing, 120)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 300_000


def test_a_stream_tells_its_seed_and_time():
    playing = stream(Toy(pianist()), density=5.0)
    first = [next(playing) for _ in range(50)]
    assert first[-1].time <= playing.time < first[-1].time + 1.01
    again = stream(Toy(pianist()), seed=playing.seed, density=5.0)
    assert [next(again) for _ in range(50)] == first


def _all_in(key, events):
    pitches = np.array([e.pitch for e in events if e.kind == "on"])
    assert len(pitches) > 10
    assert scale(key).mask[pitches % 12].all()


def test_velocities_are_those_of_the_encoding():
    played = {e.velocity for e in stream(Toy(noise()), seconds=10, seed=1)}
    assert played <= set(
        PERFORMANCE.decode(np.array([[v] for b in range(32) for v in (356 + b, 60, 300)]))
        .notes["velocity"]
        .tolist()
    )
    assert len(played) > 5


def test_a_density_that_is_set_brings_what_goes_with_it():
    """As in `sample`: alone, few notes would stay short, with silence between them."""
    model = load("piano")
    steer = {"density": 1.5}
    for options in (dict(), dict(polyphony=3.0)):
        constant, changed = (
            model.stream(seed=3, **options, **steer),
            model.stream(seed=3, **options),
        )
        changed.set(**steer)
        first, then = ([next(s) for _ in range(60)] for s in (constant, changed))
        assert first == then
    changed = model.stream(seed=3, density=1.5)
    changed.set(density=None)
    plain = model.stream(seed=3)
    assert [next(changed) for _ in range(60)] == [next(plain) for _ in range(60)]
    assert not changed.controls.schedules


def test_a_target_of_the_primer_counts_in_full_once_it_is_set():
    model = load("piano")
    playing = model.stream(seed=3, primer=model.sample(seconds=6, seed=1)[0])
    steers = playing._engine.processors
    gentle = [name for name in playing.request.followed if steers[name]._share < 1]
    assert "register" in gentle
    playing.set(register=80)
    assert steers["register"]._share == 1
    assert all(steers[name]._share < 1 for name in gentle if name != "register")


def test_a_copy_goes_on_as_the_stream_does():
    one = stream(Toy(pianist()), seed=5, density=4.0)
    for _ in range(50):
        next(one)
    other = one.copy()
    ahead = [next(one) for _ in range(100)]
    assert [next(other) for _ in range(100)] == ahead
    other, closed = one.copy(), one.copy()
    other.set(density=9.0)
    closed.close()
    assert one.controls != other.controls
    last = one.copy()
    assert [next(one) for _ in range(50)] == [next(last) for _ in range(50)]


def test_a_copy_of_a_shipped_model_goes_on_as_the_stream_does():
    one = load("piano").stream(seed=5)
    for _ in range(60):
        next(one)
    other = one.copy()
    assert [next(one) for _ in range(60)] == [next(other) for _ in range(60)]


def test_each_number_draws_music_of_its_own():
    one = stream(Toy(pianist()), seed=5)
    for _ in range(30):
        next(one)
    made = []
    for number in (1, 2, 1):
        other = one.copy()
        other.draw_again(number)
        made.append([next(other) for _ in range(40)])
    plain = [next(one) for _ in range(40)]
    assert made[0] == made[2] and made[0] != made[1] and plain not in made


def test_closing_releases_what_sounds():
    one = stream(Toy(noise()), seed=2)
    played = [next(one) for _ in range(40)]
    one.close()
    played += list(one)
    kinds = [event.kind for event in played]
    assert kinds.count("on") == kinds.count("off")
    assert not list(one)
    one.close()


def test_notes_come_in_the_order_of_their_beginnings_if_asked():
    known = list(stream(Toy(noise()), seconds=6, seed=2).notes())
    ordered = list(stream(Toy(noise()), seconds=6, seed=2).notes(in_order=True))
    assert sorted(ordered) == sorted(known)
    starts = [note.start_time for note in ordered]
    assert starts == sorted(starts) != [note.start_time for note in known]


def test_a_primer_can_be_left_out():
    whole = list(stream(Toy(noise()), PRIMER, seconds=6, seed=2))
    one = stream(Toy(noise()), PRIMER, seconds=6, seed=2)
    begins = one.skip_primer()
    rest = list(one)
    assert begins == 1.5
    assert all(event.time >= begins for event in rest)
    assert [event for event in whole if event.kind == "on" and event.time >= begins] == [
        event for event in rest if event.kind == "on"
    ]
    kinds = [event.kind for event in rest]
    assert kinds.count("on") == kinds.count("off")
