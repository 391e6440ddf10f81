"""An ONNX model as plain tuples, read strictly: an unknown, missing or repeated part is refused.

The numbers are those of onnx.proto. Only those parts are known that symgen's exporters write.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from symgen.runtime.wire import BYTES, VARINT, number, records

LONGEST = 200  # characters of a name
PARTS = 5000  # records of one message
BATCH = "batch"  # the name of the first axis of all inputs and outputs

INT = 2  # the type of an attribute that holds a whole number
SIGN = 1 << 63


class Part(NamedTuple):
    """A field of a message: its name, how it is packed, and whether it may come several times."""

    name: str
    packed: int
    many: bool = False
    optional: bool = False


MODEL = {
    1: Part("ir", VARINT),
    2: Part("producer", BYTES, optional=True),
    7: Part("graph", BYTES),
    8: Part("opset", BYTES),
}
OPSET = {1: Part("domain", BYTES, optional=True), 2: Part("version", VARINT)}
GRAPH = {
    1: Part("node", BYTES, many=True),
    2: Part("name", BYTES, optional=True),
    5: Part("constant", BYTES, many=True),
    11: Part("input", BYTES, many=True),
    12: Part("output", BYTES, many=True),
}
NODE = {
    1: Part("input", BYTES, many=True),
    2: Part("output", BYTES, many=True),
    4: Part("op", BYTES),
    5: Part("attribute", BYTES, many=True),
}
ATTRIBUTE = {1: Part("name", BYTES), 3: Part("value", VARINT), 20: Part("type", VARINT)}
TENSOR = {
    1: Part("dims", VARINT, many=True),
    2: Part("type", VARINT),
    8: Part("name", BYTES),
    9: Part("data", BYTES),
}
VALUE = {1: Part("name", BYTES), 2: Part("type", BYTES)}
TYPE = {1: Part("tensor", BYTES)}
TENSOR_TYPE = {1: Part("type", VARINT), 2: Part("shape", BYTES)}
SHAPE = {1: Part("dim", BYTES, many=True)}
DIM = {1: Part("size", VARINT, optional=True), 2: Part("name", BYTES, optional=True)}

REFUSED = {  # parts that a stranger's graph may well have, by message
    ("model", 14): "metadata",
    ("model", 20): "a graph for training",
    ("model", 25): "functions of its own",
    ("graph", 14): "annotations of quantised values",
    ("graph", 15): "sparse constants",
    ("constant", 13): "data in another file",
    ("constant", 14): "data in another file",
    ("attribute", 5): "a tensor as an attribute",
    ("attribute", 6): "a graph inside a node, as control flow has",
    ("attribute", 11): "graphs inside a node",
    ("node", 7): "an operator of another domain",
}


class Constant(NamedTuple):
    """An initializer: its name, the number of its type, its shape and its bytes."""

    name: str
    type: int
    shape: tuple[int, ...]
    data: memoryview


class Node(NamedTuple):
    """A node: its operator, the names that it takes and gives, and its attributes."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, int]


class Value(NamedTuple):
    """A declared input or output: its name, type and shape, of which the first axis is BATCH."""

    name: str
    type: int
    shape: tuple[int | str, ...]


class Graph(NamedTuple):
    """A graph, with the version of the format and that of its operators."""

    ir: int
    opset: int
    nodes: tuple[Node, ...]
    constants: tuple[Constant, ...]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]


def read(data: bytes) -> Graph:
    """Return the graph of an ONNX model; ValueError says what is wrong or not allowed."""
    model = _message(memoryview(data), MODEL, "model")
    opset = _message(model["opset"], OPSET, "opset")
    if _name(opset.get("domain", b""), empty=True):
        raise ValueError("it has operators of another domain")
    graph = _message(model["graph"], GRAPH, "graph")
    return Graph(
        model["ir"],
        opset["version"],
        tuple(map(_node, graph["node"])),
        tuple(map(_constant, graph["constant"])),
        tuple(map(_value, graph["input"])),
        tuple(map(_value, graph["output"])),
    )


def _message(data: memoryview, parts: Mapping[int, Part], what: str) -> dict[str, Any]:
    """Return the fields of a message by name: whole numbers, views of bytes, or lists of these."""
    out: dict[str, Any] = {part.name: [] for part in parts.values() if part.many}
    for count, record in enumerate(records(data)):
        part = parts.get(record.number)
        if part is None:
            other = f"a part (number {record.number} of its {what}) that symgen does not write"
            raise ValueError(f"it has {REFUSED.get((what, record.number), other)}")
        if record.packed != part.packed or count >= PARTS or (not part.many and part.name in out):
            raise ValueError(f"the {part.name} of its {what} is damaged, or there too often")
        value = record.value if part.packed == BYTES else number(record.value)[0]
        if part.many:
            out[part.name].append(value)
        else:
            out[part.name] = value
    if lacks := [p.name for p in parts.values() if p.name not in out and not p.optional]:
        raise ValueError(f"its {what} has no {lacks[0]}")
    return out


def _name(data: Any, empty: bool = False) -> str:
    """Return a name; ValueError unless it is short and of plain letters."""
    text = bytes(data[: LONGEST + 1]).decode("ascii", "replace")
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or not (text or empty):
        raise ValueError("a name in it is empty, too long, or not of plain letters")
    return text


def _node(data: memoryview) -> Node:
    found = _message(data, NODE, "node")
    attributes = [_message(each, ATTRIBUTE, "attribute") for each in found["attribute"]]
    if any(each["type"] != INT for each in attributes):
        raise ValueError("an attribute in it is no whole number")
    named = {_name(each["name"]): _signed(each["value"]) for each in attributes}
    if len(named) < len(attributes):
        raise ValueError("an attribute in it is there twice")
    return Node(
        _name(found["op"]),
        tuple(map(_name, found["input"])),
        tuple(map(_name, found["output"])),
        named,
    )


def _constant(data: memoryview) -> Constant:
    found = _message(data, TENSOR, "constant")
    return Constant(_name(found["name"]), found["type"], tuple(found["dims"]), found["data"])


def _value(data: memoryview) -> Value:
    found = _message(data, VALUE, "value")
    name = _name(found["name"])
    tensor = _message(_message(found["type"], TYPE, "type")["tensor"], TENSOR_TYPE, "type")
    dims = [
        _message(each, DIM, "shape") for each in _message(tensor["shape"], SHAPE, "shape")["dim"]
    ]
    shape = tuple(each["size"] if "size" in each else _name(each.get("name", b"")) for each in dims)
    return Value(name, tensor["type"], shape)


def _signed(value: int) -> int:
    return value - 2 * SIGN if value >= SIGN else value
