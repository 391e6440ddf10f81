"""A fast LSTM for TensorFlow on a CPU: time-major, batch-last, the backward pass by hand.

The weights and the equations are those of Keras's LSTM. What makes it fast: where the input is ids, its projection is a gather
of rows instead of a product with one-hot rows; what need not wait for the step before, the product with the input and the
gradients of input and weights, is one matrix product over several steps; and all that a step does between its two products is one
operation each way, compiled by XLA for the processor at hand. The products alone are in the layer's type, and what is kept for
the backward pass; gates and cell state are computed in float32.

The batch is the last axis: a step multiplies weights `[4H, K]` by `[K, B]`. So the large factor is read as it lies, where the
library lays the right-hand one out anew for each product.
No gradient flows into the states that are passed in: windows are cut there (truncated backpropagation through time). It does
between the spans of a window, of which each layer does one after the other, so that on other cores the layer above begins with
the first when it is done, and on the way back the layer below with the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from symgen.models.base import Sizes

COLUMNS = 1024  # steps times rows that share a product: fewer are slower, more no longer fit the caches (8 % at 64 rows)


def first(
    cell: Any, sizes: Sizes, events: Any, controls: Any, states: Any, spans: int = 1
) -> tuple[list[Any], Any, Any]:
    """Run the layer that reads ids `[B, T, F]` (and controls `[B, T, W]`) in so many `spans` of T; return what `later` does."""
    rows = np.cumsum([0] + [size + 1 for _, size in sizes.fields])
    ids = tf.transpose(tf.cast(events, tf.int32), [1, 0, 2]) + rows[:-1].astype(np.int32)
    told = (
        tf.transpose(controls, [1, 2, 0])
        if sizes.width
        else tf.zeros([tf.shape(ids)[0], 0, tf.shape(ids)[1]])
    )
    table, kernel = tf.split(cell.kernel.value, [rows[-1], sizes.width])
    if spans == 1:
        return _run(cell, [told], kernel, states, table, [ids])
    lengths = [len(span) for span in np.array_split(range(events.shape[1]), spans)]
    return _run(cell, tf.split(told, lengths), kernel, states, table, tf.split(ids, lengths))


def later(cell: Any, x: Sequence[Any], states: Any) -> tuple[list[Any], Any, Any]:
    """Run the layer that reads spans `[T, D, B]`, from states `[B, H]`; return the outputs `[T, H, B]` and the states after them."""
    kernel = cell.kernel.value
    return _run(
        cell,
        x,
        kernel,
        states,
        tf.zeros([0, kernel.shape[1]]),
        [tf.zeros([0, 0, 0], tf.int32)] * len(x),
    )


def _run(
    cell: Any, x: Sequence[Any], kernel: Any, states: Any, table: Any, ids: Sequence[Any]
) -> tuple[list[Any], Any, Any]:
    dtype, outputs = cell.compute_dtype, []
    hidden, memory = (tf.stop_gradient(tf.transpose(state)) for state in states)
    hidden, memory = tf.cast(hidden, dtype), tf.cast(memory, tf.float32)
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
    """Return `x` with the share `rate` of its values dropped and the others raised; two values to a random number."""
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
    """Return the output and the cell state `[H, B]` and the gates `[4H, B]`; from what state and input add to the gates `[4H, B]`."""
    i, f, u, o = tf.split(
        tf.cast(product, tf.float32) + tf.cast(given, tf.float32) + bias[:, None], 4
    )
    i, f, u, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(u), tf.sigmoid(o)
    memory = f * memory + i * u
    return (
        tf.cast(o * tf.tanh(memory), product.dtype),
        memory,
        tf.cast(tf.concat([i, f, u, o], 0), product.dtype),
    )


@tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
def _step_back(gates: Any, before: Any, memory: Any, outer: Any, inner: Any, d_memory: Any) -> Any:
    """Return the gradient of the gates' input `[4H, B]` and of the cell state before, from that of the output, in two parts."""
    i, f, u, o = tf.split(tf.cast(gates, tf.float32), 4)
    squashed, d_output = tf.tanh(memory), tf.cast(outer, tf.float32) + tf.cast(inner, tf.float32)
    d_memory += d_output * o * (1 - squashed * squashed)
    into = [
        d_memory * u * i * (1 - i),
        d_memory * before * f * (1 - f),
        d_memory * i * (1 - u * u),
        d_output * squashed * o * (1 - o),
    ]
    return tf.cast(tf.concat(into, 0), gates.dtype), d_memory * f


@tf.function(experimental_attributes={"_noinline": True})  # type: ignore[untyped-decorator]  # the spans of a layer share its graph
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
    """Return the outputs `[T, H, B]`, the last of them and the last cell state, from `x` `[T, D, B]`, bias `[4H]`, states `[H, B]`.

    The weights `[D + H, 4H]` take the gradient, in float32; products are with `inward` `[D, 4H]`, `through` `[H, 4H]`, and these
    transposed, in the type of `x`. To them are added the rows `ids` `[T, B, F]` of the float32 table `[V, 4H]`, if F is not 0; `x`
    is then given from without and takes no gradient. What the backward pass keeps for the weights' gradient does not grow with T.
    """
    steps, below, (units, columns), dtype = tf.shape(x)[0], x.shape[1], hidden.shape, x.dtype
    batch, gathers, rows = tf.shape(hidden)[1], bool(ids.shape[2]), tf.cast(table, x.dtype)
    most = tf.maximum(COLUMNS // batch, 1)  # steps of a part

    def array(size: Any, *shape: Any, kind: Any = dtype) -> Any:
        return tf.TensorArray(kind, size=size, element_shape=shape, clear_after_read=False)

    def given(begin: Any, end: Any) -> Any:
        """Return what the input adds to the gates, `[4H, steps B]`."""
        told = (
            tf.matmul(onward, tf.reshape(tf.transpose(x[begin:end], [1, 0, 2]), [below, -1]))
            if below
            else 0
        )
        named = (
            tf.transpose(
                tf.reshape(tf.reduce_sum(tf.gather(rows, ids[begin:end]), 2), [-1, 4 * units])
            )
            if gathers
            else 0
        )
        return told + named

    def part(begin: Any, h: Any, c: Any, hs: Any, cs: Any, kept: Any) -> Any:
        end = tf.minimum(begin + most, steps)
        told = given(begin, end)

        def step(t: Any, h: Any, c: Any, hs: Any, cs: Any, kept: Any) -> Any:
            own = tf.ensure_shape(
                tf.slice(told, [0, (t - begin) * batch], [4 * units, batch]), [4 * units, columns]
            )
            h, c, gates = _step(tf.matmul(transposed, h), own, bias, c)
            return t + 1, h, c, hs.write(t + 1, h), cs.write(t + 1, c), kept.write(t, gates)

        return tf.while_loop(
            lambda t, *_: t < end,
            step,
            (begin, h, c, hs, cs, kept),
            maximum_iterations=most,
            parallel_iterations=1,
        )

    start = (
        tf.constant(0),
        hidden,
        memory,
        array(steps + 1, units, columns).write(0, hidden),
        array(steps + 1, units, columns, kind=tf.float32).write(0, memory),
        array(steps, 4 * units, columns),
    )
    _, _, last, hs, cs, kept = tf.while_loop(
        lambda t, *_: t < steps, part, start, parallel_iterations=1
    )
    hs = hs.stack()

    def backward(d_outputs: Any, d_hidden: Any, d_memory: Any) -> tuple[Any, ...]:
        def part(end: Any, dh: Any, dc: Any, dx: Any, sums: Any) -> Any:
            begin = tf.maximum(end - most, 0)

            def back(t: Any, dh: Any, dc: Any, into: Any) -> Any:
                d_gates, dc = _step_back(
                    kept.read(t), cs.read(t), cs.read(t + 1), d_outputs[t], dh, dc
                )
                return (
                    t - 1,
                    tf.matmul(through, d_gates),
                    dc,
                    into.write(t - begin, tf.transpose(d_gates)),
                )

            start = (end - 1, dh, dc, array(end - begin, columns, 4 * units))
            _, dh, dc, into = tf.while_loop(
                lambda t, *_: t >= begin,
                back,
                start,
                maximum_iterations=most,
                parallel_iterations=1,
            )
            flat = tf.reshape(into.stack(), [-1, 4 * units])
            if not gathers:
                back_to = tf.reshape(tf.matmul(inward, flat, transpose_b=True), [below, -1, batch])
                dx = dx.scatter(tf.range(begin, end), tf.transpose(back_to, [1, 0, 2]))
            read = tf.concat([x[begin:end], hs[begin:end]], 1) if below else hs[begin:end]
            more = _gradients(flat, read, ids[begin:end], table.shape[0])
            return begin, dh, dc, dx, [a + b for a, b in zip(sums, more, strict=True)]

        sums = [tf.zeros(each.shape) for each in (weights, bias, table)]
        start = (steps, d_hidden, d_memory, array(0 if gathers else steps, below, columns), sums)
        _, dh, dc, dx, (d_weights, d_bias, d_table) = tf.while_loop(
            lambda end, *_: end > 0, part, start, parallel_iterations=1
        )
        return None if gathers else dx.stack(), d_weights, d_bias, dh, dc, d_table, *[None] * 5

    return (hs[1:], hs[-1], last), backward


def _gradients(flat: Any, read: Any, ids: Any, rows: int) -> tuple[Any, Any, Any]:
    """Return what some steps add to the gradients of the weights, the bias and the table, from `[steps B, 4H]`; sums in float32."""
    read = tf.reshape(tf.transpose(read, [0, 2, 1]), [-1, read.shape[1]])
    d_weights, d_bias = (
        tf.matmul(read, flat, transpose_a=True),
        tf.matmul(tf.ones([1, tf.shape(flat)[0]], flat.dtype), flat)[0],
    )
    d_table = tf.zeros([rows, flat.shape[1]])
    for k in range(ids.shape[2]):
        d_table += tf.math.unsorted_segment_sum(
            tf.cast(flat, tf.float32), tf.reshape(ids[..., k], [-1]), rows
        )
    return tf.cast(d_weights, tf.float32), tf.cast(d_bias, tf.float32), d_table
