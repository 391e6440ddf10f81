"""The contract of a player: runs a trained model one step at a time, for a batch of streams.

A player holds the state of each stream. `step` takes the last event of every stream; `logits`
then gives the logits of one field of the next event.

A new player is one file with a subclass of `Player` and one line in `symgen.runtime.players`.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events
from symgen.models import Model, Sizes, Weights
from symgen.models.state import StateSpec
from symgen.runtime.passages import Passage, Scores

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


DAMAGED = (
    "the model gives scores that are no numbers (NaN or infinity): its file is damaged, or its "
    "training failed; use another"
)


Pick = Callable[[Floats, npt.NDArray[np.float64]], npt.NDArray[np.int64]]
"""Chooses a value in each row of logits by a number from [0, 1)."""


class Playable(Protocol):
    """What a player reads of a bundle."""

    @property
    def path(self) -> Path:
        """Where it lies, for messages."""

    @property
    def precision(self) -> str:
        """The precision that it is played in."""

    @property
    def chained(self) -> bool:
        """Whether the fields of a step are drawn one given the other."""

    @property
    def sizes(self) -> Sizes:
        """The name and size of each field, and the width of the controls."""

    def graph(self, name: str, precision: str | None = None) -> bytes:
        """Return one of its graphs."""

    @property
    def model(self) -> Model:
        """The model, without its weights."""

    def tables(self) -> Any:
        """Return what a counted model learned."""

    def weights(self) -> Any:
        """Return the weights of a network, by their names."""


class Player(abc.ABC):
    """A model that is being played, for a batch of independent streams."""

    states: Sequence[StateSpec] = ()  # what it carries from step to step, for each stream
    resettable = False  # whether `reset` works

    @classmethod
    def open(cls, bundle: Playable, threads: int | None = None) -> Player:
        """Return a player of `bundle` on `threads` (0: every core; None: what suits live music)."""
        raise NotImplementedError(f"{cls.__name__} cannot be opened from a bundle")

    @abc.abstractmethod
    def start(self, batch: int) -> None:
        """Begin `batch` streams, each with the state of a model that has seen nothing."""

    @abc.abstractmethod
    def step(self, events: Events, controls: Floats | None = None) -> None:
        """Take the last event of each stream and move every state by one step.

        `events` is int32 `[batch, fields]`. `controls` is float32 `[batch, width]`; None stands
        for zeros.
        """

    @abc.abstractmethod
    def logits(self, field: int, chosen: Events, rows: Ints | None = None) -> Floats:
        """Return the logits of `field` of the next event, float32 `[n, size]`.

        `chosen` `[n, fields]` holds the values of the fields before it; the others are ignored.
        `rows` `[n]` says which stream each row of `chosen` belongs to; None is one row per stream,
        in order. The next step may overwrite what is returned.
        """

    def all_logits(self, events: Events) -> list[Floats]:
        """Return the logits of every field, where the fields before hold the values of `events`.

        `events` is `[batch, fields]`. The next step does not overwrite what is returned.
        """
        return [self.logits(field, events).copy() for field in range(events.shape[1])]

    @abc.abstractmethod
    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`, in that order. A stream named twice becomes two."""

    def reset(self, rows: Ints) -> None:
        """Put the streams `rows` back to the state of a model that has seen nothing."""
        raise NotImplementedError(f"{type(self).__name__} cannot reset single streams")

    def feed(self, events: Events) -> None:
        """Take int32 `[steps, batch, fields]`, one step after the other."""
        for row in events:
            self.step(row)

    def generate(self, chances: npt.NDArray[np.float64], pick: Pick) -> Events:
        """Draw int32 `[steps, batch, fields]` after the last event taken, and take all of them.

        `chances` is float64 `[steps, batch, fields]` in [0, 1): one for each value. `pick` turns
        logits `[batch, size]` and chances `[batch]` into values `[batch]`.
        """
        made = np.zeros(chances.shape, np.int32)
        for row, draws in zip(made, chances, strict=True):
            for field in range(row.shape[1]):
                row[:, field] = pick(self.logits(field, row), draws[:, field])
            self.step(row)
        return made

    @abc.abstractmethod
    def fresh(self) -> Player:
        """Return another player of the same model; it shares everything that does not change."""


class ParallelPlayer(Player):
    """A player that scores whole passages at once, which is faster than step by step."""

    @abc.abstractmethod
    def score(self, passages: Sequence[Passage]) -> Scores:
        """Score every event of `passages`. The rows of the result follow them, end to end."""


class WeightsPlayer(Player):
    """A player that is made of the weights themselves, without graphs: the models of sound.

    A sample is a step there, so that there are thousands of steps a second. `feed` and `generate`
    may take many at once.
    """

    @abc.abstractmethod
    def __init__(self, model: Model, sizes: Sizes, weights: Weights) -> None:
        """Make a player of `model`, whose weights have the names of a bundle."""

    @classmethod
    def open(cls, bundle: Playable, threads: int | None = None) -> Player:
        """Return a player of the weights of `bundle`; it runs on one thread."""
        return cls(bundle.model, bundle.sizes, bundle.weights())
