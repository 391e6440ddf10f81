"""The player `framewise`: plays the model of that name from its weights, with NumPy.

The first layer of the network over samples is a table for each place before a sample, of which rows
are added. So a sample costs two products of a vector and a matrix; the recurrent layers take a step
once in a frame.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Events
from symgen.models.base import Model, Sizes, Weights
from symgen.models.framewise.model import CELLS, Framewise
from symgen.runtime.base import Floats, Ints, Player, WeightsPlayer


class FramewisePlayer(WeightsPlayer):
    """Plays streams side by side; all of them are at the same place of a frame."""

    def __init__(self, model: Model, sizes: Sizes, weights: Weights) -> None:
        assert isinstance(model, Framewise)
        self._model = model
        self._weights = {name: np.asarray(w, np.float32) for name, w in weights.items()}
        self._names = [name for name, _ in sizes.fields]
        self._sizes = np.array([size for _, size in sizes.fields])
        self._tables, self._offsets = self._joined()
        _, self._count = CELLS[model.cell]

    def _joined(self) -> tuple[Floats, Ints]:
        """Return one table of rows for every place, field and value, and where each begins."""
        kernel, width = self._weights["window.kernel"], self._model.embedding
        parts = [
            self._weights[f"embedding.{name}"] @ place[k * width : (k + 1) * width]
            for place in kernel
            for k, name in enumerate(self._names)
        ]
        starts = np.cumsum([0] + [len(part) for part in parts])[:-1]
        return np.concatenate(parts), starts.astype(np.int64)

    def fresh(self) -> Player:
        """Return another player of the same weights."""
        other = object.__new__(FramewisePlayer)
        other.__dict__.update(self.__dict__)
        return other

    def start(self, batch: int) -> None:
        """Begin with nothing before."""
        model = self._model
        self._place = 0
        self._window = np.tile(self._sizes, (batch, model.frame))
        self._states = [
            [np.zeros((batch, model.units), np.float32) for _ in range(self._count)]
            for _ in range(model.depth)
        ]
        self._own = np.zeros((batch, model.frame, model.hidden), np.float32)
        self._total = np.zeros((batch, model.hidden), np.float32)

    def step(self, events: Events, controls: Floats | None = None) -> None:
        """Take the last sample of each stream."""
        fields = len(self._names)
        self._window[:, :-fields] = self._window[:, fields:].copy()
        self._window[:, -fields:] = events
        if self._place == 0:
            self._frame()
        rows = self._tables.take(self._window + self._offsets, axis=0)
        a = rows.sum(1)
        a += self._own[:, self._place]
        np.maximum(a, 0, out=a)
        self._total = a @ self._weights["hidden.kernel"]
        self._total += self._weights["hidden.bias"]
        self._place = (self._place + 1) % self._model.frame

    def logits(self, field: int, chosen: Events, rows: Ints | None = None) -> Floats:
        """Return the logits of a field, given the fields before it in `chosen`."""
        total = self._total if rows is None else self._total[rows]
        for k in range(field):
            total = total + self._weights[f"chain.{self._names[k]}"][chosen[:, k]]
        name = self._names[field]
        out = np.maximum(total, 0) @ self._weights[f"head.{name}.kernel"]
        out += self._weights[f"head.{name}.bias"]
        return np.asarray(out, np.float32)

    def select(self, rows: Ints) -> None:
        """Pick rows of all that a stream has."""
        self._window = self._window[rows]
        self._states = [[state[rows] for state in layer] for layer in self._states]
        self._own, self._total = self._own[rows], self._total[rows]

    def _frame(self) -> None:
        """Take a step of the recurrent layers, at the first sample of a frame."""
        sizes = np.tile(self._sizes, self._model.frame)
        middle = (sizes - 1) / 2
        x = np.where(self._window == sizes, 0, (self._window - middle) / np.maximum(middle, 0.5))
        x = x.astype(np.float32)
        for i, states in enumerate(self._states):
            kernel, recurrent, bias = (
                self._weights[f"layer.{i}.{w}"] for w in ("kernel", "recurrent_kernel", "bias")
            )
            self._states[i] = STEPS[self._model.cell](x @ kernel, states, recurrent, bias)
            x = self._states[i][0]
        own = x @ self._weights["frame.kernel"] + self._weights["frame.bias"]
        self._own = own.reshape(len(x), self._model.frame, self._model.hidden)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)), np.float32)


def _lstm(x: Floats, states: list[Floats], recurrent: Floats, bias: Floats) -> list[Floats]:
    hidden, memory = states
    i, f, u, o = np.split(x + hidden @ recurrent + bias, 4, axis=1)
    memory = _sigmoid(f) * memory + _sigmoid(i) * np.tanh(u)
    return [_sigmoid(o) * np.tanh(memory), memory]


def _gru(x: Floats, states: list[Floats], recurrent: Floats, bias: Floats) -> list[Floats]:
    """The GRU of Keras with reset_after: the reset gate multiplies the product and its bias."""
    (hidden,) = states
    outer = np.split(x + bias[0], 3, axis=1)
    inner = np.split(hidden @ recurrent + bias[1], 3, axis=1)
    update, reset = (_sigmoid(outer[k] + inner[k]) for k in (0, 1))
    candidate = np.tanh(outer[2] + reset * inner[2])
    return [update * hidden + (1 - update) * candidate]


def _rnn(x: Floats, states: list[Floats], recurrent: Floats, bias: Floats) -> list[Floats]:
    return [np.tanh(x + states[0] @ recurrent + bias)]


STEPS = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
