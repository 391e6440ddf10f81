"""WaveNet: the next step from thousands before it, by dilated causal convolutions.

This is the network of van den Oord et al. (2016, arXiv:1609.03499). Layer i of a stack sees two
steps: the present one, and the one 2^i steps ago. With x the input of a layer, `*` the product of
each number with its neighbour, and d its dilation, it computes

    z = tanh(x[t - d] A + x[t] B + a) * sigmoid(x[t - d] C + x[t] D + b)        the gated unit
    x'[t] = x[t] + z R + r                                             what the next layer reads

The z of all layers together give, by one matrix, what the head reads. The head is the one of the
recurrent models: with s = relu(z S + b), field k has the logits

    V_k tanh(s W + c + sum over fields j < k of E_j[value of j]) + c_k

Before the first step everything is zero, in every layer. A layer keeps its last d inputs as its
state, so a step costs the same whatever came before it (Le Paine et al. 2016, arXiv:1611.09482).
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from symgen import checks
from symgen.errors import BadOption
from symgen.models.base import Neural, Shapes, Sizes
from symgen.models.state import StateSpec

MOST_CHANNELS = 4096
MOST_STACKS = 64
MOST_DEPTH = 16  # a dilation of 32,768 steps
MOST_KEPT = 1 << 24  # numbers in the state of one stream: 64 MB


@dataclasses.dataclass(frozen=True)
class WaveNet(Neural):
    """A WaveNet.

    It has `stacks` of `depth` layers each, whose dilations are 1, 2, 4 and so on. A layer has
    `channels`. `skip_channels` and `head_units` are the widths of the two layers that read all of
    them, before the softmax of each field.
    """

    stacks: int = 3
    depth: int = 10
    channels: int = 32
    skip_channels: int = 64
    head_units: int = 128

    name: ClassVar[str] = "wavenet"
    player: ClassVar[str] = "wavenet"

    def __post_init__(self) -> None:
        checks.whole("model.stacks =", self.stacks, 1, MOST_STACKS)
        checks.whole("model.depth =", self.depth, 1, MOST_DEPTH)
        for key in ("channels", "skip_channels", "head_units"):
            checks.whole(f"model.{key} =", getattr(self, key), 1, MOST_CHANNELS)
        if (kept := sum(self.dilations) * self.channels) > MOST_KEPT:
            raise BadOption(
                f"model.stacks {self.stacks} and model.depth {self.depth} keep {kept:,} numbers of "
                f"{self.channels} channels; the limit is {MOST_KEPT:,}: take fewer"
            )

    @property
    def dilations(self) -> tuple[int, ...]:
        """The dilation of each layer, in steps."""
        return tuple(1 << i for i in range(self.depth)) * self.stacks

    @property
    def receptive_field(self) -> int:
        """How many steps a prediction depends on: the present one and those before it."""
        return 1 + sum(self.dilations)

    @property
    def chained(self) -> bool:
        """Whether the head reads the fields before: always, though there may be one field."""
        return True

    def network(self, sizes: Sizes, precision: str = "float32") -> Any:
        """Return the network, built; see Neural."""
        from symgen.models.wavenet.network import Network

        self.parameters(sizes)  # which says so if they are too many
        return Network(self, sizes, precision)

    def state_specs(self) -> tuple[StateSpec, ...]:
        """Return the last inputs `(dilation, channels)` of each layer, the oldest first."""
        return tuple(
            StateSpec(str(i), (dilation, self.channels))
            for i, dilation in enumerate(self.dilations)
        )

    def shapes(self, sizes: Sizes) -> Shapes:
        """Return the shape of each weight; those of all layers are stacked. See Neural."""
        layers, n = len(self.dilations), self.channels
        skip, units = self.skip_channels, self.head_units
        table: Shapes = {
            "input.kernel": (sizes.inputs, n),
            "past.kernel": (layers, n, 2 * n),
            "now.kernel": (layers, n, 2 * n),
            "gate.bias": (layers, 2 * n),
            "residual.kernel": (layers, n, n),
            "residual.bias": (layers, n),
            "skip.kernel": (layers * n, skip),
            "skip.bias": (skip,),
            "chain.kernel": (skip, units),
            "chain.bias": (units,),
        }
        table |= {f"chain.{name}.embedding": (size, units) for name, size in sizes.fields[:-1]}
        for name, size in sizes.fields:
            table |= {f"head.{name}.kernel": (units, size), f"head.{name}.bias": (size,)}
        return table
