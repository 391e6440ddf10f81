"""The Keras network of the recurrent models, with its state passed in and out, on any backend.

The weights belong to the layers of Keras, so the same network runs anywhere. On TensorFlow and a
CPU, an lstm layer is computed by `fast_lstm`, which is several times faster there. Everywhere else
Keras's own LSTM computes it with the same weights.

The kernel of the first layer is a table of embeddings, because one-hot rows pick rows of it. It is
initialised as one, with unit variance. Glorot's rule would divide by the vocabulary, and the gates
would hardly react to their input at first: on 100,000 events of piano, 120 steps of a 2 x 192
network then end at 4.92 nats per event, that of the unigram, where this ends at 3.81. Several
fields, or controls, share the variance, so that the gates do not begin saturated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from symgen.models.base import Sizes, Weights
from symgen.models.recurrent.model import STATES
from symgen.models.recurrent.pointer import Pointer

# Rows of a lane. With fewer, its products with the recurrent weights cost more than a second core
# saves.
MIN_ROWS = 16
# Fewer spans leave cores waiting at the beginning and end of a window. More take memory, because
# each has a gradient of the weights.
SPANS = 8
MIN_STEPS = 16  # of a span
CELLS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "rnn": keras.layers.SimpleRNN}


class Network(keras.Model):  # type: ignore[misc]
    """The network: (events, controls, states, chosen) -> (logits of each field, states).

    `events` is [B, T, F], `controls` [B, T, W] or None, logits are [B, T, size]. `chosen` [B, T, F]
    holds the values of the step that the logits belong to; a chained head reads those of the fields
    before.

    In training on several cores, a batch may be split into `lanes`, which are computed side by side
    and joined. The steps of a window may be split into `spans`, so that a fast layer begins once
    the layer below has finished the first span.
    """

    def __init__(
        self,
        sizes: Sizes,
        layers: Sequence[Mapping[str, Any]],
        dropout: float,
        precision: str = "float32",
        chain_units: int = 0,
        direct: bool = False,
        pointing: bool = False,
    ) -> None:
        super().__init__()
        self.sizes = sizes
        self.kinds = [layer["cell"] for layer in layers]
        self.lanes = self.spans = 1
        policy = "float32" if precision == "float32" else f"mixed_{precision}"
        self.cells = _built_cells(sizes, layers, policy)
        self.dropout = keras.layers.Dropout(dropout, dtype=policy)
        self.heads = [
            keras.layers.Dense(size, dtype="float32", name=f"head_{name}")
            for name, size in sizes.fields
        ]
        below = self.cells[-1].units
        self.chain = Chain(sizes, chain_units, below) if chain_units else None
        for head in self.heads:
            head.build((None, None, chain_units or below))
        moments = sizes.moments if pointing else None
        self.pointer = Pointer(sizes, moments, chain_units) if moments else None
        targets = {"chain": chain_units} if chain_units else dict(sizes.fields)
        self.direct: dict[str, Any] = {}
        for name, size in targets.items() if direct and sizes.width else ():
            self.direct[name] = self.add_weight(
                shape=(sizes.width, size),
                initializer="zeros",
                name=f"direct_{name}",
                dtype="float32",
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
        """Run T steps; see the class."""
        rows = events.shape[0] or 0
        lanes = self.lanes
        if lanes == 1 or rows % lanes or rows // lanes < MIN_ROWS:
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
        turned = False  # x is spans of [T, units, B], which fast layers use, not [B, T, units]
        for i, (cell, kind) in enumerate(zip(self.cells, self.kinds, strict=True)):
            count = STATES[kind]
            fast = kind == "lstm" and uses_fast_lstm()
            given = states[:count]
            states = states[count:]
            if x is not None and fast != turned:
                x = [ops.transpose(x, [1, 2, 0])] if fast else _joined(x)
            turned = fast
            if fast:
                x, *after = self._fast(cell, x, events, controls, given, training)
            else:
                read = self._one_hot(events, controls) if i == 0 else x
                x, *after = cell(read, initial_state=given, training=training)
                x = self.dropout(x, training=training)
            out += after
        logits = self._logits(_joined(x) if turned else x, controls, chosen)
        return logits, [ops.cast(state, "float32") for state in out]

    def _fast(
        self, cell: Any, x: Any, events: Any, controls: Any, given: Any, training: bool
    ) -> list[Any]:
        """Run an lstm layer on the spans `x`, or on the events where `x` is None."""
        from symgen.models.recurrent import fast_lstm

        if x is None:
            spans = max(min(self.spans, (events.shape[1] or 1) // MIN_STEPS), 1)
            out, *after = fast_lstm.first(cell.cell, self.sizes, events, controls, given, spans)
        else:
            out, *after = fast_lstm.later(cell.cell, x, given)
        if training and self.dropout.rate:
            rate, seeds = self.dropout.rate, self.dropout.seed_generator
            out = [fast_lstm.dropped(span, rate, seeds) for span in out]
        return [out, *after]

    def _logits(self, x: Any, controls: Any, chosen: Any) -> list[Any]:
        """Return the logits of each field from the output `x` [B, T, units] of the last layer."""
        straight = [
            ops.matmul(ops.cast(controls, "float32"), kernel) for kernel in self.direct.values()
        ]
        if self.chain:
            read = self.chain(x, chosen, straight)
            logits = [head(z) for head, z in zip(self.heads, read, strict=True)]
            return self.pointer(logits, read, controls, chosen) if self.pointer else logits
        logits = [head(x) for head in self.heads]
        return [z + more for z, more in zip(logits, straight, strict=True)] if straight else logits

    def _one_hot(self, events: Any, controls: Any) -> Any:
        dtype = self.cells[0].compute_dtype
        parts = [
            ops.one_hot(events[..., k], size + 1, dtype=dtype)
            for k, (_, size) in enumerate(self.sizes.fields)
        ]
        if self.sizes.width:
            parts.append(ops.cast(controls, dtype))
        return ops.concatenate(parts, axis=-1)

    @property
    def compute_type(self) -> str:
        """The type that its layers compute in."""
        return str(self.cells[0].compute_dtype)

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
        if self.pointer:
            table |= self.pointer.named()
        return table | (self.chain.named() if self.chain else {})

    def export_weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the weights as float32 arrays, in the layout of Keras."""
        return {
            name: np.asarray(ops.convert_to_numpy(v.value), np.float32)
            for name, v in self.named().items()
        }

    def import_weights(self, weights: Weights) -> None:
        """Take weights of the same names and shapes."""
        for name, variable in self.named().items():
            variable.assign(weights[name])


def _built_cells(sizes: Sizes, layers: Sequence[Mapping[str, Any]], policy: str) -> list[Any]:
    """Return the recurrent layers, built one on top of the other."""
    cells, below = [], sizes.inputs
    for i, layer in enumerate(layers):
        # Made only where it is used: each initializer takes a number from the global random state.
        initializer = "glorot_uniform" if i else keras.initializers.RandomNormal(stddev=1)
        cell = CELLS[layer["cell"]](
            layer["units"],
            return_sequences=True,
            return_state=True,
            dtype=policy,
            name=f"layer{i}",
            kernel_initializer=initializer,
        )
        cell.build((None, None, below))
        cells.append(cell)
        below = cell.units
    if len(sizes.fields) > 1 or sizes.width:
        kernel = cells[0].cell.kernel
        kernel.assign(kernel.value * _shares(sizes))
    return cells


def _shares(sizes: Sizes) -> npt.NDArray[np.float32]:
    """Return the scale `[inputs, 1]` of the rows of the first kernel.

    It is one over the root of the number of fields, and of the width of the controls.
    """
    fields = sizes.inputs - sizes.width
    width = max(sizes.width, 1)
    of_fields = [len(sizes.fields) ** -0.5] * fields
    of_controls = [width**-0.5] * sizes.width
    scales = of_fields + of_controls
    return np.array(scales, np.float32)[:, None]


def _joined(spans: Sequence[Any]) -> Any:
    """Return [B, T, units] of spans [T, units, B]."""
    return ops.transpose(ops.concatenate(spans) if len(spans) > 1 else spans[0], [2, 0, 1])


class Chain(keras.layers.Layer):  # type: ignore[misc]
    """The hidden layer of a chained head, always in float32.

    It gives `[B, T, units]` for each field, from the layer below and the fields before.
    """

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
        """Return the input of the head of each field.

        `straight` holds at most one `[B, T, units]`, which comes directly from the controls.
        """
        if chosen is None:
            raise ValueError("a chained head needs the values of the step: give `chosen`")
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


def uses_fast_lstm() -> bool:
    """Return whether `fast_lstm` computes lstm layers: on TensorFlow without an accelerator."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")
