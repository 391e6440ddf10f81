"""A fast LSTM for TensorFlow on a CPU: time-major, batch-last, the backward pass by hand.

The weights and the equations are those of Keras's LSTM. What makes it fast: where the input is ids, its projection is a gather
of rows instead of a product with one-hot rows; the weights' gradient is one matrix product over all steps instead of one a step;
and all that a step does between its matrix products is one operation, compiled by XLA for the processor at hand. The
products alone are in the layer's type, and what is kept for the backward pass; gates and cell state are computed in float32.

The batch is the last axis: a step multiplies weights `[4H, K]` by `[K, B]`. So the large factor is read as it lies, where the
library lays the right-hand one out anew for each product.
No gradient flows into the states that are passed in: windows are cut there (truncated backpropagation through time).
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from symgen.model.base import Sizes


def first(cell: Any, sizes: Sizes, events: Any, controls: Any, states: Any) -> tuple[Any, Any, Any]:
    """Run the layer that reads ids `[B, T, F]` (and controls `[B, T, W]`); return what `later` does."""
    tables = tf.split(cell.kernel.value, [size + 1 for _, size in sizes.fields] + [sizes.width])
    ids = tf.transpose(events, [2, 1, 0])
    total = sum(_rows(table, ids[k], cell.compute_dtype) for k, table in enumerate(tables[:-1]))
    if sizes.width:
        told = tf.transpose(tf.cast(controls, cell.compute_dtype), [1, 0, 2])
        total += _product(told, tf.cast(tables[-1], cell.compute_dtype))
    return _run(cell, total, tf.cast(cell.recurrent_kernel.value, cell.compute_dtype), states)


def later(cell: Any, x: Any, states: Any) -> tuple[Any, Any, Any]:
    """Run the layer that reads `[T, D, B]`, from states `[B, H]`; return the outputs `[T, H, B]` and the states after them."""
    weights = tf.concat([cell.kernel.value, cell.recurrent_kernel.value], 0)
    return _run(cell, tf.cast(x, cell.compute_dtype), tf.cast(weights, cell.compute_dtype), states)


def _run(cell: Any, inputs: Any, weights: Any, states: Any) -> tuple[Any, Any, Any]:
    hidden, memory = (tf.stop_gradient(tf.transpose(state)) for state in states)
    outputs, last = _recurrence(inputs, weights, cell.bias.value, tf.cast(hidden, inputs.dtype), tf.cast(memory, tf.float32))
    return outputs, tf.transpose(tf.cast(tf.stop_gradient(outputs[-1]), tf.float32)), tf.transpose(tf.stop_gradient(last))


def _rows(table: Any, ids: Any, dtype: Any) -> Any:
    """Return rows of a float32 table as `dtype`; their gradient is summed in float32."""
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def rows(table: Any) -> Any:
        def backward(upstream: Any) -> Any:
            return tf.math.unsorted_segment_sum(tf.cast(upstream, tf.float32), ids, table.shape[0])
        return tf.gather(tf.cast(table, dtype), ids), backward
    return rows(table)


def _product(x: Any, kernel: Any) -> Any:
    shape = tf.shape(x)
    flat = tf.matmul(tf.reshape(x, [-1, kernel.shape[0]]), kernel)
    return tf.reshape(flat, [shape[0], shape[1], kernel.shape[1]])


def dropped(x: Any, rate: float, seeds: Any) -> Any:
    """Return `x` with the share `rate` of its values dropped and the others raised; two values to a random number."""
    count = tf.size(x)
    bits = tf.random.stateless_uniform([(count + 1) // 2], tf.cast(seeds.next(), tf.int32), None, None, tf.uint32)
    kept = tf.reshape(tf.bitcast(bits, tf.uint16), [-1])[:count] >= round(rate * 65536)
    return x * tf.reshape(tf.cast(kept, x.dtype), tf.shape(x)) * tf.cast(1 / (1 - rate), x.dtype)


@tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
def _step(product: Any, given: Any, bias: Any, memory: Any) -> Any:
    """Return the output and the cell state `[H, B]` and the gates `[4H, B]`; from `[4H, B]` or two such, whose sum is meant."""
    total = tf.cast(product, tf.float32) + bias[:, None]
    if given is not None:
        total += tf.cast(given, tf.float32)
    i, f, u, o = tf.split(total, 4)
    i, f, u, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(u), tf.sigmoid(o)
    memory = f * memory + i * u
    return tf.cast(o * tf.tanh(memory), product.dtype), memory, tf.cast(tf.concat([i, f, u, o], 0), product.dtype)


@tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
def _step_back(gates: Any, before: Any, memory: Any, outer: Any, inner: Any, d_memory: Any) -> Any:
    """Return the gradient of the gates' input `[4H, B]` and of the cell state before, from that of the output, in two parts."""
    i, f, u, o = tf.split(tf.cast(gates, tf.float32), 4)
    squashed, d_output = tf.tanh(memory), tf.cast(outer, tf.float32) + tf.cast(inner, tf.float32)
    d_memory += d_output * o * (1 - squashed * squashed)
    into = [d_memory * u * i * (1 - i), d_memory * before * f * (1 - f), d_memory * i * (1 - u * u), d_output * squashed * o * (1 - o)]
    return tf.cast(tf.concat(into, 0), gates.dtype), d_memory * f


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _recurrence(inputs: Any, weights: Any, bias: Any, hidden: Any, memory: Any) -> Any:
    """Return the outputs `[T, H, B]` and the last cell state, from inputs, weights `[K, 4H]`, bias `[4H]` and states `[H, B]`.

    The inputs are `[T, K - H, B]`, to be multiplied by the first weights; or, where K is H, their projection `[T, B, 4H]`.
    """
    steps, units, dtype = tf.shape(inputs)[0], hidden.shape[0], inputs.dtype
    projected, columns = weights.shape[0] == units, hidden.shape[1]
    transposed = tf.transpose(weights)

    def array(*shape: Any, kind: Any = dtype, more: int = 0) -> Any:
        return tf.TensorArray(kind, size=steps + more, element_shape=shape, clear_after_read=False)

    read = array(*inputs.shape[1:]).unstack(inputs)

    def step(t: Any, h: Any, c: Any, hs: Any, cs: Any, kept: Any) -> Any:
        x = read.read(t)
        if projected:
            h, c, gates = _step(tf.matmul(transposed, h), tf.transpose(x), bias, c)
        else:
            h, c, gates = _step(tf.matmul(transposed, tf.concat([x, h], 0)), None, bias, c)
        return t + 1, h, c, hs.write(t, h), cs.write(t + 1, c), kept.write(t, gates)

    start = (tf.constant(0), hidden, memory, array(units, columns), array(units, columns, kind=tf.float32, more=1).write(0, memory),
             array(4 * units, columns))
    _, _, last, hs, cs, kept = tf.while_loop(lambda t, *_: t < steps, step, start, maximum_iterations=steps, parallel_iterations=1)
    hs = hs.stack()

    def backward(d_outputs: Any, _: Any = None) -> tuple[Any, Any, Any, None, None]:
        outer = array(units, columns).unstack(d_outputs)

        def back(t: Any, dh: Any, dc: Any, into: Any, below: Any) -> Any:
            d_gates, dc = _step_back(kept.read(t), cs.read(t), cs.read(t + 1), outer.read(t), dh, dc)
            dh, into = tf.matmul(weights, d_gates), into.write(t, tf.transpose(d_gates))
            if projected:
                return t - 1, dh, dc, into, below
            return t - 1, dh[-units:], dc, into, below.write(t, dh[:-units])

        start = (steps - 1, tf.zeros_like(hidden), tf.zeros_like(memory), array(columns, 4 * units), array(*inputs.shape[1:]))
        *_, into, below = tf.while_loop(lambda t, *_: t >= 0, back, start, maximum_iterations=steps, parallel_iterations=1)
        into = into.stack()
        flat = tf.reshape(into, [-1, 4 * units])
        before = tf.concat([hidden[None], hs[:-1]], 0)
        before = before if projected else tf.concat([inputs, before], 1)
        before = tf.reshape(tf.transpose(before, [0, 2, 1]), [-1, weights.shape[0]])
        d_bias = tf.matmul(tf.ones([1, tf.shape(flat)[0]], dtype), flat)[0]
        return into if projected else below.stack(), tf.matmul(before, flat, transpose_a=True), tf.cast(d_bias, tf.float32), None, None

    return (hs, last), backward
