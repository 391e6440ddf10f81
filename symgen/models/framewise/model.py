"""Sound by frames: a recurrent network over short frames, and a network over the last samples.

This is the two-tier SampleRNN of Mehri and others (2017). A recurrent network takes a step for each
frame of S samples: it reads the S samples before the frame, and gives each of the S samples of the
frame an input of its own. A network with two hidden layers draws each sample from the S samples
before it and from that input. So the recurrent part, which remembers, costs 1/S of what it would
cost in a network that takes a step for every sample.

With x_t the embedded samples before t, h the state of the frame and p the place of t in it:

    a = relu(sum over n of W_n x_(t - n) + U_p h + d_p)
    b = relu(V a + e + sum over fields j < k of C_j[value of j])
    the logits of field k are H_k b + c_k
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, ClassVar

from symgen import checks
from symgen.errors import BadOption
from symgen.models.base import Neural, Shapes, Sizes
from symgen.models.state import StateSpec

CELLS = {"gru": (3, 1), "lstm": (4, 2), "rnn": (1, 1)}  # gates and states of each cell
FRAMES = (4, 8, 16, 32, 64)
MAX_UNITS = 4096
EXACT = 1 << 24  # whole numbers up to it are exact in float32


def radixes(sizes: Sizes) -> list[int]:
    """Return the values of each field, "nothing before" included.

    In the state, the values v of a sample are one number with these digits: size - v of each field,
    the first one last. So 0 means that nothing came before.
    """
    return [size + 1 for _, size in sizes.fields]


@dataclasses.dataclass(frozen=True)
class Framewise(Neural):
    """A network over frames.

    `cell` is "lstm", "gru" or "rnn", with `depth` layers of `units`. `frame` is the samples of a
    frame, and how many a sample is drawn from. `embedding` is the numbers that stand for a value,
    `hidden` the units of both hidden layers.
    """

    cell: str = "gru"
    units: int = 256
    depth: int = 1
    frame: int = 16
    embedding: int = 16
    hidden: int = 256

    name: ClassVar[str] = "framewise"
    player: ClassVar[str] = "framewise"

    def __post_init__(self) -> None:
        checks.one_of("model.cell =", self.cell, CELLS)
        checks.whole("model.units =", self.units, 1, MAX_UNITS)
        checks.whole("model.depth =", self.depth, 1, 16)
        checks.whole("model.embedding =", self.embedding, 1, 256)
        checks.whole("model.hidden =", self.hidden, 1, MAX_UNITS)
        if isinstance(self.frame, bool) or self.frame not in FRAMES:
            known = ", ".join(map(str, FRAMES))
            raise BadOption(f"model.frame = {self.frame!r}: expected one of {known}")

    @property
    def chained(self) -> bool:
        """Whether a field depends on the fields before it in its sample, which it always may."""
        return True

    @property
    def stride(self) -> int:
        """The samples of a frame, of which a window has whole ones."""
        return self.frame

    def network(self, sizes: Sizes, precision: str = "float32") -> Any:
        """Return the network, built; see Neural. It has no other precision than float32."""
        from symgen.models.framewise.network import FrameNetwork

        if precision != "float32":
            raise BadOption(
                f"training.precision = {precision!r}: the model framewise trains in float32"
            )
        self.parameters(sizes)
        return FrameNetwork(self, sizes)

    def state_specs(self) -> tuple[StateSpec, ...]:
        """Return the samples before a window, as one number each, and the state of each layer."""
        _, states = CELLS[self.cell]
        layers = [
            StateSpec(f"{i}.{k}", (self.units,)) for i in range(self.depth) for k in range(states)
        ]
        return (StateSpec("past", (self.frame - 1,)), *layers)

    def shapes(self, sizes: Sizes) -> Shapes:
        """Return the shape of each weight; see Neural."""
        if sizes.width:
            raise BadOption("the model framewise takes no controls; leave out [[controls]]")
        if math.prod(radixes(sizes)) > EXACT:
            raise BadOption(
                f"the model framewise takes a sample of at most {EXACT:,} values; this has more"
            )
        gates, _ = CELLS[self.cell]
        fields = len(sizes.fields)
        out: Shapes = {
            f"embedding.{name}": (size + 1, self.embedding) for name, size in sizes.fields
        }
        below = self.frame * fields
        for i in range(self.depth):
            width = gates * self.units
            out[f"layer.{i}.kernel"] = (below, width)
            out[f"layer.{i}.recurrent_kernel"] = (self.units, width)
            out[f"layer.{i}.bias"] = (2, width) if self.cell == "gru" else (width,)
            below = self.units
        out["frame.kernel"] = (self.units, self.frame * self.hidden)
        out["frame.bias"] = (self.frame * self.hidden,)
        out["window.kernel"] = (self.frame, fields * self.embedding, self.hidden)
        out["hidden.kernel"] = (self.hidden, self.hidden)
        out["hidden.bias"] = (self.hidden,)
        out |= {f"chain.{name}": (size, self.hidden) for name, size in sizes.fields[:-1]}
        for name, size in sizes.fields:
            out |= {f"head.{name}.kernel": (self.hidden, size), f"head.{name}.bias": (size,)}
        return out
