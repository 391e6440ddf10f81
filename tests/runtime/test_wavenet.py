"""The player of WaveNets: its steps, its compiled loop, and what it draws."""

import copy

import numpy as np
import pytest

from symgen.encodings import sounds
from symgen.models import Sizes, models
from symgen.runtime.wavenet.player import WaveNetPlayer
from tests.runtime.waves import SMALL, random_weights, wavenet_bundle

ONE = Sizes((("sample", 256),))
TWO = Sizes((("coarse", 20), ("fine", 7)))
each_size = pytest.mark.parametrize("sizes", [ONE, TWO], ids=["one field", "two fields"])


class Pick:
    """Draws from the softmax at a temperature, by the running sum of its shares."""

    def __init__(self, temperature):
        self.temperature = temperature

    def __call__(self, logits, chances):
        scaled = logits.astype(np.float64) / self.temperature
        upto = np.cumsum(np.exp(scaled - scaled.max(axis=1, keepdims=True)), axis=1)
        return (upto <= chances[:, None] * upto[:, -1:]).sum(axis=1)


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
    together = made.generate(chances, Pick(0.9))
    for row in range(3):
        begin(made, sizes, 1)
        assert np.array_equal(
            made.generate(chances[:, row : row + 1], Pick(0.9))[:, 0], together[:, row]
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
    expected = stepped.generate(chances, Pick(0.8))
    parts = [looped.generate(part, Pick(0.8)) for part in np.split(chances, [20, 55])]
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
