"""The state of a model: its network, its step graph and its specs agree on it."""

import numpy as np
import pytest

from symgen.models import Neural, Sizes, StateSpec, model, models
from symgen.models.state import numbered, zeros
from symgen.runtime.onnx import OnnxPlayer

SIZES = Sizes((("a", 7), ("b", 5)), 3)
NAMES = list(models)
MORE = {  # options with which a member is tried besides its defaults
    "lstm": [
        {"layers": [{"cell": "lstm", "units": 6}, {"cell": "gru", "units": 5}]},
        {"layers": [{"cell": "rnn", "units": 4}], "head": "chained", "head_units": 9},
    ]
}
CASES = [(name, options) for name in NAMES for options in MORE.get(name, [{}])]


@pytest.mark.parametrize(("name", "options"), CASES)
def test_a_network_its_graph_and_its_specs_agree_on_the_state(name, options):
    made = model({"name": name} | options)
    if not isinstance(made, Neural) or made.player != "onnx":
        pytest.skip("has no graphs")
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    network, specs = made.network(SIZES), made.state_specs()
    assert len({spec.name for spec in specs}) == len(specs) > 0
    weights = network.export_weights()
    step, head = made.step_graph(SIZES, weights), made.head_graph(SIZES, weights)
    player = OnnxPlayer(step, head, ["a", "b"])
    assert player.states == specs
    player.start(2)
    rng = np.random.default_rng(0)
    events = np.stack([rng.integers(0, n, (2, 4)) for n in (7, 5)], 2).astype(np.int32)
    controls = rng.normal(size=(2, 4, 3)).astype(np.float32)
    logits, after = network(events, controls, zeros(specs, 2), events)
    for t in range(4):
        player.step(events[:, t], controls[:, t])
        for k in (0, 1):
            found = player.logits(k, events[:, t])
            assert np.allclose(found, np.asarray(logits[k])[:, t], atol=1e-4)
    for spec, mine, theirs in zip(specs, player._now.states, after, strict=True):
        assert mine.dtype == spec.dtype and np.allclose(mine, np.asarray(theirs), atol=1e-4)


def test_a_state_spec_says_its_names_and_its_zeros():
    cache, hidden = StateSpec("cache", (2, None, 3), "float16"), StateSpec("0", (4,))
    assert (cache.before, cache.after) == ("state.cache", "next.cache")
    assert cache.grows and not hidden.grows
    assert cache.zeros(5).shape == (5, 2, 0, 3) and cache.zeros(5).dtype == np.float16
    assert [array.shape for array in zeros([cache, hidden], 1)] == [(1, 2, 0, 3), (1, 4)]
    assert numbered([4, 6]) == (StateSpec("0", (4,)), StateSpec("1", (6,)))


def test_a_state_that_grows_is_not_carried_between_windows():
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    from symgen.models.learner import TrainableModel

    network = model({"name": "lstm", "layers": [{"units": 4}]}).network(SIZES)
    with pytest.raises(ValueError, match="the state cache grows"):
        TrainableModel(network, 2, [StateSpec("cache", (None, 3))])
