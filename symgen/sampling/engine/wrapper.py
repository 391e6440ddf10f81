"""A player that plays another one, and changes a part of what it does."""

from __future__ import annotations

from symgen.encodings import Events
from symgen.runtime.base import Player
from symgen.types import Floats32, Ints


class PlayerWrapper(Player):
    """Passes everything on to `player`."""

    def __init__(self, player: Player) -> None:
        self.player = player

    def start(self, batch: int) -> None:
        """Start `batch` streams that have taken no events."""
        self.player.start(batch)

    def step(self, events: Events, controls: Floats32 | None = None) -> None:
        """Take the last events of each stream."""
        self.player.step(events, controls)

    def logits(self, field: int, chosen: Events, rows: Ints | None = None) -> Floats32:
        """Return the logits of `field`, where `chosen` holds the fields before."""
        return self.player.logits(field, chosen, rows)

    def select(self, rows: Ints) -> None:
        """Continue only with the streams `rows`, in that order."""
        self.player.select(rows)
