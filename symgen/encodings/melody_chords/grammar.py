"""What may come next in a melody_chords stream: anything, but a hold only while a note sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from symgen.encodings.base import Events, Grammar, Mask

if TYPE_CHECKING:
    from symgen.encodings.melody_chords.encoding import MelodyChords


class MelodyChordsGrammar(Grammar):
    """State `[batch]`: the pitch that sounds, or -1."""

    def __init__(self, encoding: MelodyChords, batch: int) -> None:
        kinds = encoding.table(0)["kind"]
        self._hold = int(np.flatnonzero(kinds == "hold")[0]) if (kinds == "hold").any() else -1
        self._pitch = encoding.table(0)["pitch"].astype(np.int64)
        self._masks = [np.ones((batch, field.size), bool) for field in encoding.fields]
        self.sounding = np.full(batch, -1)
        self.rows = np.arange(batch)

    def legal(self, field: int = 0) -> Mask:
        """Return bool `[batch, size of field]`."""
        if field == 0 and self._hold >= 0:
            self._masks[0][:, self._hold] = self.sounding >= 0
        return self._masks[field]

    def choose(
        self, field: int, values: npt.NDArray[Any], rows: npt.NDArray[Any] | None = None
    ) -> None:
        """Take one value of `field` for each stream of `rows`; None takes all."""
        if field == 0:
            rows = self.rows if rows is None else rows
            values = np.asarray(values, np.int64)
            held = values == self._hold
            self.sounding[rows] = np.where(held, self.sounding[rows], self._pitch[values])

    def closing(self, row: int) -> Events:
        """Return int32 `[0, 2]`: a note ends where the stream does."""
        return np.zeros((0, len(self._masks)), np.int32)

    def open_pitches(self) -> Mask:
        """Return bool `[batch, 128]`: the pitches that sound."""
        return np.asarray(self.sounding[:, None] == np.arange(128), bool)
