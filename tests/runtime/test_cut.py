"""Parts of an ONNX graph: each gives the bits that the whole does, and holds nothing else."""

import numpy as np
import onnx
import onnxruntime
import pytest

from symgen.models.base import Sizes
from symgen.models.recurrent.onnx_head import head_graph
from symgen.runtime.cut import parts

FIELDS = (("one", 3), ("two", 200), ("three", 5))
UNITS = 70


@pytest.fixture(params=["float32", "int8"])
def head(request):
    rng = np.random.default_rng(0)
    weights = {"chain.bias": np.zeros(UNITS, np.float32)}
    for name, size in FIELDS:
        weights[f"head.{name}.kernel"] = rng.normal(0, 0.3, (UNITS, size)).astype(np.float32)
        weights[f"head.{name}.bias"] = rng.normal(0, 1, size).astype(np.float32)
        weights[f"chain.{name}.embedding"] = rng.normal(0, 1, (size, UNITS)).astype(np.float32)
    return head_graph(Sizes(FIELDS), weights, request.param)


def run(graph, names):
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    hidden = np.random.default_rng(1).uniform(-2, 2, (4, UNITS)).astype(np.float32)
    chosen = np.array([[0, 5, 1], [2, 199, 4], [1, 0, 0], [0, 100, 3]], np.int32)
    given = {"hidden": hidden, "chosen": chosen}
    return session.run(names, {i.name: given[i.name] for i in session.get_inputs()})


def test_each_part_gives_the_bits_of_the_whole(head):
    cut = parts(head)
    assert list(cut) == [f"logits.{name}" for name, _ in FIELDS]
    for output, graph in cut.items():
        assert np.array_equal(run(graph, [output])[0], run(head, [output])[0])


def test_a_part_holds_what_leads_to_its_output_alone(head):
    for output, graph in parts(head).items():
        model = onnx.load_from_string(graph)
        onnx.checker.check_model(model)
        taken = {name for node in model.graph.node for name in node.input}
        made = {name for node in model.graph.node for name in node.output}
        assert made - taken == {output}
        assert {each.name for each in model.graph.initializer} <= taken
        assert [each.name for each in model.graph.output] == [output]


def test_what_is_no_model_is_refused(head):
    for wrong in (b"", b"no model", head[:-1], head[: len(head) // 2]):
        with pytest.raises(ValueError, match="an ONNX model"):
            parts(wrong)
