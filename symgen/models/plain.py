"""What the networks of sound have in common; see `symgen.models.recurrent.network.Network`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from symgen.models.base import Weights


class PlainNetwork(keras.Model):  # type: ignore[misc]
    """A network in float32 whose layers are those of Keras, computed one after the other.

    A subclass has `call(events, controls, states, chosen, training)`, which returns the logits of
    each field and the states, and `named`.
    """

    lanes = spans = 1  # a batch is not split
    kinds: tuple[str, ...] = ()  # none of its layers is a fast one
    compute_type = "float32"

    def named(self) -> dict[str, Any]:
        """Return every weight variable by its name in a bundle."""
        raise NotImplementedError

    def export_weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the weights as float32 arrays."""
        return {
            name: np.asarray(ops.convert_to_numpy(v.value), np.float32)
            for name, v in self.named().items()
        }

    def import_weights(self, weights: Weights) -> None:
        """Take weights of the same names and shapes."""
        for name, variable in self.named().items():
            variable.assign(weights[name])
