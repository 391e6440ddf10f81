"""The Keras network of `framewise`, on any backend of Keras.

Values that are near each other begin alike: their embeddings are waves of the value, from half a
period over all values down to two values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from symgen.models.base import Sizes
from symgen.models.framewise.model import CELLS, Framewise, radixes
from symgen.models.plain import PlainNetwork

KINDS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "rnn": keras.layers.SimpleRNN}


class FrameNetwork(PlainNetwork):
    """(events, controls, states, chosen) -> (logits of each field, states).

    `events` int [B, T, F] holds the sample before each one, `chosen` the samples themselves, of
    which a field reads those before it. Windows have whole frames.
    """

    def __init__(self, model: Framewise, sizes: Sizes) -> None:
        super().__init__()
        self.model, self.sizes = model, sizes
        self._radixes = radixes(sizes)
        self.table: dict[str, Any] = {}
        self.cells = self._built_cells()
        first = model.frame * len(sizes.fields) * model.embedding
        spreads = {  # of normal random weights
            "window": (2 / first) ** 0.5,
            "hidden": (2 / model.hidden) ** 0.5,
            "chain": 0.5,
            "frame": (1 / model.units) ** 0.5,
            "head": (1 / model.hidden) ** 0.5,
        }
        for name, shape in model.shapes(sizes).items():
            if name.startswith("layer."):
                continue
            spread = 0.0 if name.endswith(".bias") else spreads.get(name.partition(".")[0])
            self.table[name] = self.add_weight(
                shape=shape,
                initializer=_waves if spread is None else _normal(spread),
                name=name.replace(".", "_"),
                dtype="float32",
            )
        self.built = True

    def _built_cells(self) -> list[Any]:
        cells, below = [], self.model.frame * len(self.sizes.fields)
        for i in range(self.model.depth):
            cell = KINDS[self.model.cell](
                self.model.units,
                return_sequences=True,
                return_state=True,
                dtype="float32",
                name=f"layer{i}",
            )
            cell.build((None, None, below))
            cells.append(cell)
            below = self.model.units
        return cells

    def named(self) -> dict[str, Any]:
        """Return every weight variable by its name in a bundle."""
        layers = {
            f"layer.{i}.{w}": getattr(cell.cell, w)
            for i, cell in enumerate(self.cells)
            for w in ("kernel", "recurrent_kernel", "bias")
        }
        return layers | self.table

    def call(
        self,
        events: Any,
        controls: Any,
        states: Sequence[Any],
        chosen: Any = None,
        training: bool = False,
    ) -> tuple[list[Any], list[Any]]:
        """Run T samples; see the class."""
        past, *given = states
        before = ops.concatenate([self._unpacked(past), ops.cast(events, "int32")], axis=1)
        own, after = self._frames(before, given, training)
        windows = ops.conv(self._embedded(before), self.table["window.kernel"], padding="valid")
        a = ops.relu(windows + own)
        total = ops.matmul(a, self.table["hidden.kernel"]) + self.table["hidden.bias"]
        logits = []
        for k, (name, _) in enumerate(self.sizes.fields):
            head = self.table[f"head.{name}.kernel"], self.table[f"head.{name}.bias"]
            logits.append(ops.matmul(ops.relu(total), head[0]) + head[1])
            if k + 1 < len(self.sizes.fields):
                if chosen is None:
                    raise ValueError("the fields are chained: give the values of the step")
                total = total + ops.take(self.table[f"chain.{name}"], chosen[..., k], axis=0)
        return logits, [self._packed(before[:, 1 - self.model.frame :]), *after]

    def _frames(self, before: Any, given: Sequence[Any], training: bool) -> tuple[Any, list[Any]]:
        """Return the input of each sample from the state of its frame, and the states after."""
        model = self.model
        x = self._scaled(before[:, : 1 - model.frame])
        rows = ops.shape(x)[0]
        x = ops.reshape(x, (rows, -1, model.frame * len(self.sizes.fields)))
        _, count = CELLS[model.cell]
        after = []
        for i, cell in enumerate(self.cells):
            x, *states = cell(
                x, initial_state=list(given[i * count : (i + 1) * count]), training=training
            )
            after += states
        own = ops.matmul(x, self.table["frame.kernel"]) + self.table["frame.bias"]
        return ops.reshape(own, (rows, -1, model.hidden)), after

    def _scaled(self, events: Any) -> Any:
        """Return values from -1 to 1, 0 for "nothing before"."""
        sizes = np.array([size for _, size in self.sizes.fields], np.float32)
        middle = (sizes - 1) / 2
        real = ops.cast(events, "float32")
        return ops.where(real == sizes, 0.0, (real - middle) / np.maximum(middle, 0.5))

    def _embedded(self, events: Any) -> Any:
        tables = [self.table[f"embedding.{name}"] for name, _ in self.sizes.fields]
        return ops.concatenate(
            [ops.take(table, events[..., k], axis=0) for k, table in enumerate(tables)], axis=-1
        )

    def _unpacked(self, past: Any) -> Any:
        """Return int [B, n, F] of one number for each sample; see `radixes`."""
        whole = ops.cast(ops.round(past), "int32")
        fields = []
        for radix in self._radixes:
            fields.append(radix - 1 - whole % radix)
            whole = whole // radix
        return ops.stack(fields, axis=-1)

    def _packed(self, events: Any) -> Any:
        total, factor = 0, 1
        for k, radix in enumerate(self._radixes):
            total = total + (radix - 1 - events[..., k]) * factor
            factor *= radix
        return ops.cast(total, "float32")


def _normal(spread: float) -> Any:
    return keras.initializers.RandomNormal(stddev=spread) if spread else "zeros"


def _waves(shape: tuple[int, ...], dtype: str) -> Any:
    """Return `[size + 1, n]`: sines and cosines of the values of a field; zeros for nothing."""
    size, width = shape[0] - 1, shape[1]
    places = 2 * np.arange(size)[:, None] / max(size - 1, 1) - 1
    turns = 0.5 * (size / 2) ** (np.arange(width) // 2 / max(width // 2 - 1, 1))
    angles = np.pi * places * turns + np.pi / 2 * (np.arange(width) % 2)
    rows = np.concatenate([np.sin(angles), np.zeros((1, width))])
    return ops.convert_to_tensor(rows.astype(np.float32), dtype)
