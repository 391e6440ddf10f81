"""The base classes of models. A model knows the size of each field, and nothing about music.

A neural model is built as a Keras network for training, and written as an ONNX graph of one step
for playing. Its weights are a flat table of float32 arrays in the layout of Keras, in the network,
the graph and the bundle alike. A counted model is played from the arrays that a bundle holds.
"""

from __future__ import annotations

import abc
import dataclasses
import math
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.errors import BadOption
from symgen.models.state import StateSpec

Weights = Mapping[str, npt.NDArray[np.float32]]
Shapes = dict[str, tuple[int, ...]]

MOST_WEIGHTS = 1 << 28  # of a network; 1 GB in float32


class Moments(NamedTuple):
    """What a head needs to point at moments, such as the ends of notes.

    `columns` of the controls hold the time of each from the event before: a number of fine steps
    over `scale`, 0 for none. `shift` and `length` are two fields each, coarse and fine; `rate` fine
    steps make a coarse one. A length counts from the end of the shift.
    """

    columns: tuple[int, ...]
    scale: int
    shift: tuple[int, int]
    length: tuple[int, int]
    rate: int


class Sizes(NamedTuple):
    """The size of each field, by name and in order, and the width of the controls (0 for none).

    `moments` is None unless the controls hold moments, and the event has fields of time for them.
    """

    fields: tuple[tuple[str, int], ...]
    width: int = 0
    moments: Moments | None = None

    @property
    def inputs(self) -> int:
        """The columns of a one-hot input row: each field with "nothing before", the controls."""
        return sum(size + 1 for _, size in self.fields) + self.width


@dataclasses.dataclass(frozen=True)
class Model(abc.ABC):
    """A family of models. The options of a member are its dataclass fields."""

    name: ClassVar[str]

    @property
    def chained(self) -> bool:
        """Whether the logits of a field depend on the fields before it in the same step."""
        return False

    def spec(self) -> dict[str, Any]:
        """Return the table from which the registry builds this model again."""
        options = [field.name for field in dataclasses.fields(self) if field.init]
        return {"name": self.name} | {name: getattr(self, name) for name in options}


@dataclasses.dataclass(frozen=True)
class Neural(Model):
    """A network, trained by gradient descent.

    `player` names what plays it: "onnx" its graphs, any other a `WeightsPlayer` its weights. One
    without graphs leaves out `step_graph`. Windows that it is trained and scored on are a multiple
    of `stride` steps long.
    """

    player: ClassVar[str] = "onnx"

    @property
    def stride(self) -> int:
        """The steps of which a window has a multiple."""
        return 1

    @abc.abstractmethod
    def network(self, sizes: Sizes, precision: str = "float32") -> Any:
        """Return a built `symgen.models.recurrent.network.Network`, on the backend of Keras.

        With precision "bfloat16" the layers compute in it; weights, heads and logits stay float32.
        """

    @abc.abstractmethod
    def state_specs(self) -> tuple[StateSpec, ...]:
        """Return a spec for each array of the state, in the order in which they are passed."""

    @abc.abstractmethod
    def shapes(self, sizes: Sizes) -> Shapes:
        """Return the shape of each weight by its name in a bundle, without building the network."""

    def parameters(self, sizes: Sizes) -> int:
        """Return the number of trained weights; BadOption for more than MOST_WEIGHTS."""
        count = sum(map(math.prod, self.shapes(sizes).values()))
        if count > MOST_WEIGHTS:
            raise BadOption(
                f"the model {self.name} would have {count:,} weights; the limit is "
                f"{MOST_WEIGHTS:,}: take fewer or smaller layers"
            )
        return count

    def step_graph(self, sizes: Sizes, weights: Weights, precision: str = "float32") -> bytes:
        """Return one step as a serialised ONNX model.

        It takes the event, the controls and the states; it returns the states and the logits, or
        `hidden` where fields are chained. In `precision` "int8" it multiplies integers, so its
        logits differ a little from those of the network.
        """
        raise NotImplementedError(f"a {self.name} is played from its weights")

    def head_graph(
        self, sizes: Sizes, weights: Weights, precision: str = "float32"
    ) -> bytes | None:
        """Return the ONNX model from `hidden` and the chosen values to logits.

        None where fields are not chained.
        """
        return None


@dataclasses.dataclass(frozen=True)
class CountedModel(Model):
    """A model that is counted, not trained step by step."""

    @abc.abstractmethod
    def learn(self, values: npt.NDArray[Any], lengths: npt.NDArray[Any], sizes: Sizes) -> Any:
        """Return what is counted, such as an NGram.

        `values` is int `[events of all pieces, fields]`, of which `lengths[i]` are in piece i.
        """

    @abc.abstractmethod
    def arrays(self, learned: Any) -> dict[str, npt.NDArray[Any]]:
        """Return the integer arrays of it for a bundle."""

    @abc.abstractmethod
    def read(self, arrays: Mapping[str, npt.NDArray[Any]], sizes: Sizes) -> Any:
        """Return what was counted, from such arrays; ValueError where they do not fit together."""
