"""What may come next in a stream of the notes encoding, for many streams side by side.

The rules hold in every stream that `Notes.encode` writes: what begins together comes in the order
of its pitches; a shift or a length of the longest second has no further steps; a length is a step
at least; a press of the pedal has the lowest velocity bin, and comes once the last is over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from symgen.encodings.base import Events, Grammar, Mask

if TYPE_CHECKING:
    from symgen.encodings.notes.encoding import Notes

PITCHES = 128
SECONDS, SHIFT, PITCH = range(3)  # the first fields
Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]


class NotesGrammar(Grammar):
    """State: `time` [batch] of the last onset, and `ends` [batch, 129] of each pitch.

    `chosen` [batch, fields] is the step under way, 0 in the fields that are still to come. A field
    of it may be chosen again. Times are in steps of the grid.
    """

    def __init__(self, encoding: Notes, batch: int) -> None:
        self.rows = np.arange(batch)
        self.time = np.zeros(batch, np.int64)
        self.ends = np.zeros((batch, PITCHES + 1), np.int64)
        self.chosen = np.zeros((batch, len(encoding.fields)), np.int64)
        self._last = np.full(batch, -1)  # the pitch before
        self._sizes = [field.size for field in encoding.fields]
        self._rate = encoding.steps_per_second
        self._longest = encoding.longest_shift, encoding.longest_note
        self._pitches = np.arange(self._sizes[PITCH])
        rules = {"shift": self._shift, "pitch": self._pitch, "length": self._length}
        if encoding.pedal == "events":
            rules["velocity"] = self._velocity
        self._rules = [rules.get(field.name) for field in encoding.fields]
        self._sounds = np.zeros((batch, PITCHES), bool)
        self._stale = False  # whether time has passed since `_sounds` was found

    def legal(self, field: int = 0) -> Mask:
        """Return bool `[batch, size of field]`."""
        scores = np.zeros((len(self.rows), self._sizes[field]), np.float32)
        self.bar(field, scores)
        return np.asarray(scores == 0, bool)

    def bar(self, field: int, scores: Floats) -> None:
        """Set to -inf what is not legal in `scores` `[batch, size of field]`."""
        rule: Callable[[int, Floats], None] | None = self._rules[field]
        if rule is not None:
            rule(field, scores)

    def _shift(self, field: int, scores: Floats) -> None:
        """Allow no more steps after the longest second, and some after a press of the pedal.

        Nothing comes after the pedal at its moment: it is the last of the pitches, and is down.
        """
        if PITCHES in self._last.tolist():
            scores[(self._last == PITCHES) & (self.chosen[:, SECONDS] == 0), 0] = -np.inf
        if self._longest[0] in self.chosen[:, SECONDS].tolist():  # rare
            scores[self.chosen[:, SECONDS] == self._longest[0], 1:] = -np.inf

    def _pitch(self, field: int, scores: Floats) -> None:
        """Allow pitches from the last one on if no time passed, and the pedal only if it is up."""
        onset = self.onset()
        least = np.where(onset > self.time, 0, self._last)
        if max(least.tolist()) > 0:
            np.copyto(scores, -np.inf, where=self._pitches < least[:, None])
        if len(self._pitches) > PITCHES:
            scores[self.ends[:, PITCHES] > onset, PITCHES] = -np.inf

    def _velocity(self, field: int, scores: Floats) -> None:
        """Allow only the lowest bin for a press of the pedal."""
        if PITCHES in self.chosen[:, PITCH].tolist():
            scores[self.chosen[:, PITCH] == PITCHES, 1:] = -np.inf

    def _length(self, field: int, scores: Floats) -> None:
        """Allow no length of 0, and no more steps after the longest second."""
        seconds = self.chosen[:, field - 1]
        values = seconds.tolist()
        if 0 in values:
            scores[seconds == 0, 0] = -np.inf
        if self._longest[1] in values:
            scores[seconds == self._longest[1], 1:] = -np.inf

    def onset(self) -> npt.NDArray[np.int64]:
        """Return int64 `[batch]`: the onset of the step under way, once its shift is chosen."""
        steps: npt.NDArray[np.int64] = self.chosen[:, SECONDS] * self._rate
        steps += self.chosen[:, SHIFT]
        steps += self.time
        return steps

    def choose(self, field: int, values: Array, rows: Array | None = None) -> None:
        """Take one value of `field` for each stream of `rows`; None takes all."""
        if rows is None:
            self.chosen[:, field] = values
        else:
            self.chosen[rows, field] = values
        if field == len(self._sizes) - 1:
            self._take(self.rows if rows is None else rows)
            self._stale = True
        elif field <= SHIFT:
            self._stale = True

    def _take(self, rows: Array) -> None:
        """Take the note, which is complete."""
        step = self.chosen.take(rows, axis=0)
        onset = self.onset().take(rows)
        pitch = step[:, PITCH]
        end = onset + step[:, -2] * self._rate + step[:, -1]
        self.time[rows], self._last[rows] = onset, pitch
        self.ends[rows, pitch] = np.maximum(self.ends[rows, pitch], end)
        self.chosen[rows] = 0

    def closing(self, row: int) -> Events:
        """Return int32 `[0, fields]`: every note has its length."""
        return np.zeros((0, len(self._sizes)), np.int32)

    def open_pitches(self) -> Mask:
        """Return bool `[batch, 128]`: what sounds at the last onset, or after the shift under way.

        The array belongs to the grammar.
        """
        if self._stale:
            np.greater(self.ends[:, :PITCHES], self.onset()[:, None], out=self._sounds)
            self._stale = False
        return self._sounds
