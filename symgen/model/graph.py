"""One step of a recurrent network as an ONNX graph, from the weights in Keras's layout.

Inputs `event` int32 [batch, fields], `controls` float32 [batch, width] where there are any, `state.<n>` [batch, units];
outputs `logits.<field>` [batch, size], `next.<n>`. A layer is one matrix product of [x, h]; the first one gathers the
rows of its kernel that the ids name. Where the fields of a step are chained, the step gives `hidden` [batch, units]
instead of logits: the head's projection of the last layer, W h + b, which does not depend on what is chosen. The head
graph takes it and `chosen` int32 [batch, fields] and gives `logits.<field>` of every field, each of the values of
`chosen` before it alone; those after may be anything from 0 to the field's size, such as "nothing before". Written with
onnx.helper, so that exporting needs neither a tracer nor a backend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.errors import MissingExtra
from symgen.model.base import Sizes, Weights

OPSET, IR_VERSION = 17, 8


class Graph:
    """Collects nodes, weights, inputs and outputs; every method returns the name of what it adds."""

    def __init__(self) -> None:
        try:
            import onnx
        except ImportError:
            raise MissingExtra("onnx", "train", "writing a model that can be played") from None
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def constant(self, values: npt.NDArray[Any]) -> str:
        """Add an array."""
        name = f"constant.{len(self.constants)}"
        self.constants.append(self.onnx.numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name

    def input(self, name: str, width: int, dtype: str = "FLOAT") -> str:
        """Declare an input `[batch, width]`."""
        self.inputs.append(self.onnx.helper.make_tensor_value_info(name, getattr(self.onnx.TensorProto, dtype), ["batch", width]))
        return name

    def output(self, name: str, value: str, width: int) -> None:
        """Declare an output `[batch, width]` that is `value`."""
        self.nodes.append(self.onnx.helper.make_node("Identity", [value], [name]))
        self.outputs.append(self.onnx.helper.make_tensor_value_info(name, self.onnx.TensorProto.FLOAT, ["batch", width]))

    def add(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; return its output's name, or their names."""
        names = [f"{op.lower()}.{len(self.nodes)}.{k}" for k in range(outputs)]
        self.nodes.append(self.onnx.helper.make_node(op, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def serialize(self, name: str = "step") -> bytes:
        """Check the graph and return its bytes."""
        helper = self.onnx.helper
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
                                  producer_name="symgen")
        self.onnx.checker.check_model(model)
        made: bytes = model.SerializeToString()
        return made


def step_graph(sizes: Sizes, layers: Sequence[Mapping[str, Any]], weights: Weights, chained: bool = False) -> bytes:
    """Return the step graph of stacked recurrent layers with one dense head a field, or with `hidden` for a chained one."""
    graph, state = Graph(), 0
    x = ""
    for i, layer in enumerate(layers):
        kernel, recurrent, bias = (np.asarray(weights[f"layer.{i}.{w}"], np.float32) for w in ("kernel", "recurrent_kernel", "bias"))
        before = [graph.input(f"state.{state + k}", layer["units"]) for k in range(2 if layer["cell"] == "lstm" else 1)]
        projected = _first(graph, sizes, kernel) if i == 0 else graph.add("MatMul", x, graph.constant(kernel))
        after: list[str] = CELLS[layer["cell"]](graph, projected, recurrent, bias, *before)
        for value in after:
            graph.output(f"next.{state}", value, layer["units"])
            state += 1
        x = after[0]
    if chained:
        graph.output("hidden", _dense(graph, x, weights, "chain"), np.asarray(weights["chain.bias"]).size)
    else:
        for name, size in sizes.fields:
            graph.output(f"logits.{name}", _dense(graph, x, weights, f"head.{name}"), size)
    return graph.serialize()


def head_graph(sizes: Sizes, weights: Weights) -> bytes:
    """Return the head graph of a chained model."""
    graph, fields = Graph(), [name for name, _ in sizes.fields]
    units = np.asarray(weights["chain.bias"]).size
    total, chosen = graph.input("hidden", units), graph.input("chosen", len(fields), "INT32")
    for k, (name, size) in enumerate(sizes.fields):
        graph.output(f"logits.{name}", _dense(graph, graph.add("Tanh", total), weights, f"head.{name}"), size)
        if k + 1 < len(fields):
            rows = np.concatenate([np.asarray(weights[f"chain.{name}.embedding"], np.float32), np.zeros((1, units), np.float32)])
            value = graph.add("Gather", chosen, graph.constant(np.array(k)), axis=1)
            total = graph.add("Add", total, graph.add("Gather", graph.constant(rows), value, axis=0))
    return graph.serialize("head")


def _dense(graph: Graph, x: str, weights: Weights, name: str) -> str:
    made: str = graph.add("Gemm", x, *(graph.constant(np.asarray(weights[f"{name}.{w}"], np.float32)) for w in ("kernel", "bias")))
    return made


def _first(graph: Graph, sizes: Sizes, kernel: npt.NDArray[np.float32]) -> str:
    """Project the event (and the controls) by gathering kernel rows: each field's ids count from its first row."""
    event = graph.input("event", len(sizes.fields), "INT32")
    starts = np.cumsum([0] + [size + 1 for _, size in sizes.fields])
    rows = graph.add("Add", event, graph.constant(starts[:-1].astype(np.int32)))
    gathered = graph.add("Gather", graph.constant(kernel[:starts[-1]]), rows, axis=0)
    total: str = graph.add("ReduceSum", gathered, graph.constant(np.array([1])), keepdims=0)
    if sizes.width:
        controls = graph.input("controls", sizes.width)
        total = graph.add("Add", total, graph.add("MatMul", controls, graph.constant(kernel[starts[-1]:])))
    return total


def _lstm(graph: Graph, projected: str, recurrent: Any, bias: Any, hidden: str, memory: str) -> list[str]:
    gates = graph.add("Add", graph.add("Gemm", hidden, graph.constant(recurrent), graph.constant(bias)), projected)
    i, f, u, o = graph.add("Split", gates, outputs=4, axis=1)
    kept = graph.add("Mul", graph.add("Sigmoid", f), memory)
    new = graph.add("Mul", graph.add("Sigmoid", i), graph.add("Tanh", u))
    memory = graph.add("Add", kept, new)
    return [graph.add("Mul", graph.add("Sigmoid", o), graph.add("Tanh", memory)), memory]


def _gru(graph: Graph, projected: str, recurrent: Any, bias: Any, hidden: str) -> list[str]:
    """Keras's GRU with reset_after: the reset gate multiplies the recurrent product, bias included."""
    inner = graph.add("Split", graph.add("Gemm", hidden, graph.constant(recurrent), graph.constant(bias[1])), outputs=3, axis=1)
    outer = graph.add("Split", graph.add("Add", projected, graph.constant(bias[0])), outputs=3, axis=1)
    update, reset = (graph.add("Sigmoid", graph.add("Add", outer[k], inner[k])) for k in (0, 1))
    candidate = graph.add("Tanh", graph.add("Add", outer[2], graph.add("Mul", reset, inner[2])))
    change = graph.add("Mul", update, graph.add("Sub", hidden, candidate))
    return [graph.add("Add", candidate, change)]


def _rnn(graph: Graph, projected: str, recurrent: Any, bias: Any, hidden: str) -> list[str]:
    inner = graph.add("Gemm", hidden, graph.constant(recurrent), graph.constant(bias))
    return [graph.add("Tanh", graph.add("Add", projected, inner))]


CELLS: dict[str, Callable[..., list[str]]] = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
