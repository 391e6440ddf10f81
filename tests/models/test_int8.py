"""int8: the rounding, sums that fit, graphs close to float32, rows that are independent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgen.models import Sizes, model
from symgen.models.recurrent.int8 import MAX_PAIR, MAX_WEIGHT, STEPS, columns

SIZES = Sizes((("melody", 20), ("chord", 6)), 3)
LAYERS = [{"cell": "lstm", "units": 40}, {"cell": "gru", "units": 24}, {"cell": "rnn", "units": 33}]


@given(
    st.integers(1, 9), st.integers(1, 5), st.integers(0, 99), st.sampled_from([1e-30, 0.01, 1, 1e9])
)
def test_a_column_is_its_whole_numbers_times_its_scale(rows, count, seed, size):
    kernel = (size * np.random.default_rng(seed).standard_t(1, (rows, count))).astype(np.float32)
    whole, scale = columns(kernel)
    assert whole.dtype == np.int8 and np.abs(whole.astype(int)).max() <= MAX_WEIGHT
    assert np.all(np.abs(whole * (scale * np.float32(STEPS)) - kernel) <= 0.501 * scale * STEPS)


@given(st.integers(1, 9), st.integers(0, 99))
def test_two_neighbours_fit_in_sixteen_bits_with_any_input(rows, seed):
    kernel = np.random.default_rng(seed).standard_t(1, (2 * rows, 4)).astype(np.float32)
    pairs = columns(kernel)[0].astype(int).reshape(rows, 2, 4)
    for sign in (1, -1):
        assert np.maximum(sign * pairs, 0).sum(axis=1).max() <= MAX_PAIR
    assert 255 * MAX_PAIR < 2**15


def test_a_column_of_zeros_stays_so():
    whole, scale = columns(np.zeros((3, 2), np.float32))
    assert not whole.any() and np.isfinite(scale).all()


def weights(rng, chained):
    out, below, gates = {}, SIZES.inputs, {"lstm": 4, "gru": 3, "rnn": 1}
    for i, layer in enumerate(LAYERS):
        units, count = layer["units"], gates[layer["cell"]]
        bias = (2, count * units) if layer["cell"] == "gru" else (count * units,)
        out |= {
            f"layer.{i}.kernel": rng.normal(0, 0.2, (below, count * units)),
            f"layer.{i}.bias": rng.normal(0, 0.2, bias),
            f"layer.{i}.recurrent_kernel": rng.normal(0, 0.2, (units, count * units)),
        }
        below = units
    if chained:
        out |= {
            "chain.kernel": rng.normal(0, 0.2, (below, 21)),
            "chain.bias": rng.normal(0, 0.2, 21),
        }
        out |= {
            f"chain.{name}.embedding": rng.normal(0, 0.2, (size, 21))
            for name, size in SIZES.fields[:-1]
        }
        below = 21
    for name, size in SIZES.fields:
        out |= {
            f"head.{name}.kernel": rng.normal(0, 0.2, (below, size)),
            f"head.{name}.bias": rng.normal(0, 0.2, size),
        }
    return {name: values.astype(np.float32) for name, values in out.items()}


def play(member, made, precision, events, conditions):
    """The logits `[steps, batch, size]` of each field, along `events` `[steps, batch, 2]`."""
    ort = pytest.importorskip("onnxruntime")
    step = ort.InferenceSession(member.step_graph(SIZES, made, precision))
    head = (
        ort.InferenceSession(member.head_graph(SIZES, made, precision)) if member.chained else None
    )
    names = [o.name for o in step.get_outputs()]
    states = {
        i.name: np.zeros((events.shape[1], i.shape[1]), np.float32)
        for i in step.get_inputs()
        if i.name.startswith("state")
    }
    logits = [f"logits.{name}" for name, _ in SIZES.fields]
    out = []
    for event, controls in zip(events, conditions, strict=True):
        found = dict(
            zip(
                names, step.run(names, states | {"event": event, "controls": controls}), strict=True
            )
        )
        states = {name: found[name.replace("state", "next")] for name in states}
        if head:
            found |= zip(
                logits, head.run(logits, {"hidden": found["hidden"], "chosen": event}), strict=True
            )
        out.append(np.concatenate([found[name] for name in logits], axis=1))
    return np.stack(out)


@pytest.mark.parametrize("head", ["independent", "chained"])
def test_the_graphs_follow_those_of_float32_and_rows_are_alone(head):
    pytest.importorskip("onnx", reason="the extra `train` is not installed")
    rng = np.random.default_rng(0)
    member = model({"name": "lstm", "layers": LAYERS, "head": head, "head_units": 21})
    made = weights(rng, member.chained)
    events = np.stack([rng.integers(0, size, (30, 5)) for _, size in SIZES.fields], axis=-1).astype(
        np.int32
    )
    conditions = rng.random((30, 5, 3)).astype(np.float32)
    exact, whole = (
        play(member, made, precision, events, conditions) for precision in ("float32", "int8")
    )
    off = np.abs(whole - exact)
    assert 0 < off.mean() < 0.02 * exact.std()
    for rows in ([0], [3, 1], [4, 2, 0, 1]):
        assert np.array_equal(
            play(member, made, "int8", events[:, rows], conditions[:, rows]), whole[:, rows]
        )
