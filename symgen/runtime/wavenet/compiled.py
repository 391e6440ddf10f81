"""A loop of many steps of a WaveNet that TensorFlow's XLA compiles, where TensorFlow is installed.

It draws each value inside, and does what steps of NumPy do with the same chances: the value is the
first whose share of the softmax, added to those before it, exceeds the chance. Rounding differs, so
once in some hundred thousand samples another value may be drawn, and the sound goes on differently.
So the loop is taken from a step that depends only on the steps drawn before, never on the clock.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events
from symgen.process import hushed, light_imports
from symgen.runtime.wavenet.parts import Floats, Parts

# Steps that NumPy draws before the loop is compiled, which takes about as long as these: importing
# TensorFlow took 5 s, and compiling 30 layers 6 s.
PATIENCE = 1 << 16
BLOCK = 2048  # steps of one run of the loop

Drawn = tuple[Events, Floats, int, Floats]
Loop = Callable[[npt.NDArray[np.float64], Floats, int, Floats], Drawn]
Chances = npt.NDArray[np.float64]


class Loops:
    """The compiled loops of one model, by the number of streams and the temperature."""

    def __init__(self, parts: Parts, sizes: Sequence[int], patience: int = PATIENCE) -> None:
        self.parts, self.sizes, self.patience = parts, list(sizes), patience
        self._made: dict[int, Any] = {}

    def worth(self, drawn: int, chances: Chances, pick: Any) -> Loop | None:
        """Return the loop for `chances` `[steps, batch, fields]`, or None where steps are better.

        `drawn` steps have been drawn before. Only a `pick` with a `temperature` above 0, which
        is all that it does, can be done inside.
        """
        temperature = getattr(pick, "temperature", None)
        if not temperature or drawn + len(chances) < self.patience or not possible():
            return None
        batch = chances.shape[1]
        if batch not in self._made:
            self._made[batch] = _compiled(self.parts, self.sizes)
        made = self._made[batch]
        return lambda *given: _run(made, float(temperature), *given)


def possible() -> bool:
    """Return whether TensorFlow is installed; it is not imported for that."""
    return importlib.util.find_spec("tensorflow") is not None


def _run(
    made: Any, temperature: float, chances: Chances, ring: Floats, at: int, hidden: Floats
) -> Drawn:
    """Run the loop over all chances, in blocks of BLOCK steps."""
    events = np.zeros(chances.shape, np.int32)
    heat = np.float32(1 / temperature)
    for start in range(0, len(chances), BLOCK):
        part = chances[start : start + BLOCK].astype(np.float32)
        padded = np.zeros((BLOCK, *chances.shape[1:]), np.float32)
        padded[: len(part)] = part
        out = made(padded, np.int32(len(part)), heat, ring, np.int32(at), hidden)
        drawn, ring, place, hidden = (np.asarray(each) for each in out)
        events[start : start + len(part)] = drawn[: len(part)]
        at = int(place)
    return events, np.array(ring), at, np.array(hidden)


def _tensorflow() -> Any:
    """Return TensorFlow, whose XLA shall not spread the small products of a step over threads."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")
    with hushed(), light_imports():
        import tensorflow as tf

        tf.constant(0)
    return tf


def _compiled(p: Parts, sizes: Sequence[int]) -> Any:
    """Return the loop: (chances, steps, 1 / temperature, ring, at, hidden) -> what follows."""
    tf = _tensorflow()
    at_hand: dict[str, Any] = {
        name: tf.constant(value)
        for name, value in p._asdict().items()
        if isinstance(value, np.ndarray) and value.dtype == np.float32
    }
    at_hand["embeddings"] = tuple(map(tf.constant, p.embeddings))
    at_hand["heads"] = tuple(tuple(map(tf.constant, each)) for each in p.heads)
    w = p._replace(**at_hand)  # the whole numbers stay constants

    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def loop(chances: Any, steps: Any, heat: Any, ring: Any, at: Any, hidden: Any) -> Any:
        def body(t: Any, ring: Any, at: Any, hidden: Any, out: Any) -> Any:
            values = _draw(tf, w, sizes, hidden, chances[t], heat)
            out = tf.tensor_scatter_nd_update(out, [[t]], [values])
            ring, hidden = _step(tf, w, values, ring, at)
            return t + 1, ring, (at + 1) % p.places, hidden, out

        given = (tf.constant(0), ring, at, hidden, tf.zeros(chances.shape, tf.int32))
        _, ring, at, hidden, out = tf.while_loop(lambda t, *_: t < steps, body, given)
        return out, ring, at, hidden

    return loop


def _draw(tf: Any, w: Any, sizes: Sequence[int], hidden: Any, chances: Any, heat: Any) -> Any:
    """Return the values `[batch, fields]` of a step, each given those before it."""
    values = []
    for k, (kernel, bias) in enumerate(w.heads):
        logits = (tf.tanh(hidden) @ kernel + bias) * heat
        shares = tf.exp(logits - tf.reduce_max(logits, axis=1, keepdims=True))
        upto = _running(tf, shares, sizes[k])
        under = upto <= chances[:, k, None] * upto[:, -1:]
        value = tf.reduce_sum(tf.cast(under, tf.int32), axis=1)
        values.append(tf.minimum(value, sizes[k] - 1))
        if k < len(w.embeddings):
            hidden = hidden + tf.gather(w.embeddings[k], values[k])
    return tf.stack(values, axis=1)


def _running(tf: Any, shares: Any, size: int) -> Any:
    """Return the running sums of `[batch, size]`, by two small products: 5 times as fast."""
    side = int(np.ceil(np.sqrt(size)))
    square = tf.pad(shares, [[0, 0], [0, side * side - size]])
    rows = tf.reshape(tf.reshape(square, [-1, side]) @ _upper(side, 0), [-1, side, side])
    before = rows[:, :, side - 1] @ _upper(side, 1)
    return tf.reshape(rows + before[:, :, None], [-1, side * side])[:, :size]


def _upper(side: int, above: int) -> Floats:
    return np.triu(np.ones((side, side), np.float32), above)


def _step(tf: Any, w: Any, values: Any, ring: Any, at: Any) -> tuple[Any, Any]:
    """Return the ring and what the head reads after a step."""
    layers, channels, _ = w.past.shape
    back = (at - w.dilations) % w.places
    past = tf.gather_nd(ring, tf.stack([back, np.arange(layers, dtype=np.int32)], axis=1))
    before = past @ w.past + w.bias
    x = tf.reduce_sum(tf.gather(w.table, values + w.starts), axis=1)
    seen, gated = [], []
    for i in range(layers):
        seen.append(x)
        gates = tf.tanh(x @ w.now[i] + before[i])
        z = gates[:, :channels] * (1 + gates[:, channels:])
        gated.append(z)
        if i + 1 < layers:  # one expression, which XLA joins: 1.6 times as fast as two
            x = x + z @ w.residual[i] + w.added[i + 1]
    ring = tf.tensor_scatter_nd_update(ring, [[at]], [tf.stack(seen)])
    skips = tf.nn.relu(tf.concat(gated, axis=1) @ w.skip + w.skip_bias)
    return ring, skips @ w.chain + w.chain_bias
