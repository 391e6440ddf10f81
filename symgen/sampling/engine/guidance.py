"""Classifier-free guidance: conditions count more, by what the model would do without them.

Each stream has a twin, which takes the same events without the targets as conditions. The logits
are without + G (with - without): G 1 is the model as it is, above 1 the conditions count more, and
with 0 they do not count. After Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Events
from symgen.runtime.base import Player
from symgen.sampling.engine.wrapper import PlayerWrapper
from symgen.types import Bools, Floats32, Ints

MOST = 10.0  # G


class Guided(PlayerWrapper):
    """Plays `player` with the twins of its streams in one batch.

    `requested` bool `[width]` are the columns of the conditions that hold targets, as they are now.
    """

    def __init__(self, player: Player, guidance: float, requested: Bools) -> None:
        super().__init__(player)
        self.guidance = np.float32(guidance)
        self.requested = requested

    def start(self, batch: int) -> None:
        """Start `batch` streams, and their twins."""
        self.batch = batch
        self.player.start(2 * batch)

    def step(self, events: Events, controls: Floats32 | None = None) -> None:
        """Feed both; the twins get no targets."""
        rows = None
        if controls is not None:
            twins = np.where(self.requested, np.float32(0), controls)
            rows = np.concatenate([controls, twins])
        self.player.step(np.concatenate([events, events]), rows)

    def logits(self, field: int, chosen: Events, rows: Ints | None = None) -> Floats32:
        """Return float32 `[n, size]`, guided."""
        both = None if rows is None else np.concatenate([rows, rows + self.batch])
        return self._guided(self.player.logits(field, np.concatenate([chosen, chosen]), both))

    def _guided(self, logits: Floats32) -> Floats32:
        conditioned, plain = np.split(logits, 2)
        base = _normal(plain)
        return np.asarray(base + self.guidance * (_normal(conditioned) - base), np.float32)

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`, and their twins."""
        self.player.select(np.concatenate([rows, rows + self.batch]))
        self.batch = len(rows)

    def fresh(self) -> Player:
        """Return another of the same model."""
        return Guided(self.player.fresh(), float(self.guidance), self.requested)


def _normal(logits: Floats32) -> Floats32:
    """Return logits moved so that the largest is 0; that changes no choice and keeps them small."""
    return np.asarray(logits - logits.max(axis=-1, keepdims=True), np.float32)
