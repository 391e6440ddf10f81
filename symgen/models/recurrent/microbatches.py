"""A training step on TensorFlow that takes its batch in parts, to save memory.

The parts are computed one after the other, so only one of them is kept for the gradient at a time.
The loss is a sum over events divided by their number, so its gradient is the sum over the parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

# Rows of a part, per lane, by the type of the products. In float32, whole batches of 32, 64 and 128
# rows trained about equally fast. In bfloat16, where reading the weights takes a larger share, 64
# rows trained 1.25 times as fast as 32, in the memory of 32 rows in float32.
ROWS = {"float32": 32, "bfloat16": 64}


def count(batch: int, lanes: int, dtype: str) -> int:
    """Return the number of equal parts of a batch: as few as possible, of at most `ROWS` rows.

    That is 1 where the parts would be too small.
    """
    most = ROWS[dtype] * lanes
    parts = next(p for p in range(1, batch + 1) if batch % p == 0 and batch // p <= most)
    return parts if 2 * (batch // parts) >= most else 1


def gradients(
    learner: Any, inputs: Any, weights: Any, parts: int
) -> tuple[Any, list[Any], list[Any]]:
    """Return the loss of a batch, the states after it, and the gradients of the trained weights.

    `inputs` are those of `TrainableModel`.
    """
    given = {**inputs, "weights": weights, "states": learner.given(inputs["fresh"])}
    split = tf.nest.map_structure(
        lambda a: tf.reshape(a, [parts, a.shape[0] // parts, *a.shape[1:]]), given
    )
    trained = [v.value for v in learner.trainable_weights]

    def part(k: Any, loss: Any, sums: Sequence[Any], after: Sequence[Any]) -> Any:
        own = tf.nest.map_structure(lambda a: a[k], split)
        with tf.GradientTape() as tape:
            logits, states = learner.network(
                own["events"], own["controls"], own["states"], own["targets"], training=True
            )
            nats = learner.nats(own["targets"], logits, own["weights"], weights)
        found = tape.gradient(nats, trained, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        sums = [a + tf.convert_to_tensor(b) for a, b in zip(sums, found, strict=True)]
        return (
            k + 1,
            loss + nats,
            sums,
            [a.write(k, state) for a, state in zip(after, states, strict=True)],
        )

    kept = [
        tf.TensorArray(tf.float32, size=parts, element_shape=state.shape[1:])
        for state in split["states"]
    ]
    start = (tf.constant(0), tf.constant(0.0), [tf.zeros(w.shape, w.dtype) for w in trained], kept)
    _, loss, sums, after = tf.while_loop(
        lambda k, *_: k < parts, part, start, maximum_iterations=parts, parallel_iterations=1
    )
    return loss, [a.concat() for a in after], sums
