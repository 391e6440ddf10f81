"""The head of a chained model as an ONNX graph: from `hidden` and the chosen values to logits.

Inputs are `hidden` [batch, units], what the step graph returns, and `chosen` int32 [batch, fields].
Outputs are `logits.<field>` of every field. Each depends only on the values of `chosen` before it;
the others may be anything from 0 to the size of the field, such as "nothing before".

A head that points (see `pointer`) finds the times of the moments after the units of `hidden`.
"""

from __future__ import annotations

import numpy as np

from symgen.models.base import Moments, Sizes, Weights
from symgen.models.recurrent.onnx_graph import Graph, dense


def head_graph(
    sizes: Sizes, weights: Weights, precision: str = "float32", moments: Moments | None = None
) -> bytes:
    """Return the head graph of a chained model."""
    graph, fields = Graph(precision), [name for name, _ in sizes.fields]
    units = np.asarray(weights["chain.bias"]).size
    times = len(moments.columns) if moments else 0
    hidden = graph.input("hidden", units + times)
    chosen = graph.input("chosen", len(fields), "INT32")
    total, added = hidden, dict[int, "Places"]()
    if moments:
        lengths = graph.constant(np.array([units, times]))
        total, left = graph.add("Split", hidden, lengths, outputs=2, axis=1)
        added = places(graph, moments, left, chosen)
    for k, (name, size) in enumerate(sizes.fields):
        read = graph.add("Tanh", total)
        logits = dense(graph, read, weights, f"head.{name}")
        if k in added:
            logits = graph.add("Add", logits, pointed(graph, added[k], read, weights, name, size))
        graph.output(f"logits.{name}", logits, size)
        if k + 1 < len(fields):
            table = np.asarray(weights[f"chain.{name}.embedding"], np.float32)
            nothing = np.zeros((1, units), np.float32)  # for a value that stands for no event
            rows = np.concatenate([table, nothing])
            total = graph.add("Add", total, graph.rows(rows, _value(graph, chosen, k)))
    return graph.serialize("head")


Places = str
"""The name of the values [batch, moments] of a field that lead to the moments, -1 for none."""


def places(graph: Graph, moments: Moments, left: str, chosen: str) -> dict[int, Places]:
    """Return the places of the moments in each field of time."""
    scale, zero, none = (graph.constant(np.float32(x)) for x in (moments.scale, 0, -1))
    rate = graph.constant(np.float32(moments.rate))
    steps = graph.add("Round", graph.add("Mul", left, scale))
    coarse, fine = (_number(graph, chosen, field) for field in moments.shift)
    shift = graph.add("Add", graph.add("Mul", coarse, rate), fine)
    found = {}
    for fields, after in (
        (moments.shift, steps),
        (moments.length, graph.add("Sub", steps, shift)),
    ):
        whole = graph.add("Floor", graph.add("Div", after, rate))
        high = graph.add("Where", graph.add("Greater", after, zero), whole, none)
        rest = graph.add("Sub", after, graph.add("Mul", high, rate))
        same = graph.add("Equal", high, _number(graph, chosen, fields[0]))
        found[fields[0]], found[fields[1]] = high, graph.add("Where", same, rest, none)
    return found


def pointed(graph: Graph, places: Places, read: str, weights: Weights, name: str, size: int) -> str:
    """Return what the gates add to the logits [batch, size] of the field `name`."""
    kernel, bias = (
        graph.constant(np.asarray(weights[f"point.{name}.{w}"], np.float32))
        for w in ("kernel", "bias")
    )
    gates = graph.add("Gemm", read, kernel, bias)
    wide, first = graph.constant(np.array([2])), graph.constant(np.array([1]))
    values = graph.constant(np.arange(size, dtype=np.float32))
    hits = graph.add("Equal", graph.add("Unsqueeze", places, wide), values)
    table = graph.add("Cast", hits, to=graph.onnx.TensorProto.FLOAT)
    product = graph.add("MatMul", graph.add("Unsqueeze", gates, first), table)
    return str(graph.add("Squeeze", product, first))


def _value(graph: Graph, chosen: str, field: int) -> str:
    """Return the chosen value int32 [batch] of a field."""
    return str(graph.add("Gather", chosen, graph.constant(np.array(field)), axis=1))


def _number(graph: Graph, chosen: str, field: int) -> str:
    """Return the chosen value float32 [batch, 1] of a field."""
    value = graph.add("Gather", chosen, graph.constant(np.array([field])), axis=1)
    return str(graph.add("Cast", value, to=graph.onnx.TensorProto.FLOAT))
