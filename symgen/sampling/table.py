"""The player `table`: n-grams, played from the arrays of their bundle."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.bundle import Bundle
from symgen.encoding import Events
from symgen.sampling.player import Floats, Player

Ints = npt.NDArray[np.int64]


class TablePlayer(Player):
    """Plays `tables.npz` of a bundle; its state is the last values of each stream, the nearest first, as tokens of the n-gram.

    A row has the same bits whatever stands in the others. There are no controls to hear.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._model: Any = bundle.tables()
        self._tokens = [self._model.token(field) for field in range(len(self._model.sizes))]
        self._sizes = np.array(self._model.sizes)

    def fresh(self) -> Player:
        """Return another player of the same tables."""
        other = object.__new__(TablePlayer)
        other.__dict__.update(self.__dict__)
        return other

    def start(self, batch: int) -> None:
        """Begin with nothing before."""
        self._past: Ints = np.full((batch, self._model.order - 1), sum(self._model.sizes), np.int64)

    def feed(self, events: Events, controls: Floats | None = None) -> None:
        """Take an event of each stream."""
        self._past = self._before(np.asarray(events, np.int64), len(self._tokens), self._past)

    def logits(self, field: int, chosen: Events) -> Floats:
        """Return the logarithms of the probabilities of `field`."""
        told = self._model.distributions(field, self._before(np.asarray(chosen, np.int64), field, self._past))
        return np.asarray(np.log(told), np.float32)

    def later(self, field: int, chosen: Events) -> Floats:
        """Return `[batch, n, size]`, all rows at once."""
        batch, count = chosen.shape[:2]
        rows = chosen.reshape(batch * count, -1).astype(np.int64)
        histories = self._before(rows, field, np.repeat(self._past, count, axis=0))
        return np.asarray(np.log(self._model.distributions(field, histories)), np.float32).reshape(batch, count, -1)

    def _before(self, values: Ints, fields: int, past: Ints) -> Ints:
        """Return `past` with the first `fields` of `values` `[rows, fields]` before it; "nothing before" is one token for all fields."""
        new = [np.where(values[:, k] < self._sizes[k], values[:, k] + self._tokens[k], sum(self._model.sizes)) for k in range(fields)]
        return np.concatenate([*(token[:, None] for token in reversed(new)), past], axis=1)[:, :past.shape[1]]

    def keep(self, rows: Ints) -> None:
        """Pick rows of the past."""
        self._past = self._past[rows]
