"""Stacked recurrent layers and one softmax per field, for any encoding.

This is the Performance RNN of Simon and Oore (2017). With `head = "chained"` each field of a step
is drawn given the fields before it, by one hidden layer as in the NADE of Larochelle and Murray
(2011). With h the output of the last recurrent layer, field k has the logits

    V_k tanh(W h + b + sum over fields j < k of E_j[value of j]) + c_k

With `direct` the controls u of a step also go straight to the head: U_k u is added to V_k h + c_k,
or U u to W h + b. Through the layers alone, a pitch histogram is learned late: after 8 M events of
piano, conditioned on C major, a 3 x 512 network was in the scale only about 70 % of the time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from symgen import checks
from symgen.errors import BadOption, shorten
from symgen.models.base import Moments, Neural, Shapes, Sizes, Weights
from symgen.models.recurrent.weights import GATES, shapes
from symgen.models.state import StateSpec, numbered

STATES = {"lstm": 2, "gru": 1, "rnn": 1}
MAX_UNITS = 65536
MAX_LAYERS = 64
HEADS = ("independent", "chained", "pointer")
DEFAULT_LAYERS = ({"cell": "lstm", "units": 512},) * 3


@dataclasses.dataclass(frozen=True)
class Lstm(Neural):
    """A recurrent network.

    `layers` is a list of {cell = "lstm", "gru" or "rnn", units = n}. `dropout` between the layers
    applies only in training. `head` is "independent", or "chained" through a layer of `head_units`
    (0: as many as the last recurrent layer). "pointer" is chained, and can choose the moments that
    the control `sounding` holds. With `direct` the head also reads the controls.
    """

    layers: list[Mapping[str, Any]] | tuple[Mapping[str, Any], ...] = DEFAULT_LAYERS
    dropout: float = 0.0
    head: str = "independent"
    head_units: int = 0
    direct: bool = False

    name: ClassVar[str] = "lstm"

    def __post_init__(self) -> None:
        if not isinstance(self.layers, list | tuple) or not 0 < len(self.layers) <= MAX_LAYERS:
            raise BadOption(
                f"model.layers = {shorten(repr(self.layers))}: expected a list of at most "
                f'{MAX_LAYERS}, such as [{{cell = "lstm", units = 512}}]'
            )
        for layer in self.layers:
            _check(layer)
        checks.number("model.dropout =", self.dropout, 0, 1, below=True)
        checks.one_of("model.head =", self.head, HEADS)
        checks.whole("model.head_units =", self.head_units, 0, MAX_UNITS)
        checks.flag("model.direct =", self.direct)
        layers = tuple({"cell": "lstm", **layer} for layer in self.layers)
        object.__setattr__(self, "layers", layers)

    def network(self, sizes: Sizes, precision: str = "float32") -> Any:
        """Return the network, built; see Model."""
        from symgen.models.recurrent.network import Network

        self.parameters(sizes)  # which says so if they are too many
        return Network(
            sizes,
            self.layers,
            self.dropout,
            precision,
            self.chain_units,
            self.direct,
            self.pointing,
        )

    @property
    def chained(self) -> bool:
        """Whether the head is chained."""
        return self.head in ("chained", "pointer")

    @property
    def pointing(self) -> bool:
        """Whether the head can choose the moments that the controls hold."""
        return self.head == "pointer"

    def _moments(self, sizes: Sizes) -> Moments | None:
        """Return the moments that the head can choose; BadOption if it needs some and has none."""
        if not self.pointing:
            return None
        if sizes.moments is None:
            raise BadOption(
                'model.head = "pointer" needs the control sounding and an encoding with lengths; '
                'add [[controls]] name = "sounding" to a config of the notes encoding, or use '
                '"chained"'
            )
        return sizes.moments

    @property
    def chain_units(self) -> int:
        """The units of the head's hidden layer, 0 where there is none."""
        return (self.head_units or int(self.layers[-1]["units"])) if self.chained else 0

    def state_specs(self) -> tuple[StateSpec, ...]:
        """Return the state of each layer; an lstm layer has two, hidden and cell."""
        return numbered(
            [each["units"] for each in self.layers for _ in range(STATES[each["cell"]])]
        )

    def shapes(self, sizes: Sizes) -> Shapes:
        """Return the shape of each weight; see Neural."""
        moments = self._moments(sizes)
        return shapes(sizes, self.layers, self.chain_units, self.direct, moments)

    def step_graph(self, sizes: Sizes, weights: Weights, precision: str = "float32") -> bytes:
        """Return the ONNX step; see Model."""
        from symgen.models.recurrent.onnx_graph import step_graph

        moments = self._moments(sizes)
        return step_graph(sizes, self.layers, weights, self.chained, precision, moments)

    def head_graph(
        self, sizes: Sizes, weights: Weights, precision: str = "float32"
    ) -> bytes | None:
        """Return the ONNX head of a chained model; see Model."""
        from symgen.models.recurrent.onnx_head import head_graph

        moments = self._moments(sizes)
        return head_graph(sizes, weights, precision, moments) if self.chained else None


def _check(layer: Any) -> None:
    if not isinstance(layer, Mapping) or set(layer) - {"cell", "units"} or "units" not in layer:
        raise BadOption(
            f'model.layers holds {shorten(repr(layer))}: expected {{cell = "lstm", units = 512}}'
        )
    checks.one_of("model.layers: cell =", layer.get("cell", "lstm"), GATES)
    checks.whole("model.layers: units =", layer["units"], 1, MAX_UNITS)
