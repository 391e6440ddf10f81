"""Stacked recurrent layers and one softmax a field: the Performance RNN of Simon and Oore (2017), for any encoding."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from symgen.errors import BadOption
from symgen.model.base import Model, Sizes, Weights

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
STATES = {"lstm": 2, "gru": 1, "rnn": 1}
DEFAULT_LAYERS = ({"cell": "lstm", "units": 512},) * 3


@dataclasses.dataclass(frozen=True)
class Lstm(Model):
    """`layers`: a list of {cell = "lstm", "gru" or "rnn", units = n}; `dropout` between layers, in training alone."""

    layers: list[Mapping[str, Any]] | tuple[Mapping[str, Any], ...] = DEFAULT_LAYERS
    dropout: float = 0.0

    name: ClassVar[str] = "lstm"

    def __post_init__(self) -> None:
        if not isinstance(self.layers, list | tuple) or not self.layers:
            raise BadOption(f"model.layers = {self.layers!r}: expected a list such as [{{cell = \"lstm\", units = 512}}]")
        for layer in self.layers:
            _check(layer)
        if isinstance(self.dropout, bool) or not isinstance(self.dropout, int | float) or not 0 <= self.dropout < 1:
            raise BadOption(f"model.dropout = {self.dropout!r}: expected a number from 0 to less than 1")
        object.__setattr__(self, "layers", tuple({"cell": "lstm", **layer} for layer in self.layers))

    def network(self, sizes: Sizes, precision: str = "float32") -> Any:
        """Return the network, built; see Model."""
        from symgen.model.network import Network
        return Network(sizes, self.layers, self.dropout, precision)

    def state_sizes(self) -> tuple[int, ...]:
        """Return the units of each state; an lstm layer has two, hidden and cell."""
        return tuple(layer["units"] for layer in self.layers for _ in range(STATES[layer["cell"]]))

    def parameters(self, sizes: Sizes) -> int:
        """Return the number of trained weights."""
        count, below = 0, sizes.inputs
        for layer in self.layers:
            units, gates = layer["units"], GATES[layer["cell"]]
            count += gates * units * (below + units + (2 if layer["cell"] == "gru" else 1))
            below = units
        return count + sum((below + 1) * size for _, size in sizes.fields)

    def step_graph(self, sizes: Sizes, weights: Weights) -> bytes:
        """Return the ONNX step; see Model."""
        from symgen.model.graph import step_graph
        return step_graph(sizes, self.layers, weights)


def _check(layer: Any) -> None:
    if not isinstance(layer, Mapping) or set(layer) - {"cell", "units"} or "units" not in layer:
        raise BadOption(f"model.layers holds {layer!r}: expected {{cell = \"lstm\", units = 512}}")
    if layer.get("cell", "lstm") not in GATES:
        raise BadOption(f"model.layers: cell {layer['cell']!r} is none of {', '.join(GATES)}")
    units = layer["units"]
    if isinstance(units, bool) or not isinstance(units, int) or not 1 <= units <= 65536:
        raise BadOption(f"model.layers: units = {units!r}: expected a whole number from 1 to 65536")
