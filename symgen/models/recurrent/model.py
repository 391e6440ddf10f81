"""Stacked recurrent layers and one softmax a field: the Performance RNN of Simon and Oore (2017), for any encoding.

With `head = "chained"` the fields of a step are drawn one given the other, by one hidden layer as in the NADE of
Larochelle and Murray (2011): with h the output of the last recurrent layer, field k has the logits

    V_k tanh(W h + b + sum over fields j < k of E_j[value of j]) + c_k

With `direct` what a step is told (its controls u) also goes straight to the head, as U_k u beside V_k h + c_k, or as U u beside
W h + b. Through the layers alone a pitch histogram is learned late: after 8 M events of piano, told C major, a 3 x 512 network
was in the scale for some 70 % of the time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from symgen.errors import BadOption
from symgen.models.base import Neural, Sizes, Weights
from symgen.models.state import StateSpec, numbered

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
STATES = {"lstm": 2, "gru": 1, "rnn": 1}
MOST_UNITS = 65536
HEADS = ("independent", "chained")
DEFAULT_LAYERS = ({"cell": "lstm", "units": 512},) * 3


@dataclasses.dataclass(frozen=True)
class Lstm(Neural):
    """`layers`: a list of {cell = "lstm", "gru" or "rnn", units = n}; `dropout` between layers, in training alone.

    `head`: "independent", or "chained" through a layer of `head_units` (0: as many as the last recurrent layer has). `direct`:
    the head hears the controls itself.
    """

    layers: list[Mapping[str, Any]] | tuple[Mapping[str, Any], ...] = DEFAULT_LAYERS
    dropout: float = 0.0
    head: str = "independent"
    head_units: int = 0
    direct: bool = False

    name: ClassVar[str] = "lstm"

    def __post_init__(self) -> None:
        if not isinstance(self.layers, list | tuple) or not self.layers:
            raise BadOption(
                f'model.layers = {self.layers!r}: expected a list such as [{{cell = "lstm", units = 512}}]'
            )
        for layer in self.layers:
            _check(layer)
        if (
            isinstance(self.dropout, bool)
            or not isinstance(self.dropout, int | float)
            or not 0 <= self.dropout < 1
        ):
            raise BadOption(
                f"model.dropout = {self.dropout!r}: expected a number from 0 to less than 1"
            )
        if self.head not in HEADS:
            raise BadOption(f"model.head = {self.head!r}: expected one of {', '.join(HEADS)}")
        if (
            isinstance(self.head_units, bool)
            or not isinstance(self.head_units, int)
            or not 0 <= self.head_units <= MOST_UNITS
        ):
            raise BadOption(
                f"model.head_units = {self.head_units!r}: expected a whole number from 0 to {MOST_UNITS}"
            )
        if not isinstance(self.direct, bool):
            raise BadOption(f"model.direct = {self.direct!r}: expected true or false")
        object.__setattr__(
            self, "layers", tuple({"cell": "lstm", **layer} for layer in self.layers)
        )

    def network(self, sizes: Sizes, precision: str = "float32") -> Any:
        """Return the network, built; see Model."""
        from symgen.models.recurrent.network import Network

        return Network(sizes, self.layers, self.dropout, precision, self.chain_units, self.direct)

    @property
    def chained(self) -> bool:
        """Whether the head is chained."""
        return self.head == "chained"

    @property
    def chain_units(self) -> int:
        """The units of the head's hidden layer, 0 where there is none."""
        return (self.head_units or int(self.layers[-1]["units"])) if self.chained else 0

    def state_specs(self) -> tuple[StateSpec, ...]:
        """Return the state of each layer; an lstm layer has two, hidden and cell."""
        return numbered([n["units"] for n in self.layers for _ in range(STATES[n["cell"]])])

    def parameters(self, sizes: Sizes) -> int:
        """Return the number of trained weights."""
        count, below = 0, sizes.inputs
        for layer in self.layers:
            units, gates = layer["units"], GATES[layer["cell"]]
            count += gates * units * (below + units + (2 if layer["cell"] == "gru" else 1))
            below = units
        if self.chained:
            count += (below + 1 + sum(size for _, size in sizes.fields[:-1])) * self.chain_units
            below = self.chain_units
        if self.direct:
            count += sizes.width * (self.chain_units or sum(size for _, size in sizes.fields))
        return count + sum((below + 1) * size for _, size in sizes.fields)

    def step_graph(self, sizes: Sizes, weights: Weights, precision: str = "float32") -> bytes:
        """Return the ONNX step; see Model."""
        from symgen.models.recurrent.onnx_graph import step_graph

        return step_graph(sizes, self.layers, weights, self.chained, precision)

    def head_graph(
        self, sizes: Sizes, weights: Weights, precision: str = "float32"
    ) -> bytes | None:
        """Return the ONNX head of a chained model; see Model."""
        from symgen.models.recurrent.onnx_graph import head_graph

        return head_graph(sizes, weights, precision) if self.chained else None


def _check(layer: Any) -> None:
    if not isinstance(layer, Mapping) or set(layer) - {"cell", "units"} or "units" not in layer:
        raise BadOption(f'model.layers holds {layer!r}: expected {{cell = "lstm", units = 512}}')
    if layer.get("cell", "lstm") not in GATES:
        raise BadOption(f"model.layers: cell {layer['cell']!r} is none of {', '.join(GATES)}")
    units = layer["units"]
    if isinstance(units, bool) or not isinstance(units, int) or not 1 <= units <= MOST_UNITS:
        raise BadOption(
            f"model.layers: units = {units!r}: expected a whole number from 1 to {MOST_UNITS}"
        )
