"""One step of a recurrent network as an ONNX graph, from the weights in Keras's layout.

Inputs `event` int32 [batch, fields], `controls` float32 [batch, width] where there are any, `state.<n>` [batch, units];
outputs `logits.<field>` [batch, size], `next.<n>`. A layer is one matrix product of [x, h]; the first one gathers the
rows of its kernel that the ids name. In precision int8 the products are of whole numbers (see
`int8`), and rows that are gathered are kept as float16.

Where the fields of a step are chained, the step gives `hidden` [batch, units] instead of logits: the head's projection of
the last layer, W h + b, which does not depend on what is chosen. The head graph takes it and `chosen` int32 [batch, fields]
and gives `logits.<field>` of every field, each of the values of `chosen` before it alone; those after may be anything from
0 to the field's size, such as "nothing before". Written with onnx.helper, so that exporting needs neither a tracer nor a
backend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.errors import MissingExtra
from symgen.models.base import Sizes, Weights
from symgen.models.recurrent.int8 import STEPS, ZERO, columns

OPSET, IR_VERSION = 17, 8


class Graph:
    """Collects nodes, weights, inputs and outputs; every method returns the name of what it adds."""

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
        self._whole: dict[str, str] = {}
        self._renamed: dict[str, str] = {}

    def constant(self, values: npt.ArrayLike) -> str:
        """Add an array, or a number of NumPy's."""
        name = f"constant.{len(self.constants)}"
        self.constants.append(
            self.onnx.numpy_helper.from_array(np.asarray(values, order="C"), name)
        )
        return name

    def input(self, name: str, width: int, dtype: str = "FLOAT") -> str:
        """Declare an input `[batch, width]`."""
        self.inputs.append(
            self.onnx.helper.make_tensor_value_info(
                name, getattr(self.onnx.TensorProto, dtype), ["batch", width]
            )
        )
        return name

    def output(self, name: str, value: str, width: int) -> None:
        """Declare an output `[batch, width]` that is `value`, which is no output yet."""
        self._renamed[value] = name
        self.outputs.append(
            self.onnx.helper.make_tensor_value_info(
                name, self.onnx.TensorProto.FLOAT, ["batch", width]
            )
        )

    def add(self, op: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; return its output's name, or their names."""
        names = [f"{op.lower()}.{len(self.nodes)}.{k}" for k in range(outputs)]
        self.nodes.append(self.onnx.helper.make_node(op, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def product(self, x: str, kernel: npt.NDArray[np.float32], plus: str) -> str:
        """Multiply `x` `[batch, n]`, whose values lie within -1 and 1, by `kernel` `[n, m]`, and add `plus`."""
        if self.precision == "float32":
            return str(self.add("Gemm", x, self.constant(kernel), plus))
        if x not in self._whole:
            self._whole[x] = self.add(
                "QuantizeLinear",
                x,
                self.constant(np.float32(1 / STEPS)),
                self.constant(np.uint8(ZERO)),
            )
        weights, scales = columns(kernel)
        total = self.add(
            "MatMulInteger", self._whole[x], self.constant(weights), self.constant(np.uint8(ZERO))
        )
        scaled = self.add(
            "Mul", self.add("Cast", total, to=self.onnx.TensorProto.FLOAT), self.constant(scales)
        )
        return str(self.add("Add", scaled, plus))

    def rows(self, table: npt.NDArray[np.float32], ids: str) -> str:
        """Return the rows of `table` `[n, m]` that `ids` name, as float32; int8 keeps float16.

        It keeps float32 where a value is too large for float16.
        """
        with np.errstate(over="ignore"):
            half = table.astype(np.float16)
        if self.precision == "float32" or not np.isfinite(half).all():
            return str(self.add("Gather", self.constant(table), ids, axis=0))
        found = self.add("Gather", self.constant(half), ids, axis=0)
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
) -> bytes:
    """Return the step graph of stacked recurrent layers with one dense head a field, or with `hidden` for a chained one."""
    graph, state, below = Graph(precision), 0, ""
    for i, layer in enumerate(layers):
        kernel, recurrent, bias = (
            np.asarray(weights[f"layer.{i}.{w}"], np.float32)
            for w in ("kernel", "recurrent_kernel", "bias")
        )
        before = [
            graph.input(f"state.{state + k}", layer["units"])
            for k in range(2 if layer["cell"] == "lstm" else 1)
        ]
        after: list[str] = CELLS[layer["cell"]](
            graph, Below(graph, sizes, kernel, below), recurrent, bias, *before
        )
        for value in after:
            graph.output(f"next.{state}", value, layer["units"])
            state += 1
        below = after[0]
    if chained:
        hidden = _straight(graph, _dense(graph, below, weights, "chain"), weights, "chain")
        graph.output("hidden", hidden, np.asarray(weights["chain.bias"]).size)
    else:
        for name, size in sizes.fields:
            logits = _straight(graph, _dense(graph, below, weights, f"head.{name}"), weights, name)
            graph.output(f"logits.{name}", logits, size)
    return graph.serialize()


def head_graph(sizes: Sizes, weights: Weights, precision: str = "float32") -> bytes:
    """Return the head graph of a chained model."""
    graph, fields = Graph(precision), [name for name, _ in sizes.fields]
    units = np.asarray(weights["chain.bias"]).size
    total, chosen = graph.input("hidden", units), graph.input("chosen", len(fields), "INT32")
    for k, (name, size) in enumerate(sizes.fields):
        graph.output(
            f"logits.{name}", _dense(graph, graph.add("Tanh", total), weights, f"head.{name}"), size
        )
        if k + 1 < len(fields):
            rows = np.concatenate(
                [
                    np.asarray(weights[f"chain.{name}.embedding"], np.float32),
                    np.zeros((1, units), np.float32),
                ]
            )
            value = graph.add("Gather", chosen, graph.constant(np.array(k)), axis=1)
            total = graph.add("Add", total, graph.rows(rows, value))
    return graph.serialize("head")


def _dense(graph: Graph, x: str, weights: Weights, name: str) -> str:
    kernel, bias = (np.asarray(weights[f"{name}.{w}"], np.float32) for w in ("kernel", "bias"))
    return graph.product(x, kernel, graph.constant(bias))


def _straight(graph: Graph, total: str, weights: Weights, name: str) -> str:
    """Add to `total` what the controls have to say to the head by themselves, if the model is one where they have."""
    kernel = weights.get(f"direct.{name}.kernel")
    return (
        total
        if kernel is None
        else str(
            graph.add("Gemm", "controls", graph.constant(np.asarray(kernel, np.float32)), total)
        )
    )


class Below:
    """What a layer reads: `x`, the output of the layer below, or the event and the controls where it is the first."""

    def __init__(self, graph: Graph, sizes: Sizes, kernel: npt.NDArray[np.float32], x: str) -> None:
        self.graph, self.sizes, self.kernel, self.x = graph, sizes, kernel, x

    def projected(self, bias: npt.NDArray[np.float32], order: Any = slice(None)) -> str:
        """Return the product with the kernel, plus `bias`; `order` is that of the columns of both.

        Of the event it gathers rows of the kernel: each field's ids count from its first row. The bias is in the first one's rows.
        """
        graph, kernel, fields = self.graph, self.kernel[:, order], self.sizes.fields
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
        """Return the products with the kernel and of `hidden` with `recurrent`, plus `bias`: one product of both where it can be."""
        if not self.x:
            return self.graph.product(hidden, recurrent[:, order], self.projected(bias, order))
        both = np.concatenate([self.kernel, recurrent])[:, order]
        return self.graph.product(
            self.graph.add("Concat", self.x, hidden, axis=1), both, self.graph.constant(bias[order])
        )


def _lstm(
    graph: Graph, below: Below, recurrent: Any, bias: Any, hidden: str, memory: str
) -> list[str]:
    """Keras has the gates in the order i f u o; here they are in the order i f o u, so that three of them are one sigmoid."""
    units = len(recurrent)
    order = np.arange(4 * units).reshape(4, units)[[0, 1, 3, 2]].ravel()
    gates = below.gates(recurrent, bias, hidden, order)
    opened, u = graph.add(
        "Split", gates, graph.constant(np.array([3 * units, units])), outputs=2, axis=1
    )
    i, f, o = graph.add("Split", graph.add("Sigmoid", opened), outputs=3, axis=1)
    memory = graph.add(
        "Add", graph.add("Mul", f, memory), graph.add("Mul", i, graph.add("Tanh", u))
    )
    return [graph.add("Mul", o, graph.add("Tanh", memory)), memory]


def _gru(graph: Graph, below: Below, recurrent: Any, bias: Any, hidden: str) -> list[str]:
    """Keras's GRU with reset_after: the reset gate multiplies the recurrent product, bias included."""
    inner = graph.add(
        "Split", graph.product(hidden, recurrent, graph.constant(bias[1])), outputs=3, axis=1
    )
    outer = graph.add("Split", below.projected(bias[0]), outputs=3, axis=1)
    update, reset = (graph.add("Sigmoid", graph.add("Add", outer[k], inner[k])) for k in (0, 1))
    candidate = graph.add("Tanh", graph.add("Add", outer[2], graph.add("Mul", reset, inner[2])))
    change = graph.add("Mul", update, graph.add("Sub", hidden, candidate))
    return [graph.add("Add", candidate, change)]


def _rnn(graph: Graph, below: Below, recurrent: Any, bias: Any, hidden: str) -> list[str]:
    return [graph.add("Tanh", below.gates(recurrent, bias, hidden))]


CELLS: dict[str, Callable[..., list[str]]] = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
