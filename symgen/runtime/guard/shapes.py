"""The shapes of what a node gives, from those of what it takes, for the operators of symgen.

A shape is a tuple of sizes, of which BATCH stands for the streams. Each rule returns the shapes of
the outputs, or raises ValueError where the inputs do not fit together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from symgen.runtime.guard.message import BATCH, Node

Dim = int | str
Shape = tuple[Dim, ...]
RANK = 4  # axes of a value
WRONG = "shapes that do not fit together"


class Known(NamedTuple):
    """What is known of a value: its shape, and its numbers where it is a short constant."""

    shape: Shape
    numbers: tuple[int, ...] | None = None


Rule = Callable[[Node, Sequence[Known]], list[Shape]]


def numbers(shape: Shape) -> int:
    """Return how many numbers a value of one stream has."""
    return math.prod(1 if size == BATCH else int(size) for size in shape)


def same(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shape of the first input, for operators on each number."""
    return [taken[0].shape]


def broadcast(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shape that all inputs are stretched to."""
    rank = max(len(each.shape) for each in taken)
    padded = [(1,) * (rank - len(each.shape)) + each.shape for each in taken]
    return [tuple(_common(sizes) for sizes in zip(*padded, strict=True))]


def _common(sizes: Sequence[Dim]) -> Dim:
    large = {size for size in sizes if size != 1}
    if len(large) > 1:
        raise ValueError(WRONG)
    return large.pop() if large else 1


def product(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shape of a matrix product, or of a stack of them."""
    left, right = taken[0].shape, taken[1].shape
    if min(len(left), len(right)) < 2 or left[-1] != right[-2] or left[-1] == BATCH:
        raise ValueError(WRONG)
    above = broadcast(node, [Known(left[:-2]), Known(right[:-2])])[0]
    return [(*above, left[-2], right[-1])]


def gemm(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shape of a matrix product with something added to it."""
    if len(taken[0].shape) != 2 or len(taken[1].shape) != 2:
        raise ValueError(WRONG)
    out = product(node, taken)[0]
    if broadcast(node, [Known(out), taken[2]]) != [out]:
        raise ValueError(WRONG)
    return [out]


def gather(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shape of the rows that the second input names."""
    data, ids = taken[0].shape, taken[1].shape
    axis = _axis(node.attributes.get("axis", 0), len(data))
    return [(*data[:axis], *ids, *data[axis + 1 :])]


def concat(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shape of values that are joined along an axis."""
    first = taken[0].shape
    axis = _axis(node.attributes.get("axis", 0), len(first))
    rest = {each.shape[:axis] + each.shape[axis + 1 :] for each in taken}
    sizes = [each.shape[axis] for each in taken if len(each.shape) == len(first)]
    if len(rest) != 1 or len(sizes) != len(taken) or BATCH in sizes:
        raise ValueError(WRONG)
    return [(*first[:axis], sum(int(size) for size in sizes), *first[axis + 1 :])]


def split(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shapes of the parts that an axis is cut into."""
    data = taken[0].shape
    axis, parts = _axis(node.attributes.get("axis", 0), len(data)), len(node.outputs)
    whole = data[axis]
    if not isinstance(whole, int) or not parts:
        raise ValueError(WRONG)
    sizes = _whole_numbers(taken[1]) if len(taken) > 1 else (whole // parts,) * parts
    if len(sizes) != parts or sum(sizes) != whole or min(sizes) < 0:
        raise ValueError(WRONG)
    return [(*data[:axis], size, *data[axis + 1 :]) for size in sizes]


def squeeze(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shape without the axes of size 1 that the second input names."""
    data = taken[0].shape
    axes = {_axis(axis, len(data)) for axis in _whole_numbers(taken[1])}
    if any(data[axis] != 1 for axis in axes):
        raise ValueError(WRONG)
    return [tuple(size for axis, size in enumerate(data) if axis not in axes)]


def unsqueeze(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shape with axes of size 1 where the second input says."""
    data, named = taken[0].shape, _whole_numbers(taken[1])
    rank = len(data) + len(named)
    axes = {_axis(axis, rank) for axis in named}
    if len(axes) != len(named):
        raise ValueError(WRONG)
    left = iter(data)
    return [tuple(1 if axis in axes else next(left) for axis in range(rank))]


def reduced(node: Node, taken: Sequence[Known]) -> list[Shape]:
    """Return the shape without the axes that are summed."""
    if node.attributes.get("keepdims") != 0:
        raise ValueError("a sum that keeps its axes")
    data = taken[0].shape
    axes = {_axis(axis, len(data)) for axis in _whole_numbers(taken[1])}
    return [tuple(size for axis, size in enumerate(data) if axis not in axes)]


def _axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ValueError(WRONG)
    return axis % rank


def _whole_numbers(known: Known) -> tuple[int, ...]:
    if known.numbers is None or len(known.shape) != 1:
        raise ValueError("a shape that is known only when it runs")
    return known.numbers


def work(op: str, taken: Sequence[Known], given: Sequence[Shape]) -> int:
    """Return about how many numbers are multiplied for one stream."""
    count = sum(map(numbers, given))
    inner = taken[0].shape[-1] if op in PRODUCTS else 1
    return count * int(inner)


PRODUCTS = ("Gemm", "MatMul", "MatMulInteger")


class Operator(NamedTuple):
    """An operator: the rule of its shapes, how many inputs it takes, and its attributes."""

    rule: Rule
    takes: tuple[int, ...]
    attributes: tuple[str, ...] = ()


OPERATORS: Mapping[str, Operator] = {
    "Add": Operator(broadcast, (2,)),
    "Cast": Operator(same, (1,), ("to",)),
    "Concat": Operator(concat, (2,), ("axis",)),
    "Div": Operator(broadcast, (2,)),
    "Equal": Operator(broadcast, (2,)),
    "Floor": Operator(same, (1,)),
    "Gather": Operator(gather, (2,), ("axis",)),
    "Gemm": Operator(gemm, (3,)),
    "Greater": Operator(broadcast, (2,)),
    "MatMul": Operator(product, (2,)),
    "MatMulInteger": Operator(product, (3,)),
    "Mul": Operator(broadcast, (2,)),
    "QuantizeLinear": Operator(same, (3,)),
    "ReduceSum": Operator(reduced, (2,), ("keepdims",)),
    "Round": Operator(same, (1,)),
    "Sigmoid": Operator(same, (1,)),
    "Split": Operator(split, (1, 2), ("axis",)),
    "Squeeze": Operator(squeeze, (2,)),
    "Sub": Operator(broadcast, (2,)),
    "Tanh": Operator(same, (1,)),
    "Unsqueeze": Operator(unsqueeze, (2,)),
    "Where": Operator(broadcast, (3,)),
}
"""The operators that symgen's exporters write, in version OPSET of the domain of ONNX itself."""

OPSET, IR = 17, 8
