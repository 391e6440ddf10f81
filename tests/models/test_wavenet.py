"""WaveNets: how far they see, their state across windows, their gradients and their limits."""

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.models import Sizes, models
from symgen.models.state import zeros
from tests.models.networks import randomized

pytest.importorskip("keras", reason="the extra `train` is not installed")

OPTIONS = {"stacks": 2, "depth": 3, "channels": 4, "skip_channels": 5, "head_units": 6}
MODEL = models.make({"name": "wavenet", **OPTIONS})
ONE = Sizes((("sample", 9),))
TWO = Sizes((("coarse", 5), ("fine", 4)))


def samples(sizes, steps, batch=2, seed=1):
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, size, (batch, steps)) for _, size in sizes.fields]
    return np.stack(rows, -1).astype(np.int32)


def logits(network, events, states=None, chosen=None):
    """Return the logits `[batch, steps, size]` of the last field, and the states."""
    states = states or zeros(network.model.state_specs(), len(events))
    out, after = network(events, None, states, events if chosen is None else chosen)
    return np.asarray(out[-1]), [np.asarray(each) for each in after]


def test_a_step_depends_on_the_receptive_field_and_on_nothing_before():
    assert MODEL.dilations == (1, 2, 4, 1, 2, 4) and MODEL.receptive_field == 15
    network, last = randomized(MODEL.network(ONE)), 30
    events = samples(ONE, last + 1)
    expected, _ = logits(network, events)
    for at in (0, last - 15, last - 14, last - 5, last):
        changed = events.copy()
        changed[:, at] = (changed[:, at] + 1) % 9
        moved = np.abs(logits(network, changed)[0][:, last] - expected[:, last]).max()
        assert (moved > 1e-7) == (at > last - 15), at


def test_a_step_does_not_see_what_comes_after():
    network, events = randomized(MODEL.network(ONE)), samples(ONE, 20)
    changed = events.copy()
    changed[:, 12:] = (changed[:, 12:] + 3) % 9
    before, after = logits(network, events)[0], logits(network, changed)[0]
    assert np.allclose(before[:, :12], after[:, :12], atol=1e-6)
    assert not np.allclose(before[:, 12], after[:, 12], atol=1e-3)


@pytest.mark.parametrize("window", [1, 3, 7])  # shorter than a dilation, and longer
def test_windows_that_carry_the_state_are_one_whole(window):
    network, events = randomized(MODEL.network(TWO)), samples(TWO, 21)
    whole, states = logits(network, events)
    carried, parts = None, []
    for start in range(0, 21, window):
        part, carried = logits(network, events[:, start : start + window], carried)
        parts.append(part)
    assert np.allclose(np.concatenate(parts, 1), whole, atol=1e-5)
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(carried, states, strict=True))


def test_a_later_field_depends_on_the_values_before_it_in_the_step():
    network, events = randomized(MODEL.network(TWO)), samples(TWO, 8)
    chosen = events.copy()
    chosen[:, 5, 0] = (chosen[:, 5, 0] + 1) % 5
    one, other = logits(network, events)[0], logits(network, events, chosen=chosen)[0]
    differ = np.abs(one - other).max(axis=(0, 2)) > 1e-6
    assert differ.tolist() == [step == 5 for step in range(8)]


def test_values_that_are_neighbours_begin_alike():
    table = np.asarray(MODEL.network(ONE).export_weights()["input.kernel"])
    near = np.linalg.norm(np.diff(table[:9], axis=0), axis=1).mean()
    far = np.linalg.norm(table[:4] - table[5:9], axis=1).mean()
    assert near < far and np.isfinite(table).all() and not table[9].any()


def test_training_reaches_every_weight_and_learns_a_tune():
    import keras

    from symgen.models.learner import TrainableModel

    keras.utils.set_random_seed(1)
    network = MODEL.network(ONE)
    before = network.export_weights()
    learner = TrainableModel(network, 2, MODEL.state_specs())
    learner.compile(optimizer=keras.optimizers.Adam(0.02), jit_compile=False)
    tune = np.tile(np.array([0, 0, 5, 7, 7, 2]), 11)[None, :, None].repeat(2, 0).astype(np.int32)
    inputs = {"events": tune[:, :64], "targets": tune[:, 1:65], "fresh": np.ones(2, np.float32)}
    inputs["controls"] = np.zeros((2, 64, 0), np.float32)
    weights = np.ones((2, 64), np.float32)
    losses = [
        float(learner.train_on_batch(inputs, inputs["targets"], sample_weight=weights))
        for _ in range(30)
    ]
    assert np.isfinite(losses).all() and losses[-1] < 0.7 < losses[0]
    after = network.export_weights()
    still = [name for name in before if np.allclose(before[name], after[name], atol=1e-7)]
    assert still == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stacks": 0}, r"model\.stacks = 0"),
        ({"depth": 40}, r"model\.depth = 40"),
        ({"channels": 1.5}, r"model\.channels = 1\.5"),
        ({"stacks": 64, "depth": 16, "channels": 512}, "keep 2,147,450,880 numbers"),
    ],
)
def test_options_that_cannot_be_are_named(options, message):
    with pytest.raises(BadOption, match=message):
        models.make({"name": "wavenet", **options})
