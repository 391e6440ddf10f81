"""A fast LSTM for TensorFlow on a CPU: time-major, the input projection outside the loop, the backward pass by hand.

The weights and the equations are those of Keras's LSTM. What makes it fast: where the input is ids, the projection is a
gather of rows instead of a product with one-hot rows; it is done for all steps in one matrix product otherwise; and the
weights' gradient is one matrix product over all steps instead of one a step. The matrix products alone are in the
layer's type; the gates and the cell's state are float32, where TensorFlow computes them faster than in bfloat16 and
sums do not lose what is small.

In the loop the batch is the last axis: a step multiplies weights `[4H, H]` by states `[H, B]`. So the large factor is read as
it lies, where the library lays the right-hand one out anew for each product. A unit's gates stand together, as i, c, f, o:
the gradient of the gates is one fused operation for a batch of cells, to which our H units are the batch and our B rows the cells.
No gradient flows into the states that are passed in: windows are cut there (truncated backpropagation through time).
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from symgen.model.base import Sizes


def first(cell: Any, sizes: Sizes, events: Any, controls: Any) -> Any:
    """Return the gates' input `[T, 4H, B]` from ids `[B, T, F]` (and controls `[B, T, W]`)."""
    tables = tf.split(_ordered(cell.kernel, tf.float32), [size + 1 for _, size in sizes.fields] + [sizes.width])
    tables[0] += _ordered(cell.bias, tf.float32)
    ids = tf.transpose(events, [2, 1, 0])
    total = sum(_rows(table, ids[k], cell.compute_dtype) for k, table in enumerate(tables[:-1]))
    if sizes.width:
        told = tf.transpose(tf.cast(controls, cell.compute_dtype), [1, 0, 2])
        total += _product(told, tf.cast(tables[-1], cell.compute_dtype))
    return tf.transpose(total, [0, 2, 1])


def later(cell: Any, x: Any) -> Any:
    """Return the gates' input `[T, 4H, B]` from the layer below `[B, T, D]`."""
    below = tf.transpose(tf.cast(x, cell.compute_dtype), [1, 0, 2])
    total = _biased(_product(below, _ordered(cell.kernel, cell.compute_dtype)), _ordered(cell.bias, cell.compute_dtype))
    return tf.transpose(total, [0, 2, 1])


def _rows(table: Any, ids: Any, dtype: Any) -> Any:
    """Return rows of a float32 table as `dtype`; their gradient is summed in float32."""
    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def rows(table: Any) -> Any:
        def backward(upstream: Any) -> Any:
            return tf.math.unsorted_segment_sum(tf.cast(upstream, tf.float32), ids, table.shape[0])
        return tf.gather(tf.cast(table, dtype), ids), backward
    return rows(table)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _biased(x: Any, bias: Any) -> Any:
    """Return x + bias; the gradient of the bias is a matrix product, which sums faster."""
    def backward(upstream: Any) -> tuple[Any, Any]:
        flat = tf.reshape(upstream, [-1, bias.shape[0]])
        return upstream, tf.matmul(tf.ones([1, tf.shape(flat)[0]], flat.dtype), flat)[0]
    return x + bias, backward


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


def _ordered(variable: Any, dtype: Any) -> Any:
    """Return weights `[..., 4H]`, gate by gate i, f, c, o, as the loop has them: unit by unit i, c, f, o."""
    i, f, c, o = tf.split(tf.cast(variable.value, dtype), 4, axis=-1)
    return tf.reshape(tf.stack([i, c, f, o], -1), variable.shape)


def run(cell: Any, projected: Any, hidden: Any, memory: Any) -> tuple[Any, Any, Any]:
    """Run the recurrence over `[T, 4H, B]`; return the outputs `[B, T, H]` and the last hidden and cell state `[B, H]`."""
    weights = _ordered(cell.recurrent_kernel, projected.dtype)
    hidden, memory = (tf.stop_gradient(tf.transpose(state)) for state in (hidden, memory))
    outputs, last = _recurrence(projected, weights, tf.cast(hidden, projected.dtype), tf.cast(memory, tf.float32))
    state = tf.cast(tf.stop_gradient(outputs[-1]), tf.float32)
    return tf.transpose(outputs, [2, 0, 1]), tf.transpose(state), tf.transpose(tf.stop_gradient(last))


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _recurrence(projected: Any, weights: Any, hidden: Any, memory: Any) -> Any:
    """Return the outputs `[T, H, B]` and the last cell state, from `[T, 4H, B]`, weights `[H, 4H]` and states `[H, B]`."""
    steps, units, dtype = tf.shape(projected)[0], weights.shape[0], projected.dtype
    batch = projected.shape[2] or tf.shape(projected)[2]
    transposed = tf.transpose(weights)

    def array(height: int = units, kind: Any = tf.float32, more: int = 0) -> Any:
        return tf.TensorArray(kind, size=steps + more, element_shape=(height, projected.shape[2]), clear_after_read=False)

    read = array(4 * units, dtype).unstack(projected)

    def step(t: Any, h: Any, c: Any, hs: Any, cs: Any, kept: Any) -> Any:
        gates = tf.cast(read.read(t), tf.float32) + tf.cast(tf.matmul(transposed, h), tf.float32)
        i, u, f, o = tf.split(tf.reshape(gates, [units, 4 * batch]), 4, axis=1)
        i, u, f, o = tf.sigmoid(i), tf.tanh(u), tf.sigmoid(f), tf.sigmoid(o)
        c = f * c + i * u
        squashed = tf.tanh(c)
        h = tf.cast(o * squashed, dtype)
        kept = tuple(a.write(t, v) for a, v in zip(kept, (i, u, f, o, squashed), strict=True))
        return t + 1, h, c, hs.write(t, h), cs.write(t + 1, c), kept

    start = (tf.constant(0), hidden, memory, array(kind=dtype), array(more=1).write(0, memory), tuple(array() for _ in range(5)))
    _, _, last, hs, cs, kept = tf.while_loop(lambda t, *_: t < steps, step, start, maximum_iterations=steps, parallel_iterations=1)
    hs = hs.stack()

    def backward(d_outputs: Any, _: Any = None) -> tuple[Any, Any, None, None]:
        outer = array(kind=dtype).unstack(d_outputs)
        none, shape, peep, bias = tf.zeros([units, 0]), tf.zeros([batch, 4 * batch]), tf.zeros([batch]), tf.zeros([4 * batch])

        def back(t: Any, dh: Any, dc: Any, into: Any) -> Any:
            i, u, f, o, squashed = (a.read(t) for a in kept)
            dh = tf.cast(dh, tf.float32) + tf.cast(outer.read(t), tf.float32)
            dc, d_gates, *_ = tf.raw_ops.LSTMBlockCellGrad(
                x=none, cs_prev=cs.read(t), h_prev=memory, w=shape, wci=peep, wcf=peep, wco=peep, b=bias, i=i, cs=squashed, f=f, o=o,
                ci=u, co=squashed, cs_grad=dc, h_grad=dh, use_peephole=False)
            d_gates = tf.cast(tf.reshape(d_gates, [4 * units, batch]), dtype)
            return t - 1, tf.matmul(weights, d_gates), dc, into.write(t, d_gates)

        start = (steps - 1, tf.zeros_like(hidden), tf.zeros_like(memory), array(4 * units, dtype))
        *_, into = tf.while_loop(lambda t, *_: t >= 0, back, start, maximum_iterations=steps, parallel_iterations=1)
        d_gates = into.stack()
        before = tf.concat([hidden[None], hs[:-1]], 0)
        flat = [tf.reshape(tf.transpose(a, [0, 2, 1]), [-1, a.shape[1]]) for a in (before, d_gates)]
        return d_gates, tf.matmul(*flat, transpose_a=True), None, None

    return (hs, last), backward
