"""What every registered model promises: a new member is tested as soon as it has a name."""

import json

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.models import CountedModel, Neural, Sizes, models
from symgen.models.state import zeros as zeros_of
from symgen.runtime import players
from tests.models.networks import randomized

SMALL = {  # options that make a member small; one without a row is tested with its defaults
    "lstm": [{"layers": [{"units": 5}]}, {"layers": [{"units": 5}], "head": "chained"}],
    "framewise": [
        {"cell": cell, "units": 5, "depth": 2, "frame": 4, "embedding": 3, "hidden": 6}
        for cell in ("rnn", "gru", "lstm")
    ],
    "wavenet": [{"stacks": 2, "depth": 2, "channels": 4, "skip_channels": 5, "head_units": 6}],
}
ONE = Sizes((("event", 7),))
SEVERAL = Sizes((("pitch", 7), ("length", 3)), 2)
PLAIN = Sizes(SEVERAL.fields)
NO_CONTROLS = ("framewise",)
MEMBERS = [
    models.make({"name": name, **options}) for name in models for options in SMALL.get(name, [{}])
]


def members(family, player=None):
    chosen = [
        member
        for member in MEMBERS
        if isinstance(member, family) and player in (None, getattr(member, "player", None))
    ]
    return pytest.mark.parametrize("member", chosen, ids=lambda member: member.name)


def weighed(member):
    return isinstance(member, Neural) and member.player != "onnx"


each_size = pytest.mark.parametrize("sizes", [ONE, SEVERAL], ids=["one field", "several fields"])


def test_every_member_is_of_a_known_family():
    assert {member.name for member in MEMBERS} == set(models)
    assert all(isinstance(member, Neural | CountedModel) for member in MEMBERS)


@members(object)
def test_a_member_is_rebuilt_from_the_json_of_its_table(member):
    assert models.make(json.loads(json.dumps(member.spec()))) == member


def steps(sizes, count=6, batch=3):
    """Return random events `[batch, count, fields]` and controls `[batch, count, width]`."""
    rng = np.random.default_rng(1)
    columns = [rng.integers(0, size, (batch, count)) for _, size in sizes.fields]
    controls = rng.normal(size=(batch, count, sizes.width)).astype(np.float32)
    return np.stack(columns, -1).astype(np.int32), controls


def session(graph):
    import onnxruntime

    return onnxruntime.InferenceSession(graph)


def zeros(step, batch):
    """Return the state before the first step, by the inputs of a step graph."""
    states = [i for i in step.get_inputs() if i.name.startswith("state.")]
    return {i.name: np.zeros((batch, *i.shape[1:]), np.float32) for i in states}


def played(member, sizes, weights, precision="float32"):
    """Step the ONNX graphs through random music and return the logits of each field."""
    events, controls = steps(sizes)
    step = session(member.step_graph(sizes, weights, precision))
    head = member.head_graph(sizes, weights, precision)
    if head is not None:
        head = session(head)
    feed = zeros(step, len(events))
    taken = {i.name for i in step.get_inputs()}
    logits = []
    for t in range(events.shape[1]):
        given = {"event": events[:, t], "controls": controls[:, t]}
        given = feed | {name: value for name, value in given.items() if name in taken}
        out = dict(zip([o.name for o in step.get_outputs()], step.run(None, given), strict=True))
        feed = {name: out[name.replace("state.", "next.")] for name in feed}
        if head is not None:
            head_inputs = {"hidden": out["hidden"], "chosen": events[:, t]}
            out = dict(
                zip([o.name for o in head.get_outputs()], head.run(None, head_inputs), strict=True)
            )
        logits.append([out[f"logits.{name}"] for name, _ in sizes.fields])
    return [np.stack(field, 1) for field in zip(*logits, strict=True)]


@members(Neural, "onnx")
@each_size
def test_the_graphs_play_the_network(member, sizes):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    network = randomized(member.network(sizes))
    weights = network.export_weights()
    assert member.parameters(sizes) == sum(value.size for value in weights.values())
    assert all(value.dtype == np.float32 for value in weights.values())
    assert member.chained == (member.head_graph(sizes, weights) is not None)
    exact, rough = (played(member, sizes, weights, p) for p in ("float32", "int8"))
    again = member.network(sizes)
    again.import_weights(weights)
    events, controls = steps(sizes)
    states = zeros(session(member.step_graph(sizes, weights)), len(events))
    whole, _ = again(events, controls, list(states.values()), events)
    for (_, size), ours, int8, theirs in zip(sizes.fields, exact, rough, whole, strict=True):
        assert ours.shape == (*events.shape[:2], size)
        assert np.allclose(ours, np.asarray(theirs), atol=1e-5)
        assert np.allclose(ours, int8, atol=0.2)


each_weighed = pytest.mark.parametrize(
    "member",
    [member for member in MEMBERS if weighed(member)],
    ids=lambda member: "-".join(str(v) for v in member.spec().values() if isinstance(v, str)),
)


@each_weighed
def test_windows_that_follow_one_another_are_one_window(member):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    network = randomized(member.network(PLAIN))
    half = 2 * max(member.stride, 4)
    events, _ = steps(PLAIN, 2 * half)
    states = zeros_of(member.state_specs(), len(events))
    whole, last = network(events, None, states, events)
    first, states = network(events[:, :half], None, states, events[:, :half])
    assert [tuple(s.shape[1:]) for s in states] == [s.shape for s in member.state_specs()]
    second, states = network(events[:, half:], None, states, events[:, half:])
    for k, found in enumerate(whole):
        joined = np.concatenate([np.asarray(first[k]), np.asarray(second[k])], axis=1)
        assert np.allclose(joined, np.asarray(found), atol=1e-4)
    for one, other in zip(states, last, strict=True):
        assert np.allclose(np.asarray(one), np.asarray(other), atol=1e-4)


@each_weighed
def test_a_model_without_controls_refuses_them(member):
    if member.name not in NO_CONTROLS:
        assert member.parameters(SEVERAL) > member.parameters(PLAIN)
        return
    with pytest.raises(BadOption, match="takes no controls"):
        member.parameters(SEVERAL)


@each_weighed
@each_size
def test_a_player_of_the_weights_plays_the_network(member, sizes):
    pytest.importorskip("keras", reason="the extra `train` is not installed")
    sizes = Sizes(sizes.fields) if member.name in NO_CONTROLS else sizes
    network = randomized(member.network(sizes))
    weights = network.export_weights()
    assert {name: value.shape for name, value in weights.items()} == member.shapes(sizes)
    assert all(value.dtype == np.float32 for value in weights.values())
    events, controls = steps(sizes, 6 * member.stride)
    chosen = np.roll(events, -1, axis=1)
    player = players.load(member.player)(member, sizes, weights)
    player.start(len(events))
    ours = []
    for t in range(events.shape[1]):
        player.step(events[:, t], controls[:, t] if sizes.width else None)
        ours.append(player.all_logits(chosen[:, t]))
    again = member.network(sizes)
    again.import_weights(weights)
    states = zeros_of(member.state_specs(), len(events))
    whole, after = again(events, controls, states, chosen)
    assert [s.shape for s in after] == [s.shape for s in states]
    for field, theirs in zip(zip(*ours, strict=True), whole, strict=True):
        assert np.allclose(np.stack(field, 1), np.asarray(theirs), atol=1e-5)


@members(CountedModel)
@each_size
def test_what_was_counted_is_read_back_from_whole_numbers(member, sizes):
    lengths = np.array([40, 25, 1])
    rng = np.random.default_rng(3)
    values = np.stack([rng.integers(0, size, lengths.sum()) for _, size in sizes.fields], 1)
    arrays = member.arrays(member.learn(values, lengths, sizes))
    assert arrays and all(array.dtype.kind in "iu" for array in arrays.values())
    again = member.arrays(member.read(arrays, sizes))
    assert again.keys() == arrays.keys()
    assert all(np.array_equal(again[name], array) for name, array in arrays.items())
    for name in (name for name, array in arrays.items() if len(array)):
        lacking = {other: array for other, array in arrays.items() if other != name}
        with pytest.raises(ValueError, match=r"\w"):
            member.read(lacking, sizes)
