"""Primers: a sample begins with the notes that were given, and goes on legally."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgen.errors import BadOption, DataError, ReadError
from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.sampling import load
from symgen.sampling.generate import draw
from symgen.sampling.request.primer import crop, primer_events
from symgen.sampling.request.request import ask, primed
from tests.sampling.fakes import PERFORMANCE, Speller, Toy, bundle, noise, pianist
from tests.sampling.test_laws import assert_sound

TUNE = NoteSequence(
    notes_of([(60, 80, 0.0, 0.5), (64, 40, 0.5, 1.5), (67, 100, 1.0, 4.0), (72, 100, 2.0, 2.5)])
)
note = st.tuples(st.integers(60, 66), st.integers(1, 127), st.integers(0, 300), st.integers(1, 300))
music = st.lists(note, min_size=1, max_size=20).map(
    lambda rows: NoteSequence(notes_of((p, v, s / 100, (s + d) / 100) for p, v, s, d in rows))
)


@given(music, st.floats(0.05, 8), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_sample_begins_with_its_primer(primer, seconds, seed):
    try:
        request = primed(
            ask(num=2, seconds=8, seed=seed, density=4.0), PERFORMANCE, primer, seconds
        )
    except DataError:
        assert primer.notes["start_time"].min() >= seconds - 0.011
        return
    for sample in draw(Toy(noise(seed % 5)), request):
        assert np.array_equal(sample.events[: len(request.primer)], request.primer)
        assert_sound(sample.events[:, 0])
        assert sample.measured["seconds"] == 8


def test_the_whole_primer_is_heard_note_for_note():
    [sample] = draw(Toy(pianist()), primed(ask(seconds=12, seed=1), PERFORMANCE, TUNE))
    given_notes = PERFORMANCE.decode(PERFORMANCE.encode(TUNE)).notes
    assert (
        sample.sequence.notes[sample.sequence.notes["start_time"] < 4].tolist()
        == given_notes.tolist()
    )
    assert (sample.sequence.notes["start_time"] >= 4).sum() == sample.measured["notes"] > 20


def test_the_model_hears_the_primer():
    """A speller that is fed the primer goes on at the letter after it."""
    text = PERFORMANCE.encode(TUNE)[:, 0].tolist()
    text += [356 + 15, 60, 256 + 49, 188]
    [sample] = draw(Toy(Speller(text)), primed(ask(seconds=4.5, seed=1), PERFORMANCE, TUNE))
    assert sample.events[:, 0].tolist() == text


def test_a_crop_leaves_what_sounds_open():
    events = primer_events(TUNE, PERFORMANCE, 1.2)
    assert events[:, 0].tolist() == PERFORMANCE.encode(TUNE)[: len(events), 0].tolist()
    assert events[events < 256].tolist() == [60, 188, 64, 67]  # 64 and 67 sound on
    assert PERFORMANCE.duration(events) <= 1.2
    assert (
        crop(PERFORMANCE.encode(TUNE), PERFORMANCE, 0.5)[-1] == 188
    )  # not the velocity that follows at that moment
    assert len(crop(PERFORMANCE.encode(TUNE), PERFORMANCE, 100)) == len(PERFORMANCE.encode(TUNE))


def test_density_is_counted_after_the_primer():
    for sample in draw(
        Toy(pianist()), primed(ask(num=3, seconds=34, seed=1, density=3.0), PERFORMANCE, TUNE)
    ):
        assert sample.measured["density"] == pytest.approx(3.0, rel=0.1)
        assert sample.measured["notes"] == len(sample.sequence) - len(TUNE)


def test_a_primer_one_step_shorter_than_the_sample_leaves_something_to_play():
    [sample] = draw(Toy(pianist()), primed(ask(seconds=4.01, seed=1), PERFORMANCE, TUNE))
    encoded = PERFORMANCE.encode(TUNE)
    assert np.array_equal(sample.events[: len(encoded)], encoded)
    short = NoteSequence(notes_of([(60, 80, 0, 0.07)]))
    assert len(primed(ask(seconds=0.08), PERFORMANCE, short).primer)
    with pytest.raises(BadOption, match="nothing left to play"):
        primed(ask(seconds=0.07), PERFORMANCE, short)  # 0.07 * 100 is a hair above 7


def test_a_file_and_the_same_notes_give_the_same(tmp_path):
    model = load(bundle(tmp_path / "best.symgen"))
    write(TUNE, tmp_path / "tune.mid")
    from_file = model.sample(seconds=6, seed=1, primer=tmp_path / "tune.mid")
    assert from_file[0] == model.sample(seconds=6, seed=1, primer=TUNE)[0]
    assert from_file[0] != model.sample(seconds=6, seed=1)[0]
    played = list(model.stream(seconds=6, seed=1, primer=TUNE).notes())
    assert len(played) == len(from_file[0])


def test_many_samples_of_one_primer_differ_and_are_their_own(tmp_path):
    model = load(bundle(tmp_path / "best.symgen"))
    many = model.sample(num=3, seconds=6, seed=1, primer=TUNE)
    assert many[0] != many[1] != many[2]
    assert many[2] == model.sample(first=2, seconds=6, seed=1, primer=TUNE)[0]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (dict(primer="nowhere.mid"), ReadError, "nowhere.mid: no such file"),
        (dict(primer=TUNE, seconds=3), BadOption, "the primer lasts 4 s and the sample 3 s"),
        (
            dict(primer=TUNE, seconds=4),
            BadOption,
            "the primer lasts 4 s and the sample 4 s, primer included, so there is nothing left to "
            "play; ask for more --seconds, or use less of the primer with --primer-seconds",
        ),
        (dict(primer=NoteSequence()), DataError, "has no note"),
        (
            dict(primer=NoteSequence(notes_of([(60, 80, 5, 6)])), primer_seconds=2),
            DataError,
            "has no note in its first 2 s",
        ),
        (dict(primer=TUNE, primer_seconds=0), BadOption, "primer-seconds 0"),
        (dict(primer_seconds=3), BadOption, "needs a primer"),
    ],
)
def test_bad_primers_are_refused(tmp_path, options, error, message):
    model = load(bundle(tmp_path / "best.symgen"))
    with pytest.raises(error, match=message):
        model.sample(**{"seconds": 10, **options})
