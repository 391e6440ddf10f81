"""The Keras network of a WaveNet, with its state passed in and out, on any backend.

Inside, time comes first: [T * B, channels]. So a shift in time is a range of rows, and each layer
is a few products of large matrices, with no operation for convolutions.

Values of a field that are near each other begin alike: the rows of the first kernel hold waves of
the value, as the encoding of places of Vaswani et al. (2017), from one period over all values down
to two values. A table of random rows would have to learn which samples are neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from symgen.models.base import Sizes
from symgen.models.plain import PlainNetwork
from symgen.models.recurrent.network import Chain
from symgen.models.wavenet.model import WaveNet


class Network(PlainNetwork):
    """The network: (events, controls, states, chosen) -> (logits of each field, states).

    `events` is [B, T, F], `controls` [B, T, W] or None, logits are [B, T, size]. `chosen` [B, T, F]
    holds the values of the step that the logits belong to. A state is [B, dilation, channels].
    """

    def __init__(self, model: WaveNet, sizes: Sizes, precision: str = "float32") -> None:
        super().__init__()
        self.model, self.sizes = model, sizes
        self.computing = self.compute_type = precision
        self.stacked = {
            name: self.add_weight(shape=shape, initializer=_initial(name, shape, sizes), name=name)
            for name, shape in model.shapes(sizes).items()
            if not name.startswith(("chain.", "head."))
        }
        self.chain = Chain(sizes, model.head_units, model.skip_channels)
        self.heads = [
            keras.layers.Dense(size, dtype="float32", name=f"head_{name}")
            for name, size in sizes.fields
        ]
        for head in self.heads:
            head.build((None, None, model.head_units))
        self.built = True

    def call(
        self,
        events: Any,
        controls: Any,
        states: Sequence[Any],
        chosen: Any = None,
        training: bool = False,
    ) -> tuple[list[Any], list[Any]]:
        """Run T steps; see the class."""
        batch, steps = ops.shape(events)[0], ops.shape(events)[1]
        x = self._given(events, controls)
        parts = {
            name: ops.unstack(self._cast(self.stacked[name]), axis=0)
            for name in (
                "past.kernel",
                "now.kernel",
                "gate.bias",
                "residual.kernel",
                "residual.bias",
            )
        }
        gated, after = [], []
        width = self.model.channels
        for i, dilation in enumerate(self.model.dilations):
            queue = ops.reshape(ops.transpose(self._cast(states[i]), [1, 0, 2]), (-1, width))
            rows = ops.concatenate([queue, x], axis=0)
            kept = rows[steps * batch :]
            after.append(ops.transpose(ops.reshape(kept, (dilation, batch, width)), [1, 0, 2]))
            gates = ops.matmul(rows[: steps * batch], parts["past.kernel"][i])
            gates = gates + ops.matmul(x, parts["now.kernel"][i]) + parts["gate.bias"][i]
            z = ops.tanh(gates[:, :width]) * ops.sigmoid(gates[:, width:])
            gated.append(z)
            x = x + ops.matmul(z, parts["residual.kernel"][i]) + parts["residual.bias"][i]
        skips = ops.matmul(ops.concatenate(gated, axis=1), self._cast(self.stacked["skip.kernel"]))
        read = ops.relu(ops.cast(skips, "float32") + self.stacked["skip.bias"])
        return self._logits(read, batch, steps, chosen), [ops.cast(a, "float32") for a in after]

    def _given(self, events: Any, controls: Any) -> Any:
        """Return what the first layer reads, `[T * B, channels]`."""
        table, start, total = self._cast(self.stacked["input.kernel"]), 0, None
        turned = ops.transpose(events, [1, 0, 2])
        for k, (_, size) in enumerate(self.sizes.fields):
            rows = ops.take(table, ops.reshape(turned[..., k], (-1,)) + start, axis=0)
            total = rows if total is None else total + rows
            start += size + 1
        if self.sizes.width:
            given = ops.transpose(self._cast(controls), [1, 0, 2])
            total = total + ops.matmul(ops.reshape(given, (-1, self.sizes.width)), table[start:])
        return total

    def _logits(self, read: Any, batch: Any, steps: Any, chosen: Any) -> list[Any]:
        """Return logits `[B, T, size]` of each field, from `[T * B, skip channels]`."""
        if chosen is None:
            raise ValueError("a chained head needs the values of the step: give `chosen`")
        fields = len(self.sizes.fields)
        values = ops.reshape(ops.transpose(chosen, [1, 0, 2]), (-1, fields))
        out = []
        for head, hidden in zip(self.heads, self.chain(read, values), strict=True):
            logits = ops.reshape(head(hidden), (steps, batch, head.units))
            out.append(ops.transpose(logits, [1, 0, 2]))
        return out

    def _cast(self, value: Any) -> Any:
        return ops.cast(value, self.computing)

    def named(self) -> dict[str, Any]:
        """Return every weight variable by its name in a bundle."""
        table = dict(self.stacked)
        for (name, _), head in zip(self.sizes.fields, self.heads, strict=True):
            table |= {f"head.{name}.kernel": head.kernel, f"head.{name}.bias": head.bias}
        return table | self.chain.named()


def _initial(name: str, shape: tuple[int, ...], sizes: Sizes) -> Any:
    """Return the initializer of a weight: waves for the input, else the rule of Glorot."""
    if name == "input.kernel":
        return lambda shape, dtype: ops.convert_to_tensor(_waves(sizes, shape[1]), dtype)
    if name.endswith("bias"):
        return "zeros"
    inputs = 2 * shape[-2] if name in ("past.kernel", "now.kernel") else shape[-2]
    limit = (6 / (inputs + shape[-1])) ** 0.5
    return keras.initializers.RandomUniform(-limit, limit)


def _waves(sizes: Sizes, width: int) -> npt.NDArray[np.float32]:
    """Return `[inputs, width]`: sines and cosines of the values of each field; zero for nothing."""
    rows = []
    for _, size in sizes.fields:
        places = np.arange(size)[:, None] / size
        turns = 0.5 * np.maximum(size / 1, 2) ** (np.arange(width) // 2 / max(width // 2 - 1, 1))
        angles = np.pi * (2 * places - 1) * turns + np.pi / 2 * (np.arange(width) % 2)
        rows += [np.sin(angles), np.zeros((1, width))]
    rows.append(np.random.default_rng(0).normal(0, 1, (sizes.width, width)))
    scale = len(sizes.fields) ** -0.5
    return np.asarray(scale * np.concatenate(rows), np.float32)
