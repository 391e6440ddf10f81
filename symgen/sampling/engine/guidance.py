"""Guidance: what a model is told counts more, by what it would do if it were not told (classifier-free guidance).

Each stream has another beside it, which hears the same events and is not told what is asked. Logits are
without + G (with - without): G 1 is the model as it is, above 1 it obeys more, 0 it is not told. After Ho and Salimans,
"Classifier-Free Diffusion Guidance", 2022.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events
from symgen.runtime.base import Floats, Player

MOST = 10.0  # G


class Guided(Player):
    """Plays `player` with the streams beside those asked for in one batch; `wished` bool `[width]` are the columns of what is
    asked, as they are now."""

    def __init__(self, player: Player, guidance: float, wished: npt.NDArray[np.bool_]) -> None:
        self.player, self.guidance, self.wished = player, np.float32(guidance), wished

    def start(self, batch: int) -> None:
        """Begin `batch` streams, and as many beside them."""
        self.batch = batch
        self.player.start(2 * batch)

    def step(self, events: Events, controls: Floats | None = None) -> None:
        """Feed both; those beside are told nothing that is asked."""
        told = (
            None
            if controls is None
            else np.concatenate([controls, np.where(self.wished, np.float32(0), controls)])
        )
        self.player.step(np.concatenate([events, events]), told)

    def logits(self, field: int, chosen: Events) -> Floats:
        """Return `[batch, size]`, guided."""
        return self._guided(self.player.logits(field, np.concatenate([chosen, chosen])))

    def candidate_logits(self, field: int, chosen: Events) -> Floats:
        """Return `[batch, n, size]`, guided."""
        return self._guided(self.player.candidate_logits(field, np.concatenate([chosen, chosen])))

    def _guided(self, logits: Floats) -> Floats:
        told, untold = np.split(logits, 2)
        base = _normal(untold)
        return np.asarray(base + self.guidance * (_normal(told) - base), np.float32)

    def select(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows`, and those beside them."""
        self.player.select(np.concatenate([rows, rows + self.batch]))
        self.batch = len(rows)

    def fresh(self) -> Player:
        """Return another of the same model."""
        return Guided(self.player.fresh(), float(self.guidance), self.wished)


def _normal(logits: Floats) -> Floats:
    """Return logits moved so that the largest is 0, which changes no choice and keeps numbers small."""
    return np.asarray(logits - logits.max(axis=-1, keepdims=True), np.float32)
