"""Samples that stay inside the music of their model, by models that would leave it at once."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.controls.targets import Targets
from symgen.encodings import encoding
from symgen.sampling import load
from symgen.sampling.engine.view import View
from symgen.sampling.extent import Extent
from symgen.sampling.generate import draw
from symgen.sampling.processors.training_range import TrainingRange
from symgen.sampling.processors.whole_notes.training_range import NotesRange
from symgen.sampling.request.request import ask
from symgen.sampling.request.structure import Structure
from symgen.sampling.tunes.plan import planned
from symgen.sampling.watchers.base import draw as drawn_typical
from tests.sampling.fakes import PERFORMANCE, Bigram, Toy, pianist
from tests.sampling.fiddler import CHORDS

NOTES, TUNES = encoding("notes"), encoding("melody_chords", chords=CHORDS)
MUSIC = {
    "version": 1,
    "notes": 1000,
    "pitch": {"0": 50, "0.1": 52, "99.9": 70, "100": 72},
    "at_once": {"99": 4, "99.9": 6},
    "length": {"50": 0.4, "99": 1.5, "99.9": 2.0, "100": 9.0},
    "rest": {"99.9": 1.2},
    "register": {"0": 58, "100": 64},
    "density": {"pieces": {"5": 4.0}},
}
TUNE = MUSIC | {
    "pitch": {"0": 55, "0.1": 55, "99.9": 86, "100": 90},
    "leap": {"99.9": 14},
    "octave": 0.001,
}


def wild(enc, seed=0, spread=2.0):
    """A model of any encoding that knows nothing of music."""
    rng = np.random.default_rng(seed)
    return Toy(
        Bigram(
            [rng.normal(0, spread, (f.size + 1, f.size)).astype(np.float32) for f in enc.fields]
        ),
        enc,
    )


def drawn(model, music=MUSIC, num=2, seconds=6.0, seed=1, **options):
    request = ask(
        num=num,
        seconds=seconds,
        seed=seed,
        ending=False,
        shape=Structure(seconds=seconds),
        **options,
    )
    request = dataclasses.replace(request, music=music)
    return draw(model, planned(request, model.encoding, "toy", False))


def at_once(notes):
    """Return the most notes that sound together."""
    return max(
        ((notes["start_time"] <= t) & (t < notes["end_time"])).sum() for t in notes["start_time"]
    )


def rests(notes):
    """Return the longest time in which nothing sounds between two notes."""
    ends = np.maximum.accumulate(notes["end_time"])
    return (notes["start_time"][1:] - ends[:-1]).max(initial=0)


@settings(max_examples=8)
@given(st.integers(0, 1000), st.sampled_from([NOTES, PERFORMANCE]))
def test_nothing_lies_outside_whatever_the_model_would_play(seed, enc):
    for sample in drawn(wild(enc, seed), seed=seed):
        notes = sample.sequence.notes
        assert len(notes)
        assert notes["pitch"].min() >= 50 and notes["pitch"].max() <= 72
        assert notes["start_time"][0] <= 0.5
        assert rests(notes) <= 1.2 + 1e-9
        if enc is NOTES:
            assert (notes["end_time"] - notes["start_time"]).max() <= 2.0 + 1e-9
        else:
            assert at_once(notes) <= 6


def test_free_leaves_the_model_alone():
    free, unknown = (
        drawn(wild(NOTES), music, free=free) for music, free in ((MUSIC, True), (None, False))
    )
    assert [s.events.tolist() for s in free] == [s.events.tolist() for s in unknown]
    assert free[0].sequence.notes["pitch"].min() < 50 and free[0].requested["free"] is True


def drone():
    """A model of `notes` that strikes ten notes per second and never lets go of one."""
    tables = [np.full((f.size + 1, f.size), -9.0, np.float32) for f in NOTES.fields]
    for table, values in zip(tables, ([0], [10], range(50, 72), [15], [60], [0]), strict=True):
        table[:, list(values)] = 0
    return Toy(Bigram(tables), NOTES)


def test_a_drone_thins_to_what_sounds_at_once_in_its_music():
    loose, held = (
        drawn(drone(), seconds=20.0, free=free)[0].sequence.notes for free in (True, False)
    )
    assert at_once(loose) > 15
    assert at_once(held) <= 8 and len(held) > 30


def test_notes_of_a_performance_are_pressed_to_end():
    legato = pianist().tables[0]
    legato[:, 128:256] -= 8.0  # hardly ever releases
    music = MUSIC | {"at_once": {"99": 100, "99.9": 100}}
    loose, held = (
        drawn(Toy(Bigram([legato])), music, seconds=15.0, free=free) for free in (True, False)
    )
    longest = [
        max((s.sequence.notes["end_time"] - s.sequence.notes["start_time"]).max() for s in some)
        for some in (loose, held)
    ]
    assert longest[0] > 10 > 7 > longest[1]


def test_targets_count_more_than_the_training_music():
    (high,) = drawn(wild(NOTES), num=1, seconds=20.0, register=100)
    assert high.sequence.notes["pitch"].max() > 90
    extent = Extent.of(MUSIC)
    assert extent is not None
    assert (
        extent.widened(Targets(polyphony=8)).crowd == 18
        and extent.widened(Targets(polyphony=1)).crowd == 4
    )
    assert extent.widened(Targets(polyphony=8, density=1)).longest == 32
    assert extent.widened(Targets(density="1@0:8@20")).rest == 4.0
    assert extent.widened(Targets(polyphony=0.5)).rest > 1000
    assert extent.widened(Targets(register=60, key="C")) == extent
    assert (
        extent.widened(Targets(register=40)).lowest,
        extent.widened(Targets(register=40)).highest,
    ) == (32, 72)


def test_a_primer_may_lie_outside_and_may_begin_late():
    from symgen.notes.sequence import NoteSequence, notes_of
    from symgen.sampling.request.request import primed

    primer = NoteSequence(notes_of([(30, 80, 2.0, 2.5), (90, 80, 2.5, 3.0)]))
    request = primed(
        dataclasses.replace(ask(num=1, seconds=8.0, seed=3, ending=False), music=MUSIC),
        NOTES,
        primer,
    )
    (sample,) = draw(wild(NOTES), request)
    more = sample.sequence.notes[2:]
    assert len(more) and more["pitch"].min() >= 30 and more["pitch"].max() <= 90


@settings(max_examples=6)
@given(st.integers(0, 1000))
def test_a_tune_keeps_to_its_pitches_and_seldom_leaps(seed):
    samples = drawn(wild(TUNES, seed, 0.5), TUNE, num=4, seconds=16.0, seed=seed)
    pitches = np.concatenate([s.sequence.notes["pitch"] for s in samples])
    leaps = np.concatenate([abs(np.diff(s.sequence.notes["pitch"])) for s in samples])
    assert pitches.min() >= 55 and pitches.max() <= 90
    assert leaps.max() <= 14 and (leaps > 12).mean() < 0.03


@given(st.integers(0, 2**32 - 1), st.sampled_from([NOTES, PERFORMANCE, TUNES]))
def test_no_row_of_scores_is_emptied(seed, enc):
    rng = np.random.default_rng(seed)
    music = TUNE if enc is TUNES else MUSIC
    extent = Extent.of(music)
    assert extent is not None
    view, elapsed = View(enc, 3), rng.integers(0, 1000, 3)
    view.elapsed[:] = elapsed
    if enc is NOTES:
        inside = NotesRange(view, extent)
        inside._ends[:] = rng.integers(0, 3000, (3, 128))
    else:
        inside = TrainingRange(view, extent)
    inside.begin_step(view)
    view.chosen = np.stack([rng.integers(0, f.size, 3) for f in enc.fields], axis=1).astype(
        np.int32
    )
    for field, (_, size) in enumerate(enc.fields):
        scores = np.where(rng.random((3, size)) < rng.choice([0.001, 0.05, 1]), 0, -np.inf).astype(
            np.float32
        )
        before = scores.copy()
        inside.apply(field, scores)
        if (
            enc is not NOTES or enc.fields[field].name != "pitch"
        ):  # there the engine moves the onset
            assert ((scores > -np.inf).any(axis=1) == (before > -np.inf).any(axis=1)).all()
        assert not np.isnan(scores).any()
        assert (scores[before == -np.inf] == -np.inf).all()


@pytest.mark.parametrize("music", [None, {}, {"version": 1, "notes": 0}, MUSIC | {"version": 2}])
def test_a_bundle_that_does_not_know_its_music_sets_no_limits(music):
    assert Extent.of(music) is None


def test_a_tune_is_as_low_as_its_training_range_allows_and_that_is_said():
    model = load("folk")
    request = model.plan(ask(num=4, seed=3, register=30, shape=Structure(bars=16)))
    samples, _ = drawn_typical(model, request)
    assert request.plan.messages[0] == (
        "register 30 is beyond the training tunes, whose pitches are 55 to 85: as low as they "
        "allow is 59; --free lifts that"
    )
    assert min(len(sample.sequence.notes) for sample in samples) > 15
    assert 57 < np.mean([sample.sequence.notes["pitch"].mean() for sample in samples]) < 63
    high, free, usual = (
        model.plan(ask(seed=3, shape=Structure(bars=4), **options))
        for options in (dict(register="70:100"), dict(register=30, free=True), dict(register=70))
    )
    assert "as high as they allow is 81" in high.plan.messages[0]
    assert not free.plan.messages and not usual.plan.messages


def test_a_register_that_is_set_is_kept_within_reach_too():
    playing = load("folk").stream(seed=3)
    playing.set(register=30)
    assert [float(v) for v in playing.controls.schedules["register"].values] == [59.0]
