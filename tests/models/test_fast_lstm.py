"""The fast LSTM on TensorFlow: it is Keras's layer but for rounding; what it drops."""

import numpy as np
import pytest

from symgen.models import Sizes, model

tf = pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
keras = pytest.importorskip("keras")
network = pytest.importorskip("symgen.models.recurrent.network")

SIZES = Sizes((("event", 7), ("chord", 3)), 2)


def gradients(precision, steps=40, spans=1, cells=("lstm", "lstm")):
    """Logits, states and gradients by name, of the same weights and the same input."""
    member = model({"name": "lstm", "layers": [{"cell": cell, "units": 8} for cell in cells]})
    made, rng = member.network(SIZES, precision), np.random.default_rng(2)
    made.spans = spans
    made.import_weights(
        {k: rng.normal(0, 0.4, v.shape).astype(np.float32) for k, v in made.named().items()}
    )
    events = np.stack(
        [rng.integers(0, size + 1, (5, steps)) for _, size in SIZES.fields], -1
    ).astype(np.int32)
    controls = rng.normal(size=(5, steps, 2)).astype(np.float32)
    given = [rng.normal(size=(5, *s.shape)).astype(s.dtype) for s in member.state_specs()]
    with tf.GradientTape() as tape:
        logits, last = made(events, controls, given, training=True)
        loss = sum(
            tf.reduce_sum(tf.cast(z, tf.float32) * np.cos(np.arange(z.shape[-1]))) for z in logits
        )
    named = {k: v.value for k, v in made.named().items()}
    found = dict(zip(named, tape.gradient(loss, list(named.values())), strict=True))
    return {
        k: np.asarray(tf.convert_to_tensor(v), np.float32)
        for k, v in (found | {f"out{i}": v for i, v in enumerate([*logits, *last])}).items()
    }


def test_bfloat16_is_float32_but_for_rounding():
    exact, rounded = gradients("float32"), gradients("bfloat16")
    for name, value in exact.items():
        far = np.abs(rounded[name] - value).max() / np.abs(value).max()
        assert far < 0.1, (name, far)


@pytest.mark.parametrize(
    ("cells", "steps", "spans"),
    [
        (("lstm", "lstm"), 40, 8),
        (("lstm", "lstm"), 3, 8),
        (("lstm", "lstm"), 40, 2),
        (("lstm", "gru"), 41, 8),
        (("gru", "lstm"), 41, 8),
    ],
)
def test_spans_of_a_window_are_one_window(steps, spans, cells, monkeypatch):
    monkeypatch.setattr(network, "MIN_STEPS", 1)
    whole, cut = gradients("float32", steps, cells=cells), gradients("float32", steps, spans, cells)
    assert len(whole) > 8
    for name, value in whole.items():
        assert np.abs(value).max() > 0 and np.allclose(
            cut[name], value, atol=1e-5 * np.abs(value).max()
        ), name


def test_spans_round_no_more_than_one_window_does(monkeypatch):
    monkeypatch.setattr(network, "MIN_STEPS", 1)
    exact, one, cut = gradients("float32"), gradients("bfloat16"), gradients("bfloat16", spans=8)
    for name, value in exact.items():
        far, farther = (np.linalg.norm(found[name] - value) for found in (one, cut))
        assert farther < 1.2 * far + 1e-6 * np.linalg.norm(value), name


@pytest.mark.parametrize(("steps", "taken"), [(12, 1), (40, 2), (128, 8), (300, 8)])
def test_a_span_is_no_shorter_than_is_worth_it(steps, taken, monkeypatch):
    from symgen.models.recurrent import fast_lstm as hoisted

    lengths, run = [], hoisted._recurrence
    monkeypatch.setattr(
        hoisted, "_recurrence", lambda x, *given: lengths.append(x.shape[0]) or run(x, *given)
    )
    gradients("float32", steps, 8)
    assert (
        len(lengths) == 2 * taken and sum(lengths) == 2 * steps and max(lengths) - min(lengths) < 2
    )


@pytest.mark.parametrize("shape", [(3, 5, 7), (64, 50, 40)])
def test_dropping_takes_its_share_and_keeps_the_mean(shape):
    from symgen.models.recurrent.fast_lstm import dropped

    seeds = keras.random.SeedGenerator(1)
    one, other = (np.asarray(dropped(tf.ones(shape), 0.2, seeds)) for _ in range(2))
    assert one.shape == shape and set(np.unique(one)) <= {0, np.float32(1.25)}
    assert (one != other).any()
    again = np.asarray(dropped(tf.ones(shape), 0.2, keras.random.SeedGenerator(1)))
    assert np.array_equal(one, again)
    if one.size > 10_000:
        assert (one == 0).mean() == pytest.approx(0.2, abs=0.005)
        assert np.corrcoef((one.ravel()[:-1], one.ravel()[1:]))[0, 1] == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize(("rows", "lanes"), [(32, 2), (48, 3), (33, 2), (16, 2)])
def test_lanes_side_by_side_are_one_batch(rows, lanes):
    member = model({"name": "lstm", "layers": [{"units": 4}, {"cell": "gru", "units": 3}]})
    network, rng = member.network(SIZES), np.random.default_rng(3)
    events = np.stack(
        [rng.integers(0, size + 1, (rows, 5)) for _, size in SIZES.fields], -1
    ).astype(np.int32)
    controls = rng.normal(size=(rows, 5, 2)).astype(np.float32)
    given = [rng.normal(size=(rows, *s.shape)).astype(s.dtype) for s in member.state_specs()]
    one = network(events, controls, given)
    network.lanes = lanes
    other = network(events, controls, given)
    for ours, theirs in zip([*one[0], *one[1]], [*other[0], *other[1]], strict=True):
        assert np.allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize(
    ("batch", "threads", "lanes", "spans", "shared", "beside"),
    [
        (64, 2, 2, 1, 1, 2),
        (32, 2, 2, 1, 1, 2),
        (16, 2, 1, 8, 1, 2),
        (16, 1, 1, 1, 1, 1),
        (33, 2, 1, 1, 2, 2),
        (64, 1, 1, 1, 1, 1),
    ],
)
def test_a_lane_has_rows_enough_and_else_a_layer_a_thread_of_its_own(
    monkeypatch, batch, threads, lanes, spans, shared, beside
):
    from symgen.training.loop import backend
    from symgen.training.options import Training

    given = {}
    for kind in ("intra", "inter"):
        monkeypatch.setattr(
            tf.config.threading,
            f"set_{kind}_op_parallelism_threads",
            lambda n, kind=kind: given.update({kind: n}),
        )
    assert backend._use_threads(keras, Training(batch=batch, threads=threads)) == (lanes, spans)
    assert given == {"intra": shared, "inter": beside}


@pytest.mark.parametrize(
    ("cells", "length", "spans"),
    [
        ("lstm lstm", 256, 8),
        ("gru lstm lstm", 256, 8),
        ("lstm gru lstm", 256, 1),
        ("lstm", 256, 1),
        ("gru gru", 256, 1),
        ("lstm lstm", 31, 1),
    ],
)
def test_layers_are_side_by_side_where_there_are_some_to_be(monkeypatch, cells, length, spans):
    from symgen.training.loop import backend
    from symgen.training.options import Training

    for kind in ("intra", "inter"):
        monkeypatch.setattr(
            tf.config.threading, f"set_{kind}_op_parallelism_threads", lambda n: None
        )
    member = model(
        {"name": "lstm", "layers": [{"cell": cell, "units": 4} for cell in cells.split()]}
    )
    _, _, made = backend.build(
        member, SIZES, Training(batch=16, length=length, threads=2, precision="float32")
    )
    assert made.spans == spans and ("layers side by side" in backend.device(made)) == (spans > 1)


@pytest.mark.parametrize("batch", [16, 64])
def test_beside_an_accelerator_nothing_is_side_by_side_nor_said_to_be(monkeypatch, batch):
    from symgen.training.loop import backend
    from symgen.training.options import Training

    monkeypatch.setattr(network, "uses_fast_lstm", lambda: False)
    for kind in ("intra", "inter"):
        monkeypatch.setattr(
            tf.config.threading,
            f"set_{kind}_op_parallelism_threads",
            lambda n: pytest.fail("its threads are its own"),
        )
    monkeypatch.setattr(backend, "cores", lambda: 2)
    member = model({"name": "lstm", "layers": [{"units": 4}] * 2})
    _, _, made = backend.build(member, SIZES, Training(batch=batch, precision="float32"))
    assert (made.lanes, made.spans) == (1, 1) and "side by side" not in backend.device(made)


def stepped(batch, rows, monkeypatch):
    """The loss, states and gradients of one step of a batch, in parts of `rows` rows."""
    from symgen.models.learner import TrainableModel
    from symgen.models.recurrent import microbatches as parts

    monkeypatch.setitem(parts.ROWS, "float32", rows)
    member = model(
        {"name": "lstm", "layers": [{"units": 4}, {"cell": "gru", "units": 3}], "head": "chained"}
    )
    keras.utils.set_random_seed(4)
    network, rng = member.network(SIZES), np.random.default_rng(5)
    learner = TrainableModel(network, batch, member.state_specs())
    learner.compile(optimizer=keras.optimizers.SGD(1.0))
    for carried in learner.carried:
        carried.assign(rng.normal(size=carried.shape))
    before = network.export_weights()
    events = np.stack([rng.integers(0, size, (batch, 6)) for _, size in SIZES.fields], -1).astype(
        np.int32
    )
    inputs = {
        "events": events[:, :-1],
        "targets": events[:, 1:],
        "controls": rng.normal(size=(batch, 5, 2)).astype(np.float32),
        "fresh": (rng.random(batch) < 0.5).astype(np.float32),
    }
    weights = (rng.random((batch, 5)) < 0.7).astype(np.float32)
    loss = learner.train_on_batch(inputs, inputs["targets"], sample_weight=weights)
    after = network.export_weights()
    return {
        "loss": np.asarray(loss),
        **{k: after[k] - before[k] for k in before},
        **{f"carried{i}": np.asarray(v.value) for i, v in enumerate(learner.carried)},
    }


def test_parts_of_a_batch_are_one_batch(monkeypatch):
    whole, parts = (stepped(12, rows, monkeypatch) for rows in (12, 4))
    for name, value in whole.items():
        assert np.abs(value).max() > 0 and np.allclose(parts[name], value, atol=1e-6), name


@pytest.mark.parametrize(
    ("batch", "lanes", "parts"),
    [(16, 1, 1), (64, 1, 2), (64, 2, 1), (128, 2, 2), (48, 1, 2), (67, 1, 1)],
)
def test_a_part_is_large_enough_to_be_fast(batch, lanes, parts):
    from symgen.models.recurrent.microbatches import count

    assert count(batch, lanes, "float32") == count(2 * batch, lanes, "bfloat16") == parts
