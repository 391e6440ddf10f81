"""The player of WaveNets: its steps, its compiled loop, and what it draws."""

import copy

import numpy as np
import pytest

from symgen.encodings import sounds
from symgen.models import Sizes, models
from symgen.runtime.passages import Passage
from symgen.runtime.wavenet import whole
from symgen.runtime.wavenet.player import WaveNetPlayer
from symgen.sampling.sound.choice import Choice
from tests.runtime.waves import SMALL, random_weights, wavenet_bundle

ONE = Sizes((("sample", 256),))
TWO = Sizes((("coarse", 20), ("fine", 7)))
each_size = pytest.mark.parametrize("sizes", [ONE, TWO], ids=["one field", "two fields"])


def player(sizes, **options):
    model = models.make({"name": "wavenet", **SMALL, **options})
    return WaveNetPlayer(model, sizes, random_weights(model, sizes))


def begin(made, sizes, batch):
    made.start(batch)
    made.step(np.array([[size for _, size in sizes.fields]] * batch, np.int32))


@each_size
def test_streams_drawn_together_are_those_drawn_alone(sizes):
    made, chances = player(sizes), np.random.default_rng(3).random((40, 3, len(sizes.fields)))
    begin(made, sizes, 3)
    together = made.generate(chances, Choice(0.9))
    for row in range(3):
        begin(made, sizes, 1)
        assert np.array_equal(
            made.generate(chances[:, row : row + 1], Choice(0.9))[:, 0], together[:, row]
        )
    assert together.dtype == np.int32 and len(np.unique(together)) > 5


@each_size
def test_the_compiled_loop_draws_what_steps_draw(sizes):
    pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
    chances = np.random.default_rng(4).random((90, 2, len(sizes.fields)))
    stepped, looped = player(sizes), player(sizes)
    looped._loops.patience = 30
    begin(stepped, sizes, 2)
    begin(looped, sizes, 2)
    expected = stepped.generate(chances, Choice(0.8))
    parts = [looped.generate(part, Choice(0.8)) for part in np.split(chances, [20, 55])]
    assert looped._loops._made and not stepped._loops._made
    assert np.array_equal(np.concatenate(parts), expected)
    for _ in range(2):  # and goes on from the same state
        for k in range(len(sizes.fields)):
            ours, theirs = (each.logits(k, expected[-1]) for each in (looped, stepped))
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
        stepped.step(expected[-1])
        looped.step(expected[-1])


def test_only_a_pick_that_is_a_temperature_is_drawn_in_the_loop():
    made, chances = player(ONE), np.full((4, 1, 1), 0.5)
    made._loops.patience = 0
    begin(made, ONE, 1)
    drawn = made.generate(chances, lambda logits, chances: logits.argmax(axis=1))
    assert not made._loops._made and drawn.shape == (4, 1, 1)


@each_size
@pytest.mark.parametrize("count", [1, 3, 50])  # fewer than the places of the ring, and more
def test_steps_that_are_taken_at_once_are_steps(sizes, count):
    rng = np.random.default_rng(5)
    events = np.stack([rng.integers(0, n, (6 + count, 2)) for _, n in sizes.fields], 2)
    one, other = player(sizes), player(sizes)
    for made in (one, other):
        made.start(2)
        for row in events[:3]:
            made.step(row)
    for row in events[3:-3]:
        one.step(row)
    other.feed(events[3:-3])
    for row in events[-3:]:
        for ours, theirs in zip(one.all_logits(row), other.all_logits(row), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)
        one.step(row)
        other.step(row)


@each_size
def test_passages_are_scored_as_their_steps_are(sizes, monkeypatch):
    monkeypatch.setattr(whole, "STEPS", 16)
    rng = np.random.default_rng(6)
    start = np.array([size for _, size in sizes.fields])
    passages = [
        Passage(start, np.stack([rng.integers(0, size, n) for _, size in sizes.fields], 1))
        for n in (40, 7)
    ]
    made = player(sizes)
    found = made.score(passages)
    expected = []
    for passage in passages:
        made.start(1)
        made.step(start[None])
        for event in passage.events:
            logits = made.all_logits(event[None])
            expected += [
                [np.log(np.exp(z[0]).sum()) - z[0, v] for z, v in zip(logits, event, strict=True)]
            ]
            made.step(event[None])
    np.testing.assert_allclose(found.nats, expected, atol=1e-4)
    assert np.isfinite(found.top).all()


def test_the_best_value_is_drawn_at_temperature_zero():
    made = player(ONE)
    begin(made, ONE, 1)
    made._loops.patience = 0
    best = int(made.logits(0, np.zeros((1, 1), np.int32)).argmax())
    drawn = made.generate(np.full((1, 1, 1), 0.99), Choice(0))
    assert drawn.item() == best and not made._loops._made


def test_a_copy_goes_on_by_itself():
    made = player(ONE)
    begin(made, ONE, 2)
    other = copy.deepcopy(made)
    events = np.array([[3], [4]], np.int32)
    made.step(events)
    expected = made.logits(0, events).copy()
    for value in (9, 8):
        made.step(np.full((2, 1), value, np.int32))
    other.step(events)
    np.testing.assert_allclose(other.logits(0, events), expected, atol=1e-6)


@pytest.mark.parametrize("name", sounds)
def test_a_bundle_of_sound_is_played_from_its_weights(tmp_path, name):
    made = wavenet_bundle(tmp_path / "a.symgen", sounds.make({"name": name}))
    assert made.player == "wavenet" and not made.has_graphs
    opened = made.open_player(threads=1)
    assert isinstance(opened, WaveNetPlayer)
    assert any("reproduces" in line for line in made.check())
