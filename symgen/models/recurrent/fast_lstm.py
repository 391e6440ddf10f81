"""A fast LSTM for TensorFlow on a CPU: time-major, batch-last, with a hand-written backward pass.

The weights and equations are those of Keras's LSTM. Three things make it fast:

- Where the input is ids, its projection gathers rows and multiplies no one-hot rows.
- What does not depend on the step before is one matrix product over several steps: the product with
  the input, and the gradients of the input and the weights.
- All that a step does between its two products is one operation in each direction, which XLA
  compiles for the processor.

The products, and what is kept for the backward pass, have the type of the layer. Gates and cell
state are computed in float32.

The batch is the last axis: a step multiplies weights `[4H, K]` by `[K, B]`. So the large factor is
read as it is in memory, whereas the library copies the right-hand factor for each product.

No gradient flows into the states that are passed in, because windows are cut there (truncated
backpropagation through time). Gradients do flow between the spans of a window. Each layer computes
its spans one after the other. So, on other cores, the layer above can begin once the first span is
done, and on the way back the layer below once the last one is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from symgen.models.base import Sizes

# Steps times rows that share a product. Fewer are slower; more no longer fit the caches (8 % slower
# at 64 rows).
COLUMNS = 1024


def first(
    cell: Any, sizes: Sizes, events: Any, controls: Any, states: Any, spans: int = 1
) -> tuple[list[Any], Any, Any]:
    """Run the layer that reads ids `[B, T, F]` and controls `[B, T, W]`, with T cut into `spans`.

    It returns what `later` does.
    """
    rows = np.cumsum([0] + [size + 1 for _, size in sizes.fields])
    ids = tf.transpose(tf.cast(events, tf.int32), [1, 0, 2]) + rows[:-1].astype(np.int32)
    driven = (
        tf.transpose(controls, [1, 2, 0])
        if sizes.width
        else tf.zeros([tf.shape(ids)[0], 0, tf.shape(ids)[1]])
    )
    table, kernel = tf.split(cell.kernel.value, [rows[-1], sizes.width])
    if spans == 1:
        return _run(cell, [driven], kernel, states, table, [ids])
    lengths = [len(span) for span in np.array_split(range(events.shape[1]), spans)]
    return _run(cell, tf.split(driven, lengths), kernel, states, table, tf.split(ids, lengths))


def later(cell: Any, x: Sequence[Any], states: Any) -> tuple[list[Any], Any, Any]:
    """Run a layer that reads spans `[T, D, B]`, from states `[B, H]`.

    Return the outputs `[T, H, B]` of each span, and the two states after the last one.
    """
    kernel = cell.kernel.value
    no_table = tf.zeros([0, kernel.shape[1]])
    no_ids = tf.zeros([0, 0, 0], tf.int32)
    return _run(cell, x, kernel, states, no_table, [no_ids] * len(x))


def _run(
    cell: Any, x: Sequence[Any], kernel: Any, states: Any, table: Any, ids: Sequence[Any]
) -> tuple[list[Any], Any, Any]:
    dtype, outputs = cell.compute_dtype, []
    hidden, memory = (tf.stop_gradient(tf.transpose(state)) for state in states)
    hidden = tf.cast(hidden, dtype)
    memory = tf.cast(memory, tf.float32)
    weights = tf.concat([kernel, cell.recurrent_kernel.value], 0)
    split = tf.split(tf.cast(weights, dtype), [kernel.shape[0], cell.units])
    factors = [*split, *map(tf.transpose, split)]
    for span, named in zip(x, ids, strict=True):
        out, hidden, memory = _recurrence(
            tf.cast(span, dtype), weights, cell.bias.value, hidden, memory, table, named, *factors
        )
        outputs.append(out)
    return (
        outputs,
        tf.transpose(tf.cast(tf.stop_gradient(hidden), tf.float32)),
        tf.transpose(tf.stop_gradient(memory)),
    )


def dropped(x: Any, rate: float, seeds: Any) -> Any:
    """Return `x` with the share `rate` of its values dropped, and the others scaled up.

    Each random number serves two values.
    """
    count = tf.size(x)
    bits = tf.random.stateless_uniform(
        [(count + 1) // 2], tf.cast(seeds.next(), tf.int32), None, None, tf.uint32
    )
    kept = tf.reshape(tf.bitcast(bits, tf.uint16), [-1])[:count] >= round(rate * 65536)
    return tf.where(
        tf.reshape(kept, tf.shape(x)), x * tf.cast(1 / (1 - rate), x.dtype), tf.zeros([], x.dtype)
    )


@tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
def _step(product: Any, given: Any, bias: Any, memory: Any) -> Any:
    """Return the output `[H, B]`, the cell state `[H, B]` and the gates `[4H, B]`.

    `product` and `given` `[4H, B]` are what the state and the input add to the gates.
    """
    i, f, u, o = tf.split(
        tf.cast(product, tf.float32) + tf.cast(given, tf.float32) + bias[:, None], 4
    )
    i = tf.sigmoid(i)
    f = tf.sigmoid(f)
    u = tf.tanh(u)
    o = tf.sigmoid(o)
    memory = f * memory + i * u
    return (
        tf.cast(o * tf.tanh(memory), product.dtype),
        memory,
        tf.cast(tf.concat([i, f, u, o], 0), product.dtype),
    )


@tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
def _step_back(gates: Any, before: Any, memory: Any, outer: Any, inner: Any, d_memory: Any) -> Any:
    """Return the gradients of the input of the gates `[4H, B]` and of the cell state before.

    The gradient of the output is the sum of `outer` and `inner`.
    """
    i, f, u, o = tf.split(tf.cast(gates, tf.float32), 4)
    squashed = tf.tanh(memory)
    d_output = tf.cast(outer, tf.float32) + tf.cast(inner, tf.float32)
    d_memory += d_output * o * (1 - squashed * squashed)
    into = [
        d_memory * u * i * (1 - i),
        d_memory * before * f * (1 - f),
        d_memory * i * (1 - u * u),
        d_output * squashed * o * (1 - o),
    ]
    return tf.cast(tf.concat(into, 0), gates.dtype), d_memory * f


# The spans of a layer share its graph.
@tf.function(experimental_attributes={"_noinline": True})  # type: ignore[untyped-decorator]
@tf.custom_gradient  # type: ignore[untyped-decorator]
def _recurrence(
    x: Any,
    weights: Any,
    bias: Any,
    hidden: Any,
    memory: Any,
    table: Any,
    ids: Any,
    inward: Any,
    through: Any,
    onward: Any,
    transposed: Any,
) -> Any:
    """Return the outputs `[T, H, B]`, the last of them, and the last cell state.

    `x` is `[T, D, B]`, the bias `[4H]`, the states `[H, B]`. The weights `[D + H, 4H]` take the
    gradient, in float32. The products use `inward` `[D, 4H]`, `through` `[H, 4H]`, and their
    transposes, in the type of `x`. If F is not 0, the rows `ids` `[T, B, F]` of the float32 table
    `[V, 4H]` are added; `x` then comes from outside and takes no gradient. The memory that the
    backward pass keeps for the gradient of the weights does not grow with T.
    """
    run = _Recurrence(x, bias, table, ids, inward, through, onward, transposed)
    outputs, last = run.forward(hidden, memory)

    def backward(d_outputs: Any, d_hidden: Any, d_memory: Any) -> tuple[Any, ...]:
        dx, sums, dh, dc = run.backward(weights.shape, d_outputs, d_hidden, d_memory)
        d_weights, d_bias, d_table = sums
        return dx, d_weights, d_bias, dh, dc, d_table, *[None] * 5

    return (outputs, outputs[-1], last), backward


class _Recurrence:
    """The steps of a span, forward and backward, in parts of several steps; see `_recurrence`."""

    def __init__(
        self,
        x: Any,
        bias: Any,
        table: Any,
        ids: Any,
        inward: Any,
        through: Any,
        onward: Any,
        transposed: Any,
    ) -> None:
        self.x, self.bias, self.table, self.ids = x, bias, table, ids
        self.inward, self.through, self.onward, self.transposed = (
            inward,
            through,
            onward,
            transposed,
        )
        self.rows = tf.cast(table, x.dtype)
        self.steps = tf.shape(x)[0]
        self.below = x.shape[1]
        self.gathers = bool(ids.shape[2])

    def forward(self, hidden: Any, memory: Any) -> tuple[Any, Any]:
        """Return the outputs `[T, H, B]` and the last cell state, from the states `[H, B]`."""
        self.units, self.columns = hidden.shape
        self.batch = tf.shape(hidden)[1]
        self.most = tf.maximum(COLUMNS // self.batch, 1)  # steps of a part
        start = (
            tf.constant(0),
            hidden,
            memory,
            self._array(self.steps + 1, self.units).write(0, hidden),
            self._array(self.steps + 1, self.units, tf.float32).write(0, memory),
            self._array(self.steps, 4 * self.units),
        )
        _, _, last, hs, self.cs, self.kept = tf.while_loop(
            lambda t, *_: t < self.steps, self._part, start, parallel_iterations=1
        )
        self.hs = hs.stack()
        return self.hs[1:], last

    def _array(self, size: Any, rows: int, kind: Any = None) -> Any:
        """Return an array of `size` matrices `[rows, B]`."""
        shape = (rows, self.columns)
        return tf.TensorArray(
            kind or self.x.dtype, size=size, element_shape=shape, clear_after_read=False
        )

    def _given(self, begin: Any, end: Any) -> Any:
        """Return what the input adds to the gates, `[4H, steps B]`."""
        product = gathered = 0
        if self.below:
            flat = tf.reshape(tf.transpose(self.x[begin:end], [1, 0, 2]), [self.below, -1])
            product = tf.matmul(self.onward, flat)
        if self.gathers:
            found = tf.reduce_sum(tf.gather(self.rows, self.ids[begin:end]), 2)
            gathered = tf.transpose(tf.reshape(found, [-1, 4 * self.units]))
        return product + gathered

    def _part(self, begin: Any, h: Any, c: Any, hs: Any, cs: Any, kept: Any) -> Any:
        """Run the steps of a part."""
        end = tf.minimum(begin + self.most, self.steps)
        shape = [4 * self.units, self.columns]
        given = self._given(begin, end)

        def step(t: Any, h: Any, c: Any, hs: Any, cs: Any, kept: Any) -> Any:
            first = [0, (t - begin) * self.batch]
            own = tf.ensure_shape(tf.slice(given, first, [4 * self.units, self.batch]), shape)
            h, c, gates = _step(tf.matmul(self.transposed, h), own, self.bias, c)
            return t + 1, h, c, hs.write(t + 1, h), cs.write(t + 1, c), kept.write(t, gates)

        return tf.while_loop(
            lambda t, *_: t < end,
            step,
            (begin, h, c, hs, cs, kept),
            maximum_iterations=self.most,
            parallel_iterations=1,
        )

    def backward(
        self, weights: Any, d_outputs: Any, d_hidden: Any, d_memory: Any
    ) -> tuple[Any, list[Any], Any, Any]:
        """Return the gradients of x (None for ids), of [weights, bias, table] and of the states.

        `weights` is the shape of the weights.
        """
        self.d_outputs = d_outputs
        sums = [tf.zeros(shape) for shape in (weights, self.bias.shape, self.table.shape)]
        dx = self._array(0 if self.gathers else self.steps, self.below)
        _, dh, dc, dx, sums = tf.while_loop(
            lambda end, *_: end > 0,
            self._part_back,
            (self.steps, d_hidden, d_memory, dx, sums),
            parallel_iterations=1,
        )
        return None if self.gathers else dx.stack(), sums, dh, dc

    def _part_back(self, end: Any, dh: Any, dc: Any, dx: Any, sums: Any) -> Any:
        """Run the steps of a part backward."""
        begin = tf.maximum(end - self.most, 0)

        def back(t: Any, dh: Any, dc: Any, into: Any) -> Any:
            before = self.cs.read(t)
            memory = self.cs.read(t + 1)
            outer = self.d_outputs[t]
            d_gates, dc = _step_back(self.kept.read(t), before, memory, outer, dh, dc)
            into = into.write(t - begin, tf.transpose(d_gates))
            return t - 1, tf.matmul(self.through, d_gates), dc, into

        into = tf.TensorArray(
            self.x.dtype,
            size=end - begin,
            element_shape=(self.columns, 4 * self.units),
            clear_after_read=False,
        )
        _, dh, dc, into = tf.while_loop(
            lambda t, *_: t >= begin,
            back,
            (end - 1, dh, dc, into),
            maximum_iterations=self.most,
            parallel_iterations=1,
        )
        flat = tf.reshape(into.stack(), [-1, 4 * self.units])
        if not self.gathers:
            product = tf.matmul(self.inward, flat, transpose_b=True)
            back_to = tf.reshape(product, [self.below, -1, self.batch])
            dx = dx.scatter(tf.range(begin, end), tf.transpose(back_to, [1, 0, 2]))
        read = self.hs[begin:end]
        if self.below:
            read = tf.concat([self.x[begin:end], read], 1)
        more = _gradients(flat, read, self.ids[begin:end], self.table.shape[0])
        return begin, dh, dc, dx, [a + b for a, b in zip(sums, more, strict=True)]


def _gradients(flat: Any, read: Any, ids: Any, rows: int) -> tuple[Any, Any, Any]:
    """Return what some steps add to the gradients of the weights, the bias and the table.

    `flat` is the gradient of the gates, `[steps B, 4H]`. Sums are in float32.
    """
    read = tf.reshape(tf.transpose(read, [0, 2, 1]), [-1, read.shape[1]])
    d_weights = tf.matmul(read, flat, transpose_a=True)
    d_bias = tf.matmul(tf.ones([1, tf.shape(flat)[0]], flat.dtype), flat)[0]
    d_table = tf.zeros([rows, flat.shape[1]])
    for k in range(ids.shape[2]):
        d_table += tf.math.unsorted_segment_sum(
            tf.cast(flat, tf.float32), tf.reshape(ids[..., k], [-1]), rows
        )
    return tf.cast(d_weights, tf.float32), tf.cast(d_bias, tf.float32), d_table
