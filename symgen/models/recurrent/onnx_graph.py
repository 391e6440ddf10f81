"""One step of a recurrent network as an ONNX graph, from the weights in Keras's layout.

Inputs are `event` int32 [batch, fields], `controls` float32 [batch, width] where there are any, and
`state.<n>` [batch, units]. Outputs are `logits.<field>` [batch, size] and `next.<n>`. A layer is
one matrix product of [x, h]; the first one gathers the rows of its kernel that the ids name. In
precision int8 the products are of integers (see `int8`), and gathered rows are stored as float16.

Where the fields of a step are chained, the step returns `hidden` [batch, units] in place of logits.
That is the head's projection of the last layer, W h + b, which does not depend on the chosen
values. The head graph takes it and `chosen` int32 [batch, fields], and returns `logits.<field>` of
every field (see `onnx_head`).

The graphs are written with onnx.helper, so exporting needs neither a tracer nor a backend.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.errors import MissingExtra
from symgen.models.base import Moments, Sizes, Weights
from symgen.models.recurrent.int8 import STEPS, ZERO, columns
from symgen.models.recurrent.model import STATES
from symgen.models.state import numbered

OPSET, IR_VERSION = 17, 8


class Graph:
    """Collects nodes, weights, inputs and outputs. Methods return the name of what they add."""

    def __init__(self, precision: str = "float32") -> None:
        try:
            import onnx
        except ImportError:
            raise MissingExtra("onnx", "train", "writing a model that can be played") from None
        self.onnx, self.precision = onnx, precision
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self._quantised: dict[str, str] = {}
        self._renamed: dict[str, str] = {}

    def constant(self, values: npt.ArrayLike) -> str:
        """Add an array, or a NumPy number."""
        name = f"constant.{len(self.constants)}"
        self.constants.append(
            self.onnx.numpy_helper.from_array(np.asarray(values, order="C"), name)
        )
        return name

    def input(self, name: str, width: int, dtype: str = "FLOAT") -> str:
        """Declare an input `[batch, width]`."""
        kind = getattr(self.onnx.TensorProto, dtype)
        shape = ["batch", width]
        self.inputs.append(self.onnx.helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, value: str, width: int) -> None:
        """Declare `value`, which must not be an output yet, as the output `[batch, width]`."""
        self._renamed[value] = name
        kind = self.onnx.TensorProto.FLOAT
        shape = ["batch", width]
        self.outputs.append(self.onnx.helper.make_tensor_value_info(name, kind, shape))

    def add(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; return the name of its output, or the names of several."""
        names = [f"{op.lower()}.{len(self.nodes)}.{k}" for k in range(outputs)]
        self.nodes.append(self.onnx.helper.make_node(op, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def product(self, x: str, kernel: npt.NDArray[np.float32], plus: str) -> str:
        """Multiply `x` `[batch, n]` by `kernel` `[n, m]`, and add `plus`.

        The values of `x` must be from -1 to 1.
        """
        if self.precision == "float32":
            return str(self.add("Gemm", x, self.constant(kernel), plus))
        if x not in self._quantised:
            scale = self.constant(np.float32(1 / STEPS))
            zero = self.constant(np.uint8(ZERO))
            self._quantised[x] = self.add("QuantizeLinear", x, scale, zero)
        weights, scales = columns(kernel)
        factor = self.constant(weights)
        zero = self.constant(np.uint8(ZERO))
        total = self.add("MatMulInteger", self._quantised[x], factor, zero)
        real = self.add("Cast", total, to=self.onnx.TensorProto.FLOAT)
        scaled = self.add("Mul", real, self.constant(scales))
        return str(self.add("Add", scaled, plus))

    def rows(self, table: npt.NDArray[np.float32], ids: str) -> str:
        """Return the rows of `table` `[n, m]` that `ids` name, as float32.

        For int8 the table is stored as float16, unless a value is too large for that.
        """
        with np.errstate(over="ignore"):
            float16 = table.astype(np.float16)
        if self.precision == "float32" or not np.isfinite(float16).all():
            return str(self.add("Gather", self.constant(table), ids, axis=0))
        found = self.add("Gather", self.constant(float16), ids, axis=0)
        return str(self.add("Cast", found, to=self.onnx.TensorProto.FLOAT))

    def serialize(self, name: str = "step") -> bytes:
        """Check the graph and return its bytes."""
        helper = self.onnx.helper
        for node in self.nodes:
            node.input[:] = [self._renamed.get(value, value) for value in node.input]
            node.output[:] = [self._renamed.get(value, value) for value in node.output]
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, self.constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="symgen",
        )
        self.onnx.checker.check_model(model)
        made: bytes = model.SerializeToString()
        return made


def step_graph(
    sizes: Sizes,
    layers: Sequence[Mapping[str, Any]],
    weights: Weights,
    chained: bool = False,
    precision: str = "float32",
    moments: Moments | None = None,
) -> bytes:
    """Return the step graph of recurrent layers with a dense head per field, or with `hidden`.

    With `moments`, their times follow the units in `hidden`, for the head graph.
    """
    graph, below = Graph(precision), ""
    specs = iter(numbered([each["units"] for each in layers for _ in range(STATES[each["cell"]])]))
    for i, layer in enumerate(layers):
        kernel, recurrent, bias = (
            np.asarray(weights[f"layer.{i}.{w}"], np.float32)
            for w in ("kernel", "recurrent_kernel", "bias")
        )
        states = list(itertools.islice(specs, STATES[layer["cell"]]))
        before = [graph.input(spec.before, layer["units"]) for spec in states]
        read = Below(graph, sizes, kernel, below)
        after = CELLS[layer["cell"]](graph, read, recurrent, bias, *before)
        for spec, value in zip(states, after, strict=True):
            graph.output(spec.after, value, layer["units"])
        below = after[0]
    if chained:
        hidden = _straight(graph, dense(graph, below, weights, "chain"), weights, "chain")
        units = np.asarray(weights["chain.bias"]).size
        if moments:
            columns = graph.constant(np.array(moments.columns))
            times = graph.add("Gather", "controls", columns, axis=1)
            hidden, units = graph.add("Concat", hidden, times, axis=1), units + len(moments.columns)
        graph.output("hidden", hidden, units)
    else:
        for name, size in sizes.fields:
            logits = _straight(graph, dense(graph, below, weights, f"head.{name}"), weights, name)
            graph.output(f"logits.{name}", logits, size)
    return graph.serialize()


def dense(graph: Graph, x: str, weights: Weights, name: str) -> str:
    """Return `x` times the kernel `name`, plus its bias."""
    kernel, bias = (np.asarray(weights[f"{name}.{w}"], np.float32) for w in ("kernel", "bias"))
    return graph.product(x, kernel, graph.constant(bias))


def _straight(graph: Graph, total: str, weights: Weights, name: str) -> str:
    """Add to `total` the direct connection from the controls to the head, if there is one."""
    kernel = weights.get(f"direct.{name}.kernel")
    if kernel is None:
        return total
    factor = graph.constant(np.asarray(kernel, np.float32))
    return str(graph.add("Gemm", "controls", factor, total))


class Below:
    """What a layer reads: `x`, the output of the layer below, or the event and the controls."""

    def __init__(self, graph: Graph, sizes: Sizes, kernel: npt.NDArray[np.float32], x: str) -> None:
        self.graph, self.sizes, self.kernel, self.x = graph, sizes, kernel, x

    def projected(self, bias: npt.NDArray[np.float32], order: Any = slice(None)) -> str:
        """Return the product with the kernel, plus `bias`; both have their columns in `order`.

        For the event it gathers rows of the kernel: the ids of each field count from its first row.
        The bias is added to the rows of the first field.
        """
        graph = self.graph
        kernel = self.kernel[:, order]
        fields = self.sizes.fields
        if self.x:
            return graph.product(self.x, kernel, graph.constant(bias[order]))
        event = graph.input("event", len(fields), "INT32")
        starts = np.cumsum([0] + [size + 1 for _, size in fields])
        table = kernel[: starts[-1]] + bias[order] * (np.arange(starts[-1]) < starts[1])[:, None]
        if len(fields) == 1:
            total = graph.rows(table, graph.add("Squeeze", event, graph.constant(np.array([1]))))
        else:
            ids = graph.add("Add", event, graph.constant(starts[:-1].astype(np.int32)))
            axes = graph.constant(np.array([1]))
            total = graph.add("ReduceSum", graph.rows(table, ids), axes, keepdims=0)
        if self.sizes.width:
            controls = graph.input("controls", self.sizes.width)
            total = graph.add("Gemm", controls, graph.constant(kernel[starts[-1] :]), total)
        return str(total)

    def gates(
        self,
        recurrent: npt.NDArray[np.float32],
        bias: npt.NDArray[np.float32],
        hidden: str,
        order: Any = slice(None),
    ) -> str:
        """Return the products with the kernel and of `hidden` with `recurrent`, plus `bias`.

        That is a single product, except in the first layer.
        """
        if not self.x:
            return self.graph.product(hidden, recurrent[:, order], self.projected(bias, order))
        both = np.concatenate([self.kernel, recurrent])[:, order]
        read = self.graph.add("Concat", self.x, hidden, axis=1)
        return self.graph.product(read, both, self.graph.constant(bias[order]))


def _lstm(
    graph: Graph, below: Below, recurrent: Any, bias: Any, hidden: str, memory: str
) -> list[str]:
    """Keras orders the gates i f u o, this graph i f o u, so that one sigmoid serves three."""
    units = len(recurrent)
    order = np.arange(4 * units).reshape(4, units)[[0, 1, 3, 2]].ravel()
    gates = below.gates(recurrent, bias, hidden, order)
    lengths = graph.constant(np.array([3 * units, units]))
    opened, u = graph.add("Split", gates, lengths, outputs=2, axis=1)
    i, f, o = graph.add("Split", graph.add("Sigmoid", opened), outputs=3, axis=1)
    kept = graph.add("Mul", f, memory)
    new = graph.add("Mul", i, graph.add("Tanh", u))
    memory = graph.add("Add", kept, new)
    return [graph.add("Mul", o, graph.add("Tanh", memory)), memory]


def _gru(graph: Graph, below: Below, recurrent: Any, bias: Any, hidden: str) -> list[str]:
    """The GRU of Keras with reset_after: the reset gate multiplies the product and its bias."""
    product = graph.product(hidden, recurrent, graph.constant(bias[1]))
    inner = graph.add("Split", product, outputs=3, axis=1)
    outer = graph.add("Split", below.projected(bias[0]), outputs=3, axis=1)
    update, reset = (graph.add("Sigmoid", graph.add("Add", outer[k], inner[k])) for k in (0, 1))
    candidate = graph.add("Tanh", graph.add("Add", outer[2], graph.add("Mul", reset, inner[2])))
    change = graph.add("Mul", update, graph.add("Sub", hidden, candidate))
    return [graph.add("Add", candidate, change)]


def _rnn(graph: Graph, below: Below, recurrent: Any, bias: Any, hidden: str) -> list[str]:
    return [graph.add("Tanh", below.gates(recurrent, bias, hidden))]


CELLS: dict[str, Callable[..., list[str]]] = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
