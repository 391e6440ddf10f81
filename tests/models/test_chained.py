"""The chained head: each field given those before it, in the network and its graphs."""

import numpy as np
import pytest

from symgen.errors import BadOption
from symgen.models import Sizes, model
from tests.models.networks import randomized

keras = pytest.importorskip("keras", reason="the extra `train` is not installed")

SIZES = Sizes((("melody", 7), ("chord", 3), ("bass", 4)), 2)
LAYERS = [{"cell": "lstm", "units": 5}, {"cell": "gru", "units": 6}]


def chained(**options):
    return model({"name": "lstm", "layers": LAYERS, "head": "chained", **options})


def data(batch=3, steps=9, seed=1):
    """Events before, controls, and the values of each step."""
    rng = np.random.default_rng(seed)
    events = np.stack(
        [rng.integers(0, size + 1, (batch, steps)) for _, size in SIZES.fields], -1
    ).astype(np.int32)
    chosen = np.stack(
        [rng.integers(0, size, (batch, steps)) for _, size in SIZES.fields], -1
    ).astype(np.int32)
    return events, rng.normal(size=(batch, steps, SIZES.width)).astype(np.float32), chosen


def zeros(member, batch):
    return [spec.zeros(batch) for spec in member.state_specs()]


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("units", [0, 11])
def test_the_graphs_play_the_network(units, direct):
    """step.onnx and head.onnx, step by step, give the logits of the network for the window."""
    import onnxruntime

    member = chained(head_units=units, direct=direct)
    network = randomized(member.network(SIZES))
    events, controls, chosen = data()
    logits, _ = network(events, controls, zeros(member, 3), chosen)
    assert sum(np.prod(v.shape) for v in network.trainable_variables) == member.parameters(SIZES)
    weights = network.export_weights()
    step, head = (
        onnxruntime.InferenceSession(g)
        for g in (member.step_graph(SIZES, weights), member.head_graph(SIZES, weights))
    )
    assert {o.name: o.shape[1] for o in step.get_outputs() if "next" not in o.name} == {
        "hidden": units or 6
    }
    feed = {f"state.{i}": s for i, s in enumerate(zeros(member, 3))}
    for t in range(events.shape[1]):
        out = dict(
            zip(
                [o.name for o in step.get_outputs()],
                step.run(None, feed | {"event": events[:, t], "controls": controls[:, t]}),
                strict=True,
            )
        )
        made = head.run(
            [f"logits.{name}" for name, _ in SIZES.fields],
            {"hidden": out["hidden"], "chosen": chosen[:, t]},
        )
        for ours, whole in zip(made, logits, strict=True):
            assert np.allclose(ours, np.asarray(whole)[:, t], atol=1e-5)
        feed = {
            name.replace("next", "state"): value for name, value in out.items() if "next" in name
        }


def test_a_field_hears_those_before_it_and_no_other():
    import onnxruntime

    member = chained()
    network = randomized(member.network(SIZES))
    head = onnxruntime.InferenceSession(member.head_graph(SIZES, network.export_weights()))
    events, controls, chosen = data()

    def of_network(values):
        return [np.asarray(z) for z in network(events, controls, zeros(member, 3), values)[0]]

    def of_graph(values):
        return head.run(None, {"hidden": np.ones((3, 6), np.float32), "chosen": values[:, 0]})

    for logits in (of_network, of_graph):
        before = logits(chosen)
        for changed, (_, size) in enumerate(SIZES.fields):
            other = chosen.copy()
            other[..., changed] = (other[..., changed] + 1) % size
            same = [np.array_equal(a, b) for a, b in zip(before, logits(other), strict=True)]
            assert same == [k <= changed for k in range(3)]
    nothing = np.array(
        [[size for _, size in SIZES.fields]] * 3, np.int32
    )  # not chosen yet, as the engine says it
    assert np.array_equal(of_graph(nothing[:, None])[0], of_graph(chosen)[0])


@pytest.mark.parametrize("units", [0, 11])
def test_parameters_are_counted_without_building(units):
    member = chained(head_units=units)
    network = member.network(SIZES)
    assert member.parameters(SIZES) == sum(np.prod(v.shape) for v in network.trainable_variables)
    assert member.parameters(SIZES) == sum(v.size for v in network.export_weights().values())


def test_fields_and_controls_share_the_variance_of_the_first_layer():
    """The gates begin with unit variance, for one field and for two fields and controls."""
    keras.utils.set_random_seed(0)
    wide = [{"units": 400}]
    for sizes in (Sizes((("event", 50),)), Sizes((("melody", 50), ("chord", 30)), 60)):
        kernel = (
            model({"name": "lstm", "layers": wide})
            .network(sizes)
            .export_weights()["layer.0.kernel"]
        )
        fields, controls = np.split(kernel, [sizes.inputs - sizes.width])
        assert fields.std() == pytest.approx(len(sizes.fields) ** -0.5, rel=0.05)
        assert not len(controls) or controls.std() == pytest.approx(60**-0.5, rel=0.05)


def test_an_independent_head_is_as_it_was():
    """No head graph, no weight more, and `chosen` makes no difference."""
    member = model({"name": "lstm", "layers": LAYERS})
    network = randomized(member.network(SIZES))
    events, controls, chosen = data()
    assert not member.chained and member.head_graph(SIZES, network.export_weights()) is None
    assert sorted(n for n in network.named() if not n.startswith("layer")) == sorted(
        f"head.{name}.{w}" for name, _ in SIZES.fields for w in ("kernel", "bias")
    )
    one, other = (network(events, controls, zeros(member, 3), c)[0] for c in (None, chosen))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_chosen_values_are_needed():
    member = chained()
    events, controls, _ = data()
    with pytest.raises(ValueError, match="needs the values of the step"):
        member.network(SIZES)(events, controls, zeros(member, 3))


def trained(head, steps=150):
    """Nats of each field after training on music that only a chained head can predict.

    The first value is random, the second is three times the first, modulo 8.
    """
    from symgen.models.learner import Scorer, TrainableModel

    keras.utils.set_random_seed(0)
    sizes, member = (
        Sizes((("melody", 8), ("chord", 8))),
        model({"name": "lstm", "layers": [{"units": 24}], "head": head}),
    )
    learner = TrainableModel(network := member.network(sizes), 8, member.state_specs())
    learner.compile(optimizer=keras.optimizers.Adam(0.02, global_clipnorm=3.0))
    rng = np.random.default_rng(0)

    def batch():
        first = rng.integers(0, 8, (8, 17, 1))
        events = np.concatenate([first, 3 * first % 8], -1).astype(np.int32)
        return {
            "events": events[:, :-1],
            "controls": np.zeros((8, 16, 0), np.float32),
            "fresh": np.ones(8, np.float32),
            "targets": events[:, 1:],
        }

    for _ in range(steps):
        x = batch()
        learner.train_on_batch(x, x["targets"], sample_weight=np.ones((8, 16), np.float32))
    scorer = Scorer(network)
    return scorer.predict_on_batch({**batch(), "states": zeros(member, 8)})["nats"].mean((0, 1))


@pytest.mark.slow
def test_what_the_step_itself_tells_is_learned():
    """The second field follows from the first: only a chained head can learn that."""
    melody, chord = trained("chained")
    assert 2.0 < melody < 2.4 and chord < 0.05  # ln 8 = 2.08
    assert trained("independent")[1] > 1.9


def test_bfloat16_leaves_the_head_in_float32():
    member = chained()
    exact, rough = (randomized(member.network(SIZES, p)) for p in ("float32", "bfloat16"))
    events, controls, chosen = data()
    for a, b in zip(
        *(n(events, controls, zeros(member, 3), chosen)[0] for n in (exact, rough)), strict=True
    ):
        assert keras.backend.standardize_dtype(b.dtype) == "float32"
        assert np.allclose(a, b, atol=0.1)
    assert {keras.backend.standardize_dtype(v.dtype) for v in rough.chain.variables} == {"float32"}
    assert rough.chain.compute_dtype == rough.chain.project.compute_dtype == "float32"


@pytest.mark.parametrize(
    "options",
    [{"head": "open"}, {"head": 3}, {"head_units": -1}, {"head_units": 1.5}, {"head_units": True}],
)
def test_bad_options_are_named(options):
    with pytest.raises(BadOption, match=f"model.{next(iter(options))} = "):
        model({"name": "lstm", **options})
