"""A toy model whose state grows: a cache of all events, on which its logits depend.

The logits of value v are minus the distance of v from (sum of all events so far) modulo the size.
"""

import numpy as np
import pytest

from symgen.runtime.onnx import OnnxPlayer


def growing_graph(size):
    """Return a step graph with the state `cache` [batch, seen, 1], which gets an event per step."""
    onnx = pytest.importorskip("onnx", reason="the extra `train` is not installed")
    helper, kinds, node = onnx.helper, onnx.TensorProto, onnx.helper.make_node

    def value(name, kind, *shape):
        return helper.make_tensor_value_info(name, kind, ["batch", *shape])

    constants = {
        "axis": np.array([1]),
        "size": np.array([size], np.float32),
        "values": np.arange(size, dtype=np.float32)[None],
    }
    nodes = [
        node("Cast", ["event"], ["real"], to=kinds.FLOAT),
        node("Unsqueeze", ["real", "axis"], ["now"]),
        node("Concat", ["state.cache", "now"], ["next.cache"], axis=1),
        node("ReduceSum", ["next.cache", "axis"], ["sum"], keepdims=0),
        node("Mod", ["sum", "size"], ["best"], fmod=1),
        node("Sub", ["values", "best"], ["off"]),
        node("Abs", ["off"], ["distance"]),
        node("Neg", ["distance"], ["logits.event"]),
    ]
    graph = helper.make_graph(
        nodes,
        "step",
        [value("event", kinds.INT32, 1), value("state.cache", kinds.FLOAT, "seen", 1)],
        [value("next.cache", kinds.FLOAT, "seen + 1", 1), value("logits.event", kinds.FLOAT, size)],
        [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def growing_player(size):
    """Return the player of that graph."""
    return OnnxPlayer(growing_graph(size), None, ["event"])


def expected_logits(size, events):
    """Return the logits after the int `events` that one stream has seen."""
    return -np.abs(np.arange(size) - sum(events) % size).astype(np.float32)


def candidate_logits(player, field, candidates):
    """Return the logits of `field` after each of the candidates [batch, n, fields] of a stream."""
    batch, count, fields = candidates.shape
    rows = np.repeat(np.arange(batch), count)
    logits = player.logits(field, candidates.reshape(-1, fields), rows)
    return logits.reshape(batch, count, -1)
