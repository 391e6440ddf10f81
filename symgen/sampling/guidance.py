"""Guidance: what a model is told counts more, by what it would do if it were not told (classifier-free guidance).

Each stream has another beside it, which hears the same events and is not told what is asked. Logits are
without + G (with - without): G 1 is the model as it is, above 1 it obeys more, 0 it is not told. After Ho and Salimans,
"Classifier-Free Diffusion Guidance", 2022.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from symgen.encoding import Events
from symgen.sampling.player import Floats, Player

MOST = 10.0  # G
FEW = 4      # streams that go in one batch with those beside them

_T = TypeVar("_T")


class Guided(Player):
    """Plays `player` twice over; `wished` bool `[width]` are the columns of what is asked, as they are now.

    A few streams go in one batch with those beside them, which hardly takes longer than they do alone. Many (`apart`) go in two
    batches at once, on two cores; a stream comes to the same bits.
    """

    def __init__(self, player: Player, guidance: float, wished: npt.NDArray[np.bool_], apart: bool = False) -> None:
        self.player, self.guidance, self.wished = player, np.float32(guidance), wished
        self.beside = player.fresh() if apart else None
        self._pool = ThreadPoolExecutor(1) if apart else None

    def _both(self, call: Callable[[Player, int], _T]) -> list[_T]:
        """Return what `call` gives of the streams (0) and of those beside them (1), each with its player, which have batches apart."""
        assert self.beside
        assert self._pool
        later = self._pool.submit(call, self.beside, 1)
        return [call(self.player, 0), later.result()]

    def start(self, batch: int) -> None:
        """Begin `batch` streams, and as many beside them."""
        self.batch = batch
        self.player.start(batch if self.beside else 2 * batch)
        if self.beside:
            self.beside.start(batch)

    def feed(self, events: Events, controls: Floats | None = None) -> None:
        """Feed both; those beside are told nothing that is asked."""
        told = None if controls is None else [controls, np.where(self.wished, np.float32(0), controls)]
        if self.beside:
            self._both(lambda player, which: player.feed(events, told[which] if told else None))
        else:
            self.player.feed(np.concatenate([events, events]), np.concatenate(told) if told else None)

    def logits(self, field: int, chosen: Events) -> Floats:
        """Return `[batch, size]`, guided."""
        if self.beside:
            return self._guided(*self._both(lambda player, _: player.logits(field, chosen)))
        return self._guided(*np.split(self.player.logits(field, np.concatenate([chosen, chosen])), 2))

    def later(self, field: int, chosen: Events) -> Floats:
        """Return `[batch, n, size]`, guided."""
        if self.beside:
            return self._guided(*self._both(lambda player, _: player.later(field, chosen)))
        return self._guided(*np.split(self.player.later(field, np.concatenate([chosen, chosen])), 2))

    def _guided(self, told: Floats, untold: Floats) -> Floats:
        base = _normal(untold)
        return np.asarray(base + self.guidance * (_normal(told) - base), np.float32)

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows`, and those beside them."""
        self.player.keep(rows if self.beside else np.concatenate([rows, rows + self.batch]))
        if self.beside:
            self.beside.keep(rows)
        self.batch = len(rows)

    def fresh(self) -> Player:
        """Return another of the same model."""
        return Guided(self.player.fresh(), float(self.guidance), self.wished, self.beside is not None)


def _normal(logits: Floats) -> Floats:
    """Return logits moved so that the largest is 0, which changes no choice and keeps numbers small."""
    return np.asarray(logits - logits.max(axis=-1, keepdims=True), np.float32)
