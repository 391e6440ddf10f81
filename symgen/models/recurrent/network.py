"""The Keras network of the recurrent models, with its state passed in and out, on any backend.

Weights belong to Keras's own layers, so that the same network runs anywhere. On TensorFlow and a CPU an lstm layer is
computed by `hoisted`, several times faster there; everywhere else by Keras's own LSTM on the same weights.

The first layer's kernel is a table of embeddings, since one-hot rows pick rows of it, and begins as one: with unit
variance. Glorot's rule would divide by the vocabulary and leave the gates almost blind to their input at first: on 100,000
events of piano 120 steps of a 2 x 192 network then end at 4.92 nats per event, the unigram's, where this ends at 3.81.
Where there are several fields, or controls, they share that variance, lest the gates begin saturated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from symgen.models.base import Sizes, Weights

LEAST_ROWS = 16  # of a lane: with fewer, its products with the recurrent weights cost more than a second core saves
SPANS = 8  # fewer leave cores waiting at a window's beginning and end, more take memory: a gradient of the weights each
SHORTEST = 16  # steps of a span
CELLS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "rnn": keras.layers.SimpleRNN}


class Network(keras.Model):  # type: ignore[misc]
    """Calls as network(events [B, T, F], controls [B, T, W] or None, states, chosen) -> ([logits [B, T, size]], states).

    `chosen` [B, T, F] are the values of the step that the logits are of; a chained head reads those of the fields before.
    """

    def __init__(
        self,
        sizes: Sizes,
        layers: Sequence[Mapping[str, Any]],
        dropout: float,
        precision: str = "float32",
        chain_units: int = 0,
        direct: bool = False,
    ) -> None:
        super().__init__()
        self.sizes, self.kinds, self.lanes, self.spans = (
            sizes,
            [layer["cell"] for layer in layers],
            1,
            1,
        )
        policy = "float32" if precision == "float32" else f"mixed_{precision}"
        self.cells = [
            CELLS[layer["cell"]](
                layer["units"],
                return_sequences=True,
                return_state=True,
                dtype=policy,
                name=f"layer{i}",
                kernel_initializer=keras.initializers.RandomNormal(stddev=1)
                if i == 0
                else "glorot_uniform",
            )
            for i, layer in enumerate(layers)
        ]
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.heads = [
            keras.layers.Dense(size, dtype="float32", name=f"head_{name}")
            for name, size in sizes.fields
        ]
        below = sizes.inputs
        for cell in self.cells:
            cell.build((None, None, below))
            below = cell.units
        if len(sizes.fields) > 1 or sizes.width:
            kernel = self.cells[0].cell.kernel
            kernel.assign(kernel.value * _shares(sizes))
        self.chain = Chain(sizes, chain_units, below) if chain_units else None
        below = chain_units or below
        for head in self.heads:
            head.build((None, None, below))
        to = {"chain": chain_units} if chain_units else dict(sizes.fields)
        self.direct = (
            {
                name: self.add_weight(
                    shape=(sizes.width, size),
                    initializer="zeros",
                    name=f"direct_{name}",
                    dtype="float32",
                )
                for name, size in to.items()
            }
            if direct and sizes.width
            else {}
        )
        self.built = True

    def call(
        self,
        events: Any,
        controls: Any,
        states: Sequence[Any],
        chosen: Any = None,
        training: bool = False,
    ) -> tuple[list[Any], list[Any]]:
        """Run T steps; see the class. Where there are `lanes`, parts of the batch are computed side by side and joined.

        Where there are `spans`, hoisted layers take T in so many or fewer, and each begins once the one below has done the first of them.
        """
        rows = events.shape[0] or 0
        lanes = self.lanes if rows % self.lanes == 0 and rows // self.lanes >= LEAST_ROWS else 1
        if lanes == 1:
            return self._run(events, controls, states, chosen, training)
        parts = [
            [None] * lanes if a is None else ops.split(a, lanes)
            for a in (events, controls, chosen, *states)
        ]
        done = [self._run(e, c, given, v, training) for e, c, v, *given in zip(*parts, strict=True)]
        logits, after = (
            [ops.concatenate(p) for p in zip(*each, strict=True)]
            for each in zip(*done, strict=True)
        )
        return logits, after

    def _run(
        self, events: Any, controls: Any, states: Sequence[Any], chosen: Any, training: bool
    ) -> tuple[list[Any], list[Any]]:
        out: list[Any] = []
        states = list(states)
        x: Any = None
        turned = False  # spans of [T, units, B], as hoisted layers hand them on, where others have [B, T, units]
        for i, (cell, kind) in enumerate(zip(self.cells, self.kinds, strict=True)):
            count, fast = 2 if kind == "lstm" else 1, kind == "lstm" and hoists()
            given, states = states[:count], states[count:]
            if x is not None and fast != turned:
                x = [ops.transpose(x, [1, 2, 0])] if fast else _joined(x)
            turned = fast
            if fast:
                from symgen.models.recurrent import fast_lstm as hoisted

                spans = max(min(self.spans, (events.shape[1] or 1) // SHORTEST), 1)
                x, *after = (
                    hoisted.first(cell.cell, self.sizes, events, controls, given, spans)
                    if i == 0
                    else hoisted.later(cell.cell, x, given)
                )
                if training and self.dropout.rate:
                    x = [
                        hoisted.dropped(span, self.dropout.rate, self.dropout.seed_generator)
                        for span in x
                    ]
            else:
                x, *after = cell(
                    self._one_hot(events, controls) if i == 0 else x,
                    initial_state=given,
                    training=training,
                )
                x = self.dropout(x, training=training)
            out += after
        x = _joined(x) if turned else x
        straight = [
            ops.matmul(ops.cast(controls, "float32"), kernel) for kernel in self.direct.values()
        ]
        after = [ops.cast(s, "float32") for s in out]
        if self.chain:
            return [
                head(z) for head, z in zip(self.heads, self.chain(x, chosen, straight), strict=True)
            ], after
        return [
            sum(more, head(x))
            for head, *more in zip(self.heads, *([straight] if straight else []), strict=True)
        ], after

    def _one_hot(self, events: Any, controls: Any) -> Any:
        dtype = self.cells[0].compute_dtype
        parts = [
            ops.one_hot(events[..., k], size + 1, dtype=dtype)
            for k, (_, size) in enumerate(self.sizes.fields)
        ]
        if self.sizes.width:
            parts.append(ops.cast(controls, dtype))
        return ops.concatenate(parts, axis=-1)

    def named(self) -> dict[str, Any]:
        """Return every weight variable by its name in a bundle."""
        table = {
            f"layer.{i}.{w}": getattr(cell.cell, w)
            for i, cell in enumerate(self.cells)
            for w in ("kernel", "recurrent_kernel", "bias")
        }
        for (name, _), head in zip(self.sizes.fields, self.heads, strict=True):
            table |= {f"head.{name}.kernel": head.kernel, f"head.{name}.bias": head.bias}
        table |= {f"direct.{name}.kernel": kernel for name, kernel in self.direct.items()}
        return table | (self.chain.named() if self.chain else {})

    def export_weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the weights as float32 arrays, in Keras's layout."""
        return {
            name: np.asarray(ops.convert_to_numpy(v.value), np.float32)
            for name, v in self.named().items()
        }

    def import_weights(self, weights: Weights) -> None:
        """Take weights of the same names and shapes."""
        for name, variable in self.named().items():
            variable.assign(weights[name])


def _shares(sizes: Sizes) -> npt.NDArray[np.float32]:
    """Return the scale `[inputs, 1]` of the first kernel's rows: one over the root of the fields, and of the controls' width."""
    fields, width = sizes.inputs - sizes.width, max(sizes.width, 1)
    scales = np.array(
        [len(sizes.fields) ** -0.5] * fields + [width**-0.5] * sizes.width, np.float32
    )
    return scales[:, None]


def _joined(spans: Sequence[Any]) -> Any:
    """Return [B, T, units] of spans [T, units, B]."""
    return ops.transpose(ops.concatenate(spans) if len(spans) > 1 else spans[0], [2, 0, 1])


class Chain(keras.layers.Layer):  # type: ignore[misc]
    """The hidden layer of a chained head, always in float32: one `[B, T, units]` a field, of `below` units and the values before."""

    def __init__(self, sizes: Sizes, units: int, below: int) -> None:
        super().__init__(dtype="float32")
        self.project = keras.layers.Dense(units, dtype="float32", name="chain")
        self.project.build((None, None, below))
        self.embeddings = {
            name: self.add_weight(
                shape=(size, units),
                initializer=keras.initializers.RandomNormal(stddev=0.5),
                name=f"chain_{name}",
            )
            for name, size in sizes.fields[:-1]
        }
        self.built = True

    def call(self, x: Any, chosen: Any, straight: Sequence[Any] = ()) -> list[Any]:
        """Return what the head of each field reads; `straight` `[B, T, units]`, if any, comes from what is told."""
        if chosen is None:
            raise ValueError(
                "a chained head needs the values of the step whose logits are asked for: give `chosen`"
            )
        total = sum(straight, self.project(x))
        out = [ops.tanh(total)]
        for k, table in enumerate(self.embeddings.values()):
            total = total + ops.take(table, chosen[..., k], axis=0)
            out.append(ops.tanh(total))
        return out

    def named(self) -> dict[str, Any]:
        """Return every weight variable by its name in a bundle."""
        tables = {f"chain.{name}.embedding": table for name, table in self.embeddings.items()}
        return {"chain.kernel": self.project.kernel, "chain.bias": self.project.bias} | tables


def hoists() -> bool:
    """Say whether lstm layers are computed by `hoisted`: on TensorFlow with no accelerator in sight."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")
