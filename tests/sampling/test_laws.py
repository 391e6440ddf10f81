"""Laws of every sample, whatever the model: grammar, end, seed, and independent samples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import BadOption
from symgen.notes import read_bytes, writers
from symgen.sampling import load
from symgen.sampling.generate import draw
from symgen.sampling.processors.note_length import LONG
from symgen.sampling.processors.time_limits import STANDSTILL
from symgen.sampling.request.request import ask
from tests.sampling.fakes import (
    OFF,
    ON,
    PERFORMANCE,
    SHIFT,
    VELOCITY,
    Bigram,
    Speller,
    Toy,
    Tune,
    bundle,
    noise,
    pianist,
    tune_noise,
)


def events_of(model, **options):
    return [s.events[:, 0] for s in draw(model, ask(**options))]


def assert_sound(events):
    """Walk through one stream of `performance` and assert every law of it."""
    sounding, struck, velocity, before = {}, set(), None, None
    for value in map(int, events):
        if value < OFF:
            assert velocity is not None
            sounding[value - ON] = sounding.get(value - ON, 0) + 1
            struck.add(value - ON)
        elif value < SHIFT:
            assert sounding.get(value - OFF, 0) > 0, "a release of a silent pitch"
            assert not struck, "a release after a strike at one moment: a note without length"
            sounding[value - OFF] -= 1
        elif value < VELOCITY:
            assert before is None or not SHIFT <= before < VELOCITY - 1, (
                "a shift after a short shift"
            )
            struck = set()
        else:
            assert value != velocity, "a velocity said twice"
            assert before is None or before < VELOCITY
            velocity = value
        before = value
    assert not any(sounding.values()), "something is not released"


@given(
    st.integers(0, 2**64 - 1),
    st.floats(0.01, 6),
    st.sampled_from([0.0, 0.5, 1.0, 1.7]),
    st.sampled_from([0, 8]),
    st.sampled_from([None, "C", "Ebm"]),
    st.sampled_from([None, 2.0, 9.0]),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_every_sample_is_sound_and_ends_on_time(
    seed, seconds, temperature, top_k, key, density, strict
):
    options = dict(
        seed=seed,
        seconds=seconds,
        temperature=temperature,
        top_k=top_k,
        key=key,
        density=density,
        strict_key=strict and key is not None,
    )
    for sample in draw(Toy(noise(seed % 7)), ask(num=3, **options)):
        assert_sound(sample.events[:, 0])
        assert (
            PERFORMANCE.duration(sample.events)
            == sample.measured["seconds"]
            == pytest.approx(seconds, abs=0.0101)
        )
        notes = sample.sequence.notes
        assert len(notes) == (sample.events < OFF).sum() == sample.measured["notes"]
        assert (notes["end_time"] > notes["start_time"]).all()
        assert sample.sequence.total_time == sample.measured["seconds"]


def test_a_tune_is_spelled():
    text = [VELOCITY + 15, 60, SHIFT + 24, OFF + 60, 62, SHIFT + 24, OFF + 62]
    [sample] = draw(Toy(Speller(text)), ask(seconds=0.5, seed=1))
    assert sample.events[:, 0].tolist() == text
    assert sample.sequence.notes[["pitch", "start_time", "end_time"]].tolist() == [
        (60, 0, 0.25),
        (62, 0.25, 0.5),
    ]
    [longer] = draw(Toy(Speller([*text[:4], 62, SHIFT + 40])), ask(seconds=0.4, seed=1))
    assert longer.events[:, 0].tolist() == [
        *text[:5],
        SHIFT + 14,
        OFF + 62,
    ]  # the shift is cut, the rest is released


def test_a_shift_that_would_pass_the_end_counts_for_the_one_that_reaches_it():
    """A model that rests for a second ends in a rest, and not in another event that still fits."""
    text = [VELOCITY + 15, 60, SHIFT + 99]
    [sample] = draw(Toy(Speller(text)), ask(seconds=0.77, seed=1))
    assert sample.events[:, 0].tolist() == [VELOCITY + 15, 60, SHIFT + 76, OFF + 60]


def test_a_model_that_never_moves_on_is_moved_on():
    model = Toy(Speller([VELOCITY, 60, VELOCITY + 1, 62]))
    [sample] = draw(model, ask(seconds=1, seed=1))
    assert_sound(sample.events[:, 0])
    shifts = np.flatnonzero((sample.events >= SHIFT) & (sample.events < VELOCITY))
    assert 0 < shifts[0] <= STANDSTILL + 1


def test_a_sounding_pitch_is_not_struck_again():
    model = Toy(Speller([VELOCITY, 60, SHIFT + 9, 60, SHIFT + 9, OFF + 60, SHIFT + 9]))
    for sample in [
        *draw(model, ask(seconds=8, seed=1)),
        *draw(Toy(noise(3)), ask(num=3, seconds=8, seed=1)),
    ]:
        assert_sound(sample.events[:, 0])
        sounding = np.zeros(128, int)
        for value in sample.events[sample.events < SHIFT]:
            sounding[value % 128] += 1 if value < OFF else -1
            assert sounding[value % 128] in (0, 1)


def test_a_note_that_the_model_forgets_is_let_go():
    """A model that only passes time: the note-off grows likelier until it comes."""
    table = np.full((389, 388), -9.0, np.float32)
    table[:, SHIFT + 99] = 3
    table[388] = table[VELOCITY] = -9
    table[388, VELOCITY], table[VELOCITY, 60] = 9, 9
    [sample] = draw(Toy(Bigram([table])), ask(seconds=60, seed=1))
    first = sample.sequence.notes[sample.sequence.notes["pitch"] == 60][0]
    assert LONG < first["end_time"] - first["start_time"] < LONG + 8


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    path = bundle(tmp_path / "best.symgen")

    def files(**options):
        return [
            writers.make({"name": ".mid"}).encode(s)
            for s in load(path).sample(num=2, seconds=4, **options)
        ]

    assert files(seed=5) == files(seed=5)
    assert files(seed=5) != files(seed=6)
    assert files(seed=5)[0] != files(seed=5)[1]


def test_a_file_holds_the_same_notes():
    """Pitches struck again while they sound come back as they were: first on, first off."""
    for sample in draw(Toy(noise(2)), ask(num=4, seconds=10, seed=5)):
        [(_, back)] = read_bytes(writers.make({"name": ".mid"}).encode(sample.sequence), "x.mid")
        for column in ("pitch", "velocity", "start_time", "end_time"):
            assert np.allclose(
                np.sort(back.notes, order=["start_time", "pitch", "end_time"])[column],
                np.sort(sample.sequence.notes, order=["start_time", "pitch", "end_time"])[column],
            )


@pytest.mark.parametrize(
    "options", [{}, dict(key="D", density=5.0), dict(top_p=0.9, temperature=1.2), dict(top_k=5)]
)
def test_a_sample_depends_on_nothing_beside_it(tmp_path, options):
    for model in (load(bundle(tmp_path / "best.symgen")), Toy(pianist())):
        many = events_of(model, num=5, seconds=5, seed=3, **options)
        for index in range(5):
            alone = events_of(model, num=1, first=index, seconds=5, seed=3, **options)
            assert np.array_equal(alone[0], many[index])


def test_streams_that_end_earlier_leave_the_others_alone():
    """Events take time at different pace, so streams of a batch end at different steps."""
    many = events_of(Toy(pianist()), num=40, seconds=3, seed=9)
    assert len({len(e) for e in many}) > 5
    for index in (0, 17, 33, 39):
        assert np.array_equal(
            events_of(Toy(pianist()), first=index, seconds=3, seed=9)[0], many[index]
        )


def test_any_encoding_of_several_fields_is_sampled():
    model = Toy(tune_noise(), Tune())
    samples = draw(model, ask(num=3, seconds=20, seed=2, key="G", density=2.0))
    for sample in samples:
        melody, chord = sample.events.T
        assert len(sample.events) == 160
        assert ((chord > 0) == (melody < 128)).all()
        sounding = False
        for value in melody:
            assert value != Tune.HOLD or sounding
            sounding = value < 128 or (sounding and value == Tune.HOLD)
        assert sample.measured["density"] == pytest.approx(2.0, rel=0.1)
    assert np.array_equal(
        draw(model, ask(first=1, seconds=20, seed=2, key="G", density=2.0))[0].events,
        samples[1].events,
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(seconds=0), "seconds 0"),
        (dict(seconds=-3), "seconds -3: expected a number above 0, up to 86400"),
        (dict(seconds=float("inf")), "seconds inf"),
        (dict(num=0), "num 0: expected a whole number from 1"),
        (dict(num=2.5), "num 2.5"),
        (dict(seed=-1), "seed -1: expected a whole number from 0"),
        (dict(seed=2**64), "seed"),
        (dict(density=-1), "density -1"),
        (dict(density=0), "density 0: expected notes per second, a number above 0"),
        (dict(density=1000), "a number above 0, up to 50"),
        (dict(key="H"), "key 'H'"),
        (dict(strict_key=True), "strict-key needs a key"),
    ],
)
def test_bad_requests_are_named_with_their_limits(options, message):
    with pytest.raises(BadOption, match=message):
        ask(**options)


def test_a_sample_has_an_end():
    with pytest.raises(BadOption, match="a sample needs a length; add seconds"):
        draw(Toy(noise()), ask(seconds=None))


def test_progress_counts_to_the_end():
    reports = []
    draw(
        Toy(pianist()),
        ask(num=3, seconds=20, seed=1),
        lambda done, total, what: reports.append((done, total)),
    )
    assert reports == sorted(reports)
    assert reports[-1][1] == 60
    assert 40 < reports[-1][0] <= 60
