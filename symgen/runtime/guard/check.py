"""Check a graph: its parts, its names, its shapes, its size and its work (`guard`)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from symgen.runtime.guard.contract import ANY, Contract
from symgen.runtime.guard.message import BATCH, Constant, Graph, Node, Value, read
from symgen.runtime.guard.shapes import IR, OPERATORS, OPSET, RANK, Known, Shape, numbers, work

NODES = 2000  # nodes, and constants
VALUES = 1 << 22  # numbers that all nodes give for one stream, in a step
WORK = 1 << 28  # products for one stream, in a step; about those of 3 layers of 3,300 units
SHORT = 64  # numbers of a constant that may name axes or sizes
TYPES = {  # of onnx.proto, and the NumPy types of constants
    1: "<f4",
    2: "u1",
    3: "i1",
    6: "<i4",
    7: "<i8",
    10: "<f2",
}
CHUNK = 1 << 20  # numbers that are looked at together


def check(data: bytes, contract: Contract) -> None:
    """Raise ValueError, which says what is wrong, unless the graph may be played."""
    graph = read(data)
    if graph.ir != IR or graph.opset != OPSET:
        raise ValueError(
            f"it is of ONNX format {graph.ir} and operators {graph.opset}, not {IR} and {OPSET}"
        )
    if max(len(graph.nodes), len(graph.constants)) > NODES:
        raise ValueError(f"it has more than {NODES:,} nodes or constants")
    _declared(graph.inputs, contract.inputs, "input")
    _declared(graph.outputs, contract.outputs, "output")
    known = shapes(graph, contract.most)
    for value in graph.outputs:
        if value.name not in known or known[value.name].shape != value.shape:
            raise ValueError(f"its output {value.name} is not of the shape that it declares")


def shapes(graph: Graph, most: int) -> dict[str, Known]:
    """Return what is known of each value; ValueError where it is not allowed.

    `most` limits the numbers in the constants.
    """
    known = {value.name: Known(value.shape) for value in graph.inputs}
    _constants(graph, most, known)
    _nodes(graph, known)
    return known


def _declared(values: tuple[Value, ...], wanted: Mapping[str, tuple[int, int]], what: str) -> None:
    """Check the inputs or outputs against those that the bundle declares."""
    found = {value.name: value for value in values}
    if set(found) != set(wanted) or len(found) < len(values):
        names = sorted(set(found) ^ set(wanted)) or sorted(found)
        raise ValueError(f"it has not the {what}s of its model: {', '.join(names)[:100]}")
    for name, (kind, width) in wanted.items():
        value = found[name]
        shape = value.shape
        fits = len(shape) == 2 and shape[0] == BATCH and isinstance(shape[1], int)
        if value.type != kind or not fits or width not in (ANY, shape[1]):
            declared = "any width" if width == ANY else f"width {width:,}"
            raise ValueError(
                f"its {what} {name} is {_shown(shape)}, the bundle declares {declared}"
            )


def _constants(graph: Graph, most: int, known: dict[str, Known]) -> None:
    """Check the constants, and add them to what is known."""
    total = 0
    for each in graph.constants:
        size = math.prod(each.shape)
        if each.name in known or each.type not in TYPES or len(each.shape) > RANK:
            raise ValueError(
                f"its constant {each.name} is there twice, or of a type that it cannot be"
            )
        if size * np.dtype(TYPES[each.type]).itemsize != len(each.data):
            raise ValueError(
                f"its constant {each.name} {_shown(each.shape)} has {len(each.data):,} bytes"
            )
        total += size
        if total > most:
            raise ValueError(
                f"its constants have more than {most:,} numbers, which its model has not"
            )
        if not _finite(each):
            raise ValueError(f"its constant {each.name} holds NaN or infinity")
        known[each.name] = Known(each.shape, _short(each))


def _nodes(graph: Graph, known: dict[str, Known]) -> None:
    """Check the nodes, and add what they give to what is known."""
    values = products = 0
    for node in graph.nodes:
        taken, given = _shapes(node, known)
        values += sum(map(numbers, given))
        products += work(node.op, taken, given)
        if values > VALUES or products > WORK:
            raise ValueError(
                f"a step takes more than {VALUES:,} values or {WORK:,} products, the limits"
            )
        for name, shape in zip(node.outputs, given, strict=True):
            if name in known:
                raise ValueError(f"it gives {name} twice")
            known[name] = Known(shape)


def _shapes(node: Node, known: dict[str, Known]) -> tuple[list[Known], list[Shape]]:
    """Return what a node takes, and the shapes of what it gives."""
    operator = OPERATORS.get(node.op)
    if operator is None:
        raise ValueError(f"it has the operator {node.op}, which symgen does not write")
    if others := set(node.attributes) - set(operator.attributes):
        raise ValueError(f"{node.op} has the attribute {min(others)}, which symgen does not write")
    if lacks := [name for name in node.inputs if name not in known]:
        raise ValueError(f"{node.op} takes {lacks[0]}, which no earlier node gives")
    if len(node.inputs) not in operator.takes:
        raise ValueError(f"{node.op} takes {len(node.inputs)} values")
    taken = [known[name] for name in node.inputs]
    try:
        given = operator.rule(node, taken)
    except ValueError as error:
        raise ValueError(f"{node.op} has {error}") from None
    if len(given) != len(node.outputs) or any(len(shape) > RANK for shape in given):
        raise ValueError(f"{node.op} gives {len(node.outputs)} values")
    return taken, given


def _finite(constant: Constant) -> bool:
    """Return whether a constant holds no NaN and no infinity."""
    if TYPES[constant.type][-2] != "f":
        return True
    bits = np.frombuffer(constant.data, "<u4" if constant.type == 1 else "<u2")
    top = bits.dtype.type(0x7F800000 if constant.type == 1 else 0x7C00)  # all ones: not finite
    parts = (bits[at : at + CHUNK] for at in range(0, len(bits), CHUNK))
    return not any(((part & top) == top).any() for part in parts)


def _short(constant: Constant) -> tuple[int, ...] | None:
    """Return the whole numbers of a constant that may name axes or sizes."""
    if constant.type != 7 or len(constant.data) > 8 * SHORT:
        return None
    return tuple(np.frombuffer(constant.data, "<i8").tolist())


def _shown(shape: Shape) -> str:
    return f"[{', '.join(map(str, shape))}]"
