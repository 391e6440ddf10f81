"""A network with its loss and its carried state, for training and scoring on any Keras backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from symgen.models.recurrent.network import uses_fast_lstm
from symgen.models.state import StateSpec


class TrainableModel(keras.Model):  # type: ignore[misc]
    """Trains a network on windows. A row continues where it ended in the last batch, unless fresh.

    Inputs: `events` and `targets` int [B, T, F], `controls` float [B, T, W], `fresh` float [B]. The
    targets are passed again as y, with weights [B, T].
    """

    def __init__(self, network: Any, batch: int, states: Sequence[StateSpec]) -> None:
        super().__init__()
        if growing := [spec.name for spec in states if spec.grows]:
            raise ValueError(f"the state {growing[0]} grows, so windows cannot carry it over")
        self.network = network
        self.carried = [
            self.add_weight(
                shape=(batch, *spec.shape),
                initializer="zeros",
                trainable=False,
                dtype=spec.dtype,
                name=f"carried{i}",
            )
            for i, spec in enumerate(states)
        ]
        self.built = True

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> list[Any]:
        """Return the logits, and keep the states for the next batch."""
        states = self.given(inputs["fresh"])
        logits, after = self.network(
            inputs["events"], inputs["controls"], states, inputs["targets"], training=training
        )
        self._carry(after)
        return logits  # type: ignore[no-any-return]

    def given(self, fresh: Any) -> list[Any]:
        """Return the states that a batch begins with."""
        states = [ops.convert_to_tensor(variable) for variable in self.carried]
        return [ops.stop_gradient(state) for state in _reset(states, fresh)]

    def _carry(self, after: Sequence[Any]) -> None:
        for variable, value in zip(self.carried, after, strict=True):
            variable.assign(ops.stop_gradient(ops.cast(value, variable.dtype)))

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the mean nats per event, summed over fields."""
        weights = ops.convert_to_tensor(sample_weight)
        return self.nats(ops.convert_to_tensor(y), y_pred, weights, weights)

    def nats(self, targets: Any, logits: Sequence[Any], weights: Any, of: Any) -> Any:
        """Return the weighted sum of the nats of all events and fields, divided by the sum of `of`.

        `of` are the weights of the whole batch.
        """
        return ops.sum(sum(losses(targets, logits)) * weights) / ops.maximum(ops.sum(of), 1)

    def train_step(self, *given: Any) -> Any:
        """Train on a batch as Keras does; with fast LSTM layers, take a large batch in parts."""
        parts = self._parts()
        if parts == 1:
            return super().train_step(*given)
        from symgen.models.recurrent.microbatches import gradients

        ((x, y, weights),) = given
        loss, after, found = gradients(self, x, weights, parts)
        self._carry(after)
        self._loss_tracker.update_state(loss)
        self.optimizer.apply_gradients(zip(found, self.trainable_weights, strict=True))
        return self.compute_metrics(x, y, None, sample_weight=weights)

    def _parts(self) -> int:
        if not self.network.kinds or not uses_fast_lstm() or not self.carried:
            return 1
        from symgen.models.recurrent.microbatches import count

        rows = self.carried[0].shape[0]
        dtype = self.network.compute_type
        return count(rows, self.network.lanes, dtype)


class Scorer(keras.Model):  # type: ignore[misc]
    """Scores windows: returns `nats` and `hits` [B, T, F], and the `states` after them.

    Its inputs are those of `TrainableModel`, and `states`.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        self.built = True

    def call(self, inputs: Mapping[str, Any], training: bool = False) -> dict[str, Any]:
        """Return the dictionary of scores and states."""
        logits, states = self.network(
            inputs["events"],
            inputs["controls"],
            _reset(inputs["states"], inputs["fresh"]),
            inputs["targets"],
        )
        best = [ops.cast(ops.argmax(z, axis=-1), "int32") for z in logits]
        hits = [
            ops.cast(b == ops.cast(inputs["targets"][..., k], "int32"), "float32")
            for k, b in enumerate(best)
        ]
        return {
            "nats": ops.stack(losses(inputs["targets"], logits), axis=-1),
            "hits": ops.stack(hits, axis=-1),
            "states": states,
        }


def _reset(states: Sequence[Any], fresh: Any) -> list[Any]:
    """Return `states` with zeros in the rows that are `fresh` `[B]`."""
    keep = 1 - ops.cast(fresh, "float32")
    shapes = [(-1, *[1] * (len(state.shape) - 1)) for state in states]
    return [
        state * ops.cast(ops.reshape(keep, shape), state.dtype)
        for state, shape in zip(states, shapes, strict=True)
    ]


def losses(targets: Any, logits: Sequence[Any]) -> list[Any]:
    """Return the nats [B, T] of the target of each field."""
    return [
        ops.sparse_categorical_crossentropy(targets[..., k], z, from_logits=True)
        for k, z in enumerate(logits)
    ]
