"""A fast LSTM for TensorFlow on a CPU: time-major, the input projection outside the loop, the backward pass by hand.

The weights and the equations are those of Keras's LSTM (gates i, f, c, o). Three things make it fast: where the input
is ids, the projection is a gather of rows instead of a product with one-hot rows; it is done for all steps in one
matrix product otherwise; and the weights' gradient is one matrix product over all steps instead of one a step.
No gradient flows into the states that are passed in: windows are cut there (truncated backpropagation through time).
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from symgen.model.base import Sizes


def first(cell: Any, sizes: Sizes, events: Any, controls: Any) -> Any:
    """Return the gates' input `[T, B, 4H]` from ids `[B, T, F]` (and controls `[B, T, W]`)."""
    kernel = tf.cast(cell.kernel.value, cell.compute_dtype)
    total, row = tf.cast(cell.bias.value, cell.compute_dtype), 0
    for k, (_, size) in enumerate(sizes.fields):
        total = total + tf.gather(kernel[row:row + size + 1], tf.transpose(events[..., k]))
        row += size + 1
    if sizes.width:
        total = total + _project(tf.transpose(tf.cast(controls, cell.compute_dtype), [1, 0, 2]), kernel[row:])
    return total


def later(cell: Any, x: Any) -> Any:
    """Return the gates' input `[T, B, 4H]` from the layer below `[B, T, D]`."""
    below = tf.transpose(tf.cast(x, cell.compute_dtype), [1, 0, 2])
    return _project(below, tf.cast(cell.kernel.value, cell.compute_dtype)) + tf.cast(cell.bias.value, cell.compute_dtype)


def _project(x: Any, kernel: Any) -> Any:
    shape = tf.shape(x)
    flat = tf.matmul(tf.reshape(x, [-1, kernel.shape[0]]), kernel)
    return tf.reshape(flat, [shape[0], shape[1], kernel.shape[1]])


def run(cell: Any, projected: Any, hidden: Any, memory: Any) -> tuple[Any, Any, Any]:
    """Run the recurrence over `[T, B, 4H]`; return the outputs `[B, T, H]` and the last hidden and cell state `[B, H]`."""
    dtype = projected.dtype
    weights = tf.cast(cell.recurrent_kernel.value, dtype)
    hidden, memory = (tf.stop_gradient(tf.cast(s, dtype)) for s in (hidden, memory))
    outputs, last = _recurrence(projected, weights, hidden, memory)
    state = tf.stop_gradient(outputs[-1])
    return tf.transpose(outputs, [1, 0, 2]), tf.cast(state, tf.float32), tf.cast(tf.stop_gradient(last), tf.float32)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _recurrence(projected: Any, weights: Any, hidden: Any, memory: Any) -> Any:
    steps, units = tf.shape(projected)[0], weights.shape[0]
    batch, dtype = projected.shape[1], projected.dtype

    def array(width: int) -> Any:
        return tf.TensorArray(dtype, size=steps, element_shape=(batch, width), clear_after_read=False)

    def unstack(values: Any, width: int) -> Any:
        return array(width).unstack(values)

    read = unstack(projected, 4 * units)

    def step(t: Any, h: Any, c: Any, hs: Any, cs: Any, gates: Any) -> Any:
        i, f, u, o = tf.split(read.read(t) + tf.matmul(h, weights), 4, axis=1)
        i, f, u, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(u), tf.sigmoid(o)
        c = f * c + i * u
        h = o * tf.tanh(c)
        return t + 1, h, c, hs.write(t, h), cs.write(t, c), gates.write(t, tf.concat([i, f, u, o], 1))

    start = (tf.constant(0), hidden, memory, array(units), array(units), array(4 * units))
    *_, hs, cs, gates = tf.while_loop(lambda t, *_: t < steps, step, start, maximum_iterations=steps, parallel_iterations=1)
    hs, cs, gates = hs.stack(), cs.stack(), gates.stack()

    def backward(d_outputs: Any, _: Any = None) -> tuple[Any, Any, None, None]:
        transposed = tf.transpose(weights)
        before_h, before_c = tf.concat([hidden[None], hs[:-1]], 0), tf.concat([memory[None], cs[:-1]], 0)
        outer, memories, earlier, gate = (unstack(d_outputs, units), unstack(tf.tanh(cs), units), unstack(before_c, units),
                                          unstack(gates, 4 * units))
        one = tf.ones((), dtype)

        def back(t: Any, dh: Any, dc: Any, into: Any) -> Any:
            i, f, u, o = tf.split(gate.read(t), 4, axis=1)
            dh, squashed = dh + outer.read(t), memories.read(t)
            dc = dc + dh * o * (one - squashed * squashed)
            d_gates = tf.concat([dc * u * i * (one - i), dc * earlier.read(t) * f * (one - f), dc * i * (one - u * u),
                                 dh * squashed * o * (one - o)], 1)
            return t - 1, tf.matmul(d_gates, transposed), dc * f, into.write(t, d_gates)

        zero = tf.zeros_like(hidden)
        *_, into = tf.while_loop(lambda t, *_: t >= 0, back, (steps - 1, zero, zero, array(4 * units)),
                                 maximum_iterations=steps, parallel_iterations=1)
        d_gates = into.stack()
        d_weights = tf.matmul(tf.reshape(before_h, [-1, units]), tf.reshape(d_gates, [-1, 4 * units]), transpose_a=True)
        return d_gates, d_weights, None, None

    return (hs, cs[-1]), backward
