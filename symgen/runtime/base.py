"""The contract of a player: runs a trained model one step at a time, for a batch of streams.

A player holds the state of each stream. `step` takes the last event of every stream; `logits`
then gives the logits of one field of the next event. What it returns may be overwritten by the
next step.
"""

from __future__ import annotations

import abc

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Player(abc.ABC):
    """A model that is being played, for a batch of independent streams."""

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
    def logits(self, field: int, chosen: Events) -> Floats:
        """Return the logits of `field` of the next event, float32 `[batch, size]`.

        `chosen` `[batch, fields]` holds the values of the fields before it; the others are ignored.
        """

    def candidate_logits(self, field: int, candidates: Events) -> Floats:
        """Return the logits of `field` for n candidates per stream, float32 `[batch, n, size]`.

        `candidates` `[batch, n, fields]` holds the values of the fields before it.
        """
        count = candidates.shape[1]
        return np.stack([self.logits(field, candidates[:, i]) for i in range(count)], axis=1)

    @abc.abstractmethod
    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`, in that order. A stream named twice becomes two."""

    @abc.abstractmethod
    def fresh(self) -> Player:
        """Return another player of the same model; it shares everything that does not change."""
