"""The part of an ONNX graph that leads to one of its outputs, cut out without the package onnx.

ONNX Runtime computes every node of a graph, whatever outputs are requested. A head of six fields
run once for each of them takes 27 microseconds a run as a whole, and 5 to 12 in parts.

The numbers below are those of onnx.proto. Only what lies in the graph itself is looked at, no graph
within a node; those of a head have none.
"""

from __future__ import annotations

from typing import NamedTuple

from symgen.runtime.wire import BYTES, Record, records, varint

GRAPH = 7  # of a model
NODE, INITIALIZER, OUTPUT = 1, 5, 12  # of a graph
GIVING = {NODE: (1, 2), INITIALIZER: (0, 8), OUTPUT: (0, 1)}  # names of what each takes and gives


class Part(NamedTuple):
    """A record of a graph, with the names of the values that it takes and gives."""

    number: int
    takes: set[str]
    gives: set[str]
    whole: memoryview


def parts(model: bytes) -> dict[str, bytes]:
    """Return by output a model with what leads to it alone.

    ValueError where `model` cannot be read.
    """
    whole = list(records(memoryview(model)))
    graphs = [record for record in whole if record.number == GRAPH]
    if len(graphs) != 1:
        raise ValueError(f"an ONNX model with {len(graphs)} graphs")
    about = b"".join(record.whole for record in whole if record.number != GRAPH)
    graph = [_read(record) for record in records(graphs[0].value)]
    outputs = [name for each in graph if each.number == OUTPUT for name in each.gives]
    made = {output: b"".join(each.whole for each in _leading(graph, output)) for output in outputs}
    head = varint(8 * GRAPH + BYTES)
    return {output: b"".join([about, head, varint(len(b)), b]) for output, b in made.items()}


def _read(record: Record) -> Part:
    """Return a record of a graph with what it takes and gives; inputs and the like have neither."""
    takes, gives = GIVING.get(record.number, (0, 0))
    names: dict[int, set[str]] = {takes: set(), gives: set()}
    for each in records(record.value) if gives else ():
        if each.number in names:
            names[each.number].add(str(each.value, "utf-8"))
    return Part(record.number, names[takes] if takes else set(), names[gives], record.whole)


def _leading(graph: list[Part], output: str) -> list[Part]:
    """Return what of `graph` leads to `output`, or is neither a node, a constant nor an output."""
    needed = {output}
    for node in reversed(graph):  # nodes stand in the order in which they are computed
        if node.number == NODE and needed & node.gives:
            needed |= node.takes
    kept = {NODE: needed, INITIALIZER: needed, OUTPUT: {output}}
    return [each for each in graph if each.number not in kept or each.gives & kept[each.number]]
