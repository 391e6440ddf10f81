"""What may come next in a stream of the notes encoding, for many streams side by side.

The rules hold in every stream that `Notes.encode` writes: what begins together comes in the order
of its pitches; a shift or a length of the longest second has no further steps; a length is a step
at least; a press of the pedal has the lowest velocity bin, and comes once the last is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from symgen.encoding.base import Events, Grammar, Mask

if TYPE_CHECKING:
    from symgen.encoding.notes.encoding import Notes

PITCHES = 128
Array = npt.NDArray[Any]


class NotesGrammar(Grammar):
    """State: `time` [batch] of the last onset, and `ends` [batch, 129], when each pitch falls silent.

    `chosen` [batch, fields] is the step under way. Times are in steps of the grid.
    """

    def __init__(self, encoding: Notes, batch: int) -> None:
        self.encoding, self.rows = encoding, np.arange(batch)
        self.time = np.zeros(batch, np.int64)
        self.ends = np.zeros((batch, PITCHES + 1), np.int64)
        self.chosen = np.zeros((batch, len(encoding.fields)), np.int64)
        self._last = np.full(batch, -1)  # the pitch before
        self._names = [field.name for field in encoding.fields]
        self._masks = [np.ones((batch, field.size), bool) for field in encoding.fields]
        self._rate = encoding.steps_per_second

    def legal(self, field: int = 0) -> Mask:
        """Return bool `[batch, size of field]`."""
        mask, name = self._masks[field], self._names[field]
        if name == "shift":
            mask[:, 1:] = (self.chosen[:, 0] < self.encoding.longest_shift)[:, None]
        elif name == "pitch":
            self._pitches(mask)
        elif name == "velocity":
            mask[:, 1:] = (self.chosen[:, 2] < PITCHES)[:, None]
        elif name == "length":
            seconds = self.chosen[:, field - 1]
            mask[:, 1:] = (seconds < self.encoding.longest_note)[:, None]
            mask[:, 0] = seconds > 0
        return mask

    def _pitches(self, mask: Mask) -> None:
        """Leave the pitches from the last on where no time has passed, and the pedal where it is up."""
        shift = self.shift()
        least = np.where(shift > 0, 0, self._last)
        np.greater_equal(np.arange(mask.shape[1]), least[:, None], out=mask)
        if mask.shape[1] > PITCHES:
            mask[:, PITCHES] &= self.ends[:, PITCHES] < self.time + shift
            mask[:, PITCHES] |= self.ends[:, PITCHES] == 0

    def shift(self) -> npt.NDArray[np.int64]:
        """Return int64 `[batch]`: the shift of the step under way, once both its fields are chosen."""
        steps: npt.NDArray[np.int64] = self.chosen[:, 0] * self._rate + self.chosen[:, 1]
        return steps

    def choose(self, field: int, values: Array, rows: Array | None = None) -> None:
        """Take one value of `field` for each stream of `rows` (all of them where it is None)."""
        rows = self.rows if rows is None else rows
        self.chosen[rows, field] = values
        if field == len(self._names) - 1:
            self._take(rows)

    def _take(self, rows: Array) -> None:
        """Take the note that is whole."""
        step = self.chosen[rows]
        self.time[rows] += step[:, 0] * self._rate + step[:, 1]
        pitch = step[:, 2]
        end = self.time[rows] + step[:, -2] * self._rate + step[:, -1]
        self.ends[rows, pitch] = np.maximum(self.ends[rows, pitch], end)
        self._last[rows] = pitch
        self.chosen[rows] = 0

    def closing(self, row: int) -> Events:
        """Return int32 `[0, fields]`: every note has its length."""
        return np.zeros((0, len(self._names)), np.int32)

    def open_pitches(self) -> Mask:
        """Return bool `[batch, 128]`: what sounds at the last onset, or after the shift under way."""
        return np.asarray(self.ends[:, :PITCHES] > (self.time + self.shift())[:, None], bool)
