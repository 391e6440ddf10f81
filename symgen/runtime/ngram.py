"""The player `table`: n-grams, played from the arrays of their bundle."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.bundle.bundle import Bundle
from symgen.encodings import Events
from symgen.runtime.base import Floats, Player

Ints = npt.NDArray[np.int64]


class NgramPlayer(Player):
    """Plays `tables.npz` of a bundle; its state is the last steps of each stream, as tokens of the n-gram.

    A row has the same bits whatever stands in the others. There are no controls to hear.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._model: Any = bundle.tables()
        fields = len(self._model.sizes)
        self._tokens = np.array([self._model.token(field) for field in range(fields)])
        self._sizes = np.array(self._model.sizes)
        self._places = [self._model.places(k) for k in range(fields)]
        self._depth = max([1, *(back for each in self._places for back, _ in each)])

    def fresh(self) -> Player:
        """Return another player of the same tables."""
        other = object.__new__(NgramPlayer)
        other.__dict__.update(self.__dict__)
        return other

    def start(self, batch: int) -> None:
        """Begin with nothing before."""
        shape = (batch, self._depth, len(self._sizes))  # the nearest step first
        self._past: Ints = np.full(shape, self._sizes.sum(), np.int64)

    def step(self, events: Events, controls: Floats | None = None) -> None:
        """Take an event of each stream."""
        step = self._told(np.asarray(events, np.int64))[:, None]
        self._past = np.concatenate([step, self._past[:, :-1]], axis=1)

    def logits(self, field: int, chosen: Events) -> Floats:
        """Return the logarithms of the probabilities of `field`."""
        told = self._model.distributions(field, self._histories(field, chosen, self._past))
        return np.asarray(np.log(told), np.float32)

    def candidate_logits(self, field: int, chosen: Events) -> Floats:
        """Return `[batch, n, size]`, all rows at once."""
        batch, count = chosen.shape[:2]
        rows = chosen.reshape(batch * count, -1)
        histories = self._histories(field, rows, np.repeat(self._past, count, axis=0))
        told = np.log(self._model.distributions(field, histories))
        return np.asarray(told, np.float32).reshape(batch, count, -1)

    def _histories(self, field: int, chosen: Events, past: Ints) -> Ints:
        """Return `[rows, order - 1]`: the context of `field`, where `chosen` holds the fields before it."""
        now = self._told(np.asarray(chosen[:, :field], np.int64))
        tokens = [past[:, back - 1, k] if back else now[:, k] for back, k in self._places[field]]
        return np.stack(tokens, axis=1) if tokens else np.zeros((len(past), 0), np.int64)

    def _told(self, values: Ints) -> Ints:
        """Return the tokens of `values` `[rows, fields]`; "nothing before" is one for all fields."""
        fields = values.shape[1]
        known = values < self._sizes[:fields]
        tokens: Ints = np.where(known, values + self._tokens[:fields], self._sizes.sum())
        return tokens

    def select(self, rows: Ints) -> None:
        """Pick rows of the past."""
        self._past = self._past[rows]
