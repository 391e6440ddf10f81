"""What may come next in a performance stream, for many streams side by side.

The rules hold in every stream that `Performance.encode` writes. There is no note-off of a silent
pitch. Within a step note-offs come before note-ons, so that every note has a length. A velocity is
not repeated and is followed by a note-on; the first note-on follows a velocity. No shift follows a
velocity, or a shift that was not the longest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from symgen.encodings.base import Events, Grammar, Mask
from symgen.types import Array, Floats32

if TYPE_CHECKING:
    from symgen.encodings.performance.encoding import Performance

PITCHES = 128
# kinds of events: a note-off or the longest shift, a note-on, a velocity, a shorter shift
OTHER, NOTE_ON, VELOCITY, SHIFTED = range(4)


class PerformanceGrammar(Grammar):
    """State `[batch]`: open notes of each pitch, the current velocity, the kind of the last event.

    The kind bars some events. A step costs a few calls of NumPy on arrays that are made once.
    """

    def __init__(self, encoding: Performance, batch: int) -> None:
        self.rows = np.arange(batch)
        self.open = np.zeros((batch, PITCHES), np.int32)
        size = encoding.fields[0].size
        shift, velocity = encoding.first_shift, encoding.first_velocity
        self._shift, self._velocity = shift, velocity
        self._kinds = np.select(
            [
                np.arange(size) < PITCHES,
                np.arange(size) < shift,
                np.arange(size) < velocity - 1,
                np.arange(size) == velocity - 1,
            ],
            [NOTE_ON, OTHER, SHIFTED, OTHER],
            VELOCITY,
        )
        self._pitches = np.arange(size) % PITCHES
        self._opens = np.zeros(size, np.int32)
        self._opens[:PITCHES], self._opens[PITCHES:shift] = 1, -1
        self._barred = np.zeros((4, size), np.float32)  # added to the scores after each kind
        self._barred[[NOTE_ON, VELOCITY], PITCHES:shift] = -np.inf
        self._barred[[VELOCITY, SHIFTED], shift:velocity] = -np.inf
        self._barred[VELOCITY, velocity:] = -np.inf
        self._last = np.full(batch, OTHER)
        self._current = np.full(batch, -1)  # the id of the current velocity, -1 before the first
        self._known = velocity == size  # all streams have a velocity
        self._penalties = np.zeros((batch, size), np.float32)
        self._sounds = np.zeros((batch, PITCHES), bool)
        self._stale = False  # whether notes have changed since `_sounds` was found

    def legal(self, field: int = 0) -> Mask:
        """Return bool `[batch, 388]`."""
        scores = np.zeros_like(self._penalties)
        self.bar(field, scores)
        return np.asarray(scores == 0, bool)

    def bar(self, field: int, scores: Floats32) -> None:
        """Set to -inf what is not legal in `scores` `[batch, 388]`."""
        scores += np.take(self._barred, self._last, axis=0, out=self._penalties, mode="clip")
        silent = np.logical_not(self.open_pitches())
        np.copyto(scores[:, PITCHES : self._shift], -np.inf, where=silent)
        if self._velocity < scores.shape[1]:
            if self._known:
                scores[self.rows, self._current] = -np.inf
            else:
                known = self._current >= 0
                scores[~known, :PITCHES] = -np.inf
                scores[self.rows[known], self._current[known]] = -np.inf

    def choose(self, field: int, values: Array, rows: Array | None = None) -> None:
        """Take one id for each stream of `rows`; None takes all."""
        rows = self.rows if rows is None else rows
        kinds = self._kinds[values]
        flat = self.open.reshape(-1)
        flat[rows * PITCHES + self._pitches[values]] += self._opens[values]
        self._last[rows] = kinds
        if VELOCITY in kinds.tolist():
            changed = kinds == VELOCITY
            self._current[rows[changed]] = np.asarray(values)[changed]
            self._known = self._known or bool((self._current >= 0).all())
        self._stale = True

    def closing(self, row: int) -> Events:
        """Return the note-offs `[n, 1]` of all open notes of stream `row`."""
        pitches = np.repeat(np.arange(PITCHES), np.maximum(self.open[row], 0))
        return (pitches + PITCHES).astype(np.int32)[:, None]

    def open_pitches(self) -> Mask:
        """Return bool `[batch, 128]`: the pitches that sound; the array belongs to the grammar."""
        if self._stale:
            np.greater(self.open, 0, out=self._sounds)
            self._stale = False
        return self._sounds
