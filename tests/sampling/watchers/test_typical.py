"""Samples that are emptier or fuller than any training piece are drawn again, and it is said."""

import dataclasses

import numpy as np
import pytest

from symgen.encodings import encoding
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.sampling import generate
from symgen.sampling.originality import Original
from symgen.sampling.request.request import ask, primed
from symgen.sampling.watchers.base import draw
from symgen.sampling.watchers.typical import TypicalWatcher
from symgen.similarity.passages import Index
from tests.sampling.fakes import Bigram, Toy

NOTES = encoding("notes")


def quantiles(low, high):
    return {"pieces": {"0": low, "5": low, "100": high}, "10": {"1": low, "99": high}}


def music(density=(2.0, 20.0), polyphony=(0.1, 50.0)):
    return {"version": 1, "density": quantiles(*density), "polyphony": quantiles(*polyphony)}


def moody(steps=(10, 200)):
    """A model of `notes` whose first note decides its shift (in hundredths) for good."""
    tables = [np.full((f.size + 1, f.size), -9.0, np.float32) for f in NOTES.fields]
    for table, values in zip(tables, ([0], [0], range(50, 72), [15], [0], [20]), strict=True):
        table[:, list(values)] = 0
    seconds, shift = [s // 100 for s in steps], [s % 100 for s in steps]
    for field, values in ((0, seconds), (1, shift)):
        tables[field][:] = -np.inf
        tables[field][-1, values] = 0
        for value in values:
            tables[field][value, value] = 0
    return Toy(Bigram(tables), NOTES)


def drawn(model, known, num=8, seconds=20.0, **options):
    request = dataclasses.replace(
        ask(num=num, seconds=seconds, seed=2, ending=False, **options), music=known
    )
    return draw(model, request)[0]


def density(sample):
    return len(sample.sequence) / 20


MOODY = moody((10, 210))  # 10, 100, 110 or 210 hundredths: 10 notes per second down to 0.5


def free(**options):
    return generate.draw(MOODY, ask(num=8, seconds=20.0, seed=2, ending=False, **options))


def test_an_empty_sample_is_drawn_again_and_says_so(monkeypatch):
    known = music(density=(0.6, 20.0))
    monkeypatch.setattr(TypicalWatcher, "tries", 20)  # half of them are empty
    before, after = free(), drawn(MOODY, known)
    odd = [s.index for s in before if density(s) < 0.6]
    assert odd and len(odd) < 8
    assert [s.index for s in after] == list(range(8)) and all(density(s) >= 0.6 for s in after)
    for one, other in zip(before, after, strict=True):
        assert (
            (one.events.tolist() == other.events.tolist())
            == (one.index not in odd)
            == (other.messages == ())
        )
    (line,) = after[odd[0]].messages
    assert line.startswith(f"sample {odd[0]} was drawn again") and line.endswith(
        "0.45 notes per second, training pieces have 0.6 to 20"
    )
    (alone,), _ = draw(
        MOODY,
        dataclasses.replace(
            ask(num=1, first=odd[0], seconds=20.0, seed=2, ending=False), music=known
        ),
    )
    assert alone.events.tolist() == after[odd[0]].events.tolist()


@pytest.mark.parametrize("known", [music(density=(30.0, 40.0)), music(polyphony=(40.0, 50.0))])
def test_after_some_draws_the_nearest_is_kept_and_it_says_so(known):
    (sample,) = drawn(moody((10,)), known, num=1)
    assert sample.messages[0].startswith(
        "sample 0 is unusual even after 4 draws; the nearest was kept: "
    )
    assert "training pieces have" in sample.messages[0]


@pytest.mark.parametrize(
    "options", [{"density": 0.5}, {"free": True}, {"seconds": 9.0}, {"temperature": 0.0}]
)
def test_what_was_asked_and_what_is_short_is_left_as_it_is(options):
    for sample in drawn(MOODY, music(density=(30.0, 40.0)), **options):
        assert not any("drawn again" in line for line in sample.messages)
        if "temperature" not in options:
            assert sample.messages == ()


def test_nothing_is_known_of_an_old_bundle():
    assert all(sample.messages == () for sample in drawn(MOODY, None))


def test_only_what_follows_the_primer_counts():
    chords = [
        (60 + p, 80, i / 10, i / 10 + 0.05) for i in range(20) for p in range(5)
    ]  # 50 notes per second
    primer = NoteSequence(notes_of([*chords, (60, 80, 2.0, 2.1)]))
    request = dataclasses.replace(
        ask(num=1, seconds=14.0, seed=1), music=music(density=(0.3, 15.0))
    )
    (sample,), _ = draw(MOODY, primed(request, NOTES, primer))
    assert sample.messages == ()


def test_a_copy_is_drawn_again_beside_it(monkeypatch):
    monkeypatch.setattr(TypicalWatcher, "tries", 20)
    known = music(density=(0.6, 20.0))
    plain = drawn(MOODY, known)
    index = Index.build([("piece", plain[0].sequence)])
    request = dataclasses.replace(ask(num=8, seconds=20.0, seed=2, ending=False), music=known)
    made, given_up = draw(MOODY, request, Original(8, index))
    assert given_up == [] and made[0].originality["drawn_again"] >= 1
    assert all(density(sample) >= 0.6 for sample in made)
