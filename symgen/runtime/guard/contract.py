"""What goes into the graphs of a model and comes out of them, from what its bundle declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from symgen.models import Sizes
from symgen.models.state import StateSpec

FLOAT, INT32 = 1, 6  # types of onnx.proto
ABOUT = 1 << 20  # bytes for the nodes and the names
ANY = -1  # a width that is not declared


class Contract(NamedTuple):
    """The inputs and outputs of a graph by name, each (type, width), and its largest size.

    `most` limits the numbers in its constants.
    """

    inputs: Mapping[str, tuple[int, int]]
    outputs: Mapping[str, tuple[int, int]]
    most: int

    @property
    def bytes(self) -> int:
        """How many bytes the graph may have, all its constants being float32."""
        return 4 * self.most + ABOUT


def of_step(sizes: Sizes, states: Sequence[StateSpec], chained: bool, weights: int) -> Contract:
    """Return the contract of a step graph with those states, of a model with so many weights."""
    inputs = {"event": (INT32, len(sizes.fields))}
    if sizes.width:
        inputs["controls"] = (FLOAT, sizes.width)
    width = {spec: spec.shape[0] or ANY for spec in states}
    inputs |= {spec.before: (FLOAT, width[spec]) for spec in states}
    outputs = {spec.after: (FLOAT, width[spec]) for spec in states}
    outputs |= {"hidden": (FLOAT, ANY)} if chained else _logits(sizes)
    return Contract(inputs, outputs, _most(weights))


def of_head(sizes: Sizes, weights: int) -> Contract:
    """Return the contract of the head graph of a model with so many weights."""
    inputs = {"hidden": (FLOAT, ANY), "chosen": (INT32, len(sizes.fields))}
    return Contract(inputs, _logits(sizes), _most(weights))


def _logits(sizes: Sizes) -> dict[str, tuple[int, int]]:
    return {f"logits.{name}": (FLOAT, size) for name, size in sizes.fields}


def _most(weights: int) -> int:
    """Return how many numbers the constants may have; scales and biases come to the weights."""
    return weights + weights // 8 + (1 << 16)
