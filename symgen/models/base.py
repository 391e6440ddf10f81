"""What a model is: something that knows how many values each field has, and nothing of music.

A neural model is built as a Keras network for training and written as an ONNX graph of one step for playing. The weights
go between the two, and into a bundle, as a flat table of float32 arrays in Keras's layout. A table is counted, and is
played from the arrays that it is kept as.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.models.state import StateSpec

Weights = Mapping[str, npt.NDArray[np.float32]]


class Sizes(NamedTuple):
    """The size of each field, by name and in order, and the width of the controls (0 for none)."""

    fields: tuple[tuple[str, int], ...]
    width: int = 0

    @property
    def inputs(self) -> int:
        """The columns of an input row as one-hot: every field with its "nothing before", then the controls."""
        return sum(size + 1 for _, size in self.fields) + self.width


@dataclasses.dataclass(frozen=True)
class Model(abc.ABC):
    """A family of models. Options are the dataclass fields of the member."""

    name: ClassVar[str]

    @property
    def chained(self) -> bool:
        """Whether the logits of a field depend on the values of the fields before it at the same step."""
        return False

    def spec(self) -> dict[str, Any]:
        """Return the table from which the registry builds this model again."""
        return {"name": self.name} | {
            f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.init
        }


@dataclasses.dataclass(frozen=True)
class Neural(Model):
    """A network, trained by gradients."""

    @abc.abstractmethod
    def network(self, sizes: Sizes, precision: str = "float32") -> Any:
        """Return a built `symgen.models.recurrent.network.Network`, on whichever backend Keras runs.

        With precision "bfloat16" the layers compute in it; weights, heads and logits stay float32.
        """

    @abc.abstractmethod
    def state_specs(self) -> tuple[StateSpec, ...]:
        """Return a spec for each array of the state, in the order in which they are passed."""

    @abc.abstractmethod
    def parameters(self, sizes: Sizes) -> int:
        """Return the number of trained weights, without building anything."""

    @abc.abstractmethod
    def step_graph(self, sizes: Sizes, weights: Weights, precision: str = "float32") -> bytes:
        """Return one step as a serialised ONNX model: event, controls and states in; states and logits (chained: `hidden`) out.

        In `precision` "int8" its products are of whole numbers, and it departs a little from the network.
        """

    def head_graph(
        self, sizes: Sizes, weights: Weights, precision: str = "float32"
    ) -> bytes | None:
        """Return the ONNX model that makes logits of `hidden` and the values chosen before; None where fields are not chained."""
        return None


@dataclasses.dataclass(frozen=True)
class CountedModel(Model):
    """A model that is counted, in one go."""

    @abc.abstractmethod
    def learn(self, values: npt.NDArray[Any], lengths: npt.NDArray[Any], sizes: Sizes) -> Any:
        """Return what is learned of int `[events of all pieces, fields]`, `lengths[i]` of them in piece i: an NGram or its like."""

    @abc.abstractmethod
    def arrays(self, learned: Any) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of whole numbers that a bundle keeps of it."""

    @abc.abstractmethod
    def read(self, arrays: Mapping[str, npt.NDArray[Any]], sizes: Sizes) -> Any:
        """Return what was learned, from such arrays; ValueError where they do not fit together."""
