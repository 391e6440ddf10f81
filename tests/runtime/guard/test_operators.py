"""The guard allows what the exporters write, and nothing else."""

import itertools

import numpy as np
import pytest

from symgen.bundle.sizes import sizes_of
from symgen.controls import make_all
from symgen.encodings import encoding
from symgen.models import Sizes, model
from symgen.runtime import guard
from symgen.runtime.guard.check import TYPES, shapes
from symgen.runtime.guard.message import read
from symgen.runtime.guard.shapes import IR, OPERATORS, OPSET

onnx = pytest.importorskip("onnx", reason="the extra `train` is not installed")

NOTES = encoding("notes")
POINTER = sizes_of(NOTES, make_all([{"name": "sounding"}]))
SIZES = [Sizes((("event", 7),)), Sizes((("melody", 5), ("chord", 3)), 4), POINTER]
CELLS = [["lstm"], ["gru"], ["rnn"], ["lstm", "gru", "rnn"]]
HEADS = ["independent", "chained", "pointer"]


def exported():
    """Yield (contract, graph) of every kind of graph that the exporters write."""
    rng = np.random.default_rng(0)
    for sizes, cells, head, direct in itertools.product(SIZES, CELLS, HEADS, (False, True)):
        if head == "pointer" and sizes.moments is None:
            continue
        layers = [{"cell": cell, "units": 3 + i} for i, cell in enumerate(cells)]
        member = model({"name": "lstm", "layers": layers, "head": head, "direct": direct})
        weights = {
            name: rng.normal(size=shape).astype(np.float32)
            for name, shape in member.shapes(sizes).items()
        }
        count = member.parameters(sizes)
        step = guard.of_step(sizes, member.state_specs(), member.chained, count)
        for precision in ("float32", "int8"):
            yield step, member.step_graph(sizes, weights, precision)
            if member.chained:
                yield guard.of_head(sizes, count), member.head_graph(sizes, weights, precision)


@pytest.fixture(scope="module")
def graphs():
    return list(exported())


def test_every_graph_of_ours_is_allowed(graphs):
    for contract, graph in graphs:
        guard.check(graph, contract)


def test_the_operators_are_those_of_the_exporters(graphs):
    inputs, attributes, types, versions = {}, {}, set(), set()
    for _, graph in graphs:
        found = onnx.load_from_string(graph)
        versions |= {(found.ir_version, found.opset_import[0].version)}
        types |= {constant.data_type for constant in found.graph.initializer}
        for node in found.graph.node:
            inputs.setdefault(node.op_type, set()).add(len(node.input))
            attributes.setdefault(node.op_type, set()).update(a.name for a in node.attribute)
    assert inputs == {name: set(operator.takes) for name, operator in OPERATORS.items()}
    assert attributes == {name: set(op.attributes) for name, op in OPERATORS.items()}
    assert types == set(TYPES)
    assert versions == {(IR, OPSET)}


def test_shapes_are_those_that_onnx_infers(graphs):
    for contract, data in graphs:
        made = shapes(read(data), contract.most)
        inferred = onnx.shape_inference.infer_shapes(onnx.load_from_string(data))
        for value in inferred.graph.value_info:
            dims = value.type.tensor_type.shape.dim
            assert made[value.name].shape == tuple(d.dim_value or d.dim_param for d in dims)
