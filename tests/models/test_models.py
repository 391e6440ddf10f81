"""The network against Keras's own layers, and the step graph against the network."""

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.models import Sizes, model
from tests.models.networks import randomized

keras = pytest.importorskip("keras", reason="the extra `train` is not installed")

SIZES = Sizes((("event", 7), ("chord", 3)), 2)
STACKS = [
    [{"cell": "lstm", "units": 5}] * 2,
    [{"cell": "gru", "units": 4}, {"cell": "rnn", "units": 3}],
    [{"units": 6}],
]


def data(sizes, batch=3, steps=9, seed=1):
    rng = np.random.default_rng(seed)
    events = np.stack(
        [rng.integers(0, size + 1, (batch, steps)) for _, size in sizes.fields], -1
    ).astype(np.int32)
    return events, rng.normal(size=(batch, steps, sizes.width)).astype(np.float32)


def states(member, batch, seed=3):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(batch, *s.shape)).astype(s.dtype) for s in member.state_specs()]


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("layers", STACKS)
def test_the_step_graph_plays_the_network(layers, direct):
    """The ONNX graph, step by step, gives the logits and states of the network."""
    import onnxruntime

    member = model({"name": "lstm", "layers": layers, "direct": direct})
    network = randomized(member.network(SIZES))
    events, controls = data(SIZES)
    given = states(member, len(events))
    logits, last = network(events, controls, given)
    session = onnxruntime.InferenceSession(member.step_graph(SIZES, network.export_weights()))
    feed = {f"state.{i}": s for i, s in enumerate(given)}
    for t in range(events.shape[1]):
        names = [o.name for o in session.get_outputs()]
        out = dict(
            zip(
                names,
                session.run(None, feed | {"event": events[:, t], "controls": controls[:, t]}),
                strict=True,
            )
        )
        for (name, _), whole in zip(SIZES.fields, logits, strict=True):
            assert np.allclose(out[f"logits.{name}"], np.asarray(whole)[:, t], atol=1e-5)
        feed = {f"state.{i}": out[f"next.{i}"] for i in range(len(given))}
    for i, state in enumerate(last):
        assert np.allclose(feed[f"state.{i}"], np.asarray(state), atol=1e-5)


@pytest.mark.parametrize(
    "part", [4, 32]
)  # steps of nine, where the last part is shorter, and all at once
@pytest.mark.parametrize("sizes", [SIZES, Sizes((("event", 7),))])
@pytest.mark.parametrize(
    "layers", [STACKS[0], [{"units": 6}, {"cell": "gru", "units": 5}, {"units": 4}]]
)
def test_the_hoisted_layer_equals_keras(monkeypatch, layers, sizes, part):
    """Outputs, states and the gradient of every weight are those of Keras's own LSTM."""
    tf = pytest.importorskip("tensorflow")
    from symgen.models.recurrent import fast_lstm as layer
    from symgen.models.recurrent import network as module

    member = model({"name": "lstm", "layers": layers})
    network = randomized(member.network(sizes))
    events, controls = data(sizes)
    monkeypatch.setattr(layer, "COLUMNS", part * len(events) + 1)
    given = states(member, len(events))
    results = []
    for hoisted in (True, False):
        monkeypatch.setattr(module, "uses_fast_lstm", lambda hoisted=hoisted: hoisted)
        with tf.GradientTape() as tape:
            logits, last = network(events, controls, given, training=True)
            loss = sum(tf.reduce_sum(x * np.arange(x.shape[-1])) for x in logits)
        gradients = tape.gradient(loss, [v.value for v in network.trainable_variables])
        results.append([np.asarray(tf.convert_to_tensor(v)) for v in [*logits, *last, *gradients]])
    for ours, theirs in zip(*results, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_what_is_told_reaches_the_head_by_itself():
    """With a direct connection the logits move with the controls by its kernel."""
    events, controls = data(SIZES)
    member = model({"name": "lstm", "layers": STACKS[0], "direct": True})
    network = randomized(member.network(SIZES))
    weights = network.export_weights()
    network.import_weights(
        weights
        | {
            "layer.0.kernel": np.concatenate(
                [
                    weights["layer.0.kernel"][: -SIZES.width],
                    np.zeros((SIZES.width, 4 * STACKS[0][0]["units"]), np.float32),
                ]
            )
        }
    )
    conditioned, unconditioned = (
        network(events, c, states(member, 3))[0] for c in (controls, 0 * controls)
    )
    for (name, _), a, b in zip(SIZES.fields, conditioned, unconditioned, strict=True):
        assert np.allclose(
            np.asarray(a) - np.asarray(b), controls @ weights[f"direct.{name}.kernel"], atol=1e-4
        )


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("layers", STACKS)
def test_parameters_are_counted_without_building(layers, direct):
    member = model({"name": "lstm", "layers": layers, "direct": direct})
    network = member.network(SIZES)
    assert member.parameters(SIZES) == sum(np.prod(v.shape) for v in network.trainable_variables)
    assert {k: v.shape for k, v in network.export_weights().items()} == {
        k: tuple(v.shape) for k, v in network.named().items()
    }


def test_the_forget_gate_starts_open():
    weights = model({"name": "lstm", "layers": STACKS[2]}).network(SIZES).export_weights()
    assert weights["layer.0.bias"].reshape(4, 6).tolist() == [[0] * 6, [1] * 6, [0] * 6, [0] * 6]


@pytest.mark.parametrize(
    "options",
    [
        dict(layers=[]),
        dict(layers=[{"cell": "transformer", "units": 4}]),
        dict(layers=[{"cell": "gru"}]),
        dict(layers=[{"units": 0}]),
        dict(layers=3),
        dict(dropout=1.0),
        dict(dropout="x"),
        dict(depth=3),
    ],
)
def test_bad_options_are_named(options):
    with pytest.raises(BadOption, match=next(iter(options))):
        model({"name": "lstm", **options})
