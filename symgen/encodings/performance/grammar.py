"""What may come next in a performance stream, for many streams side by side.

The rules hold in every stream that `Performance.encode` writes: no release of a silent pitch; within a step releases
come before strikes, so that no note is without length; a velocity is not said twice and is followed by a strike; the
first strike follows a velocity; no shift follows a shift that was not the longest, nor a velocity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from symgen.encodings.base import Events, Grammar, Mask

if TYPE_CHECKING:
    from symgen.encodings.performance.encoding import Performance

PITCHES = 128
OTHER, STRUCK, SAID, SHIFTED = range(
    4
)  # kinds of events: a release or the longest shift, a strike, a velocity, a shorter shift


class PerformanceGrammar(Grammar):
    """State `[batch]`: open strikes of each pitch, the current velocity, and the kind of the last event, which bars some of the next.

    A step costs a few calls of NumPy on arrays that are made once.
    """

    def __init__(self, encoding: Performance, batch: int) -> None:
        self.rows = np.arange(batch)
        self.open = np.zeros((batch, PITCHES), np.int32)
        self._flat = self.open.reshape(-1)
        size, shift, velocity = (
            encoding.fields[0].size,
            encoding.first_shift,
            encoding.first_velocity,
        )
        self._shift, self._velocity = shift, velocity
        self._kinds = np.select(
            [
                np.arange(size) < PITCHES,
                np.arange(size) < shift,
                np.arange(size) < velocity - 1,
                np.arange(size) == velocity - 1,
            ],
            [STRUCK, OTHER, SHIFTED, OTHER],
            SAID,
        )
        self._pitches = np.arange(size) % PITCHES
        self._opens = np.where(
            self._kinds == STRUCK, 1, np.where(np.arange(size) < shift, -1, 0)
        ).astype(np.int32)
        self._barred = np.zeros(
            (4, size), np.float32
        )  # what is added to the scores after each kind of event
        self._barred[[STRUCK, SAID], PITCHES:shift] = -np.inf
        self._barred[[SAID, SHIFTED], shift:velocity] = -np.inf
        self._barred[SAID, velocity:] = -np.inf
        self._last = np.full(batch, OTHER)
        self._current = np.full(
            batch, -1
        )  # the id of the velocity of what is struck, -1 where none was said yet
        self._known = velocity == size  # all streams have a velocity
        self._penalties, self._sounds = (
            np.zeros((batch, size), np.float32),
            np.zeros((batch, PITCHES), bool),
        )
        self._stale = False  # whether the open strikes have changed since `_sounds` was found

    def legal(self, field: int = 0) -> Mask:
        """Return bool `[batch, 388]`."""
        scores = np.zeros_like(self._penalties)
        self.bar(field, scores)
        return np.asarray(scores == 0, bool)

    def bar(self, field: int, scores: npt.NDArray[np.float32]) -> None:
        """Set to -inf what is not legal in `scores` `[batch, 388]`."""
        scores += np.take(self._barred, self._last, axis=0, out=self._penalties, mode="clip")
        np.copyto(
            scores[:, PITCHES : self._shift], -np.inf, where=np.logical_not(self.open_pitches())
        )
        if self._velocity < scores.shape[1]:
            if self._known:
                scores[self.rows, self._current] = -np.inf
            else:
                known = self._current >= 0
                scores[~known, :PITCHES] = -np.inf
                scores[self.rows[known], self._current[known]] = -np.inf

    def choose(
        self, field: int, values: npt.NDArray[Any], rows: npt.NDArray[Any] | None = None
    ) -> None:
        """Take one id for each stream of `rows` (all of them where it is None)."""
        rows = self.rows if rows is None else rows
        kinds = self._kinds[values]
        self._flat[rows * PITCHES + self._pitches[values]] += self._opens[values]
        self._last[rows] = kinds
        if SAID in kinds.tolist():
            said = kinds == SAID
            self._current[rows[said]] = np.asarray(values)[said]
            self._known = self._known or bool((self._current >= 0).all())
        self._stale = True

    def closing(self, row: int) -> Events:
        """Return the releases `[n, 1]` of everything open in stream `row`."""
        pitches = np.repeat(np.arange(PITCHES), np.maximum(self.open[row], 0))
        return (pitches + PITCHES).astype(np.int32)[:, None]

    def open_pitches(self) -> Mask:
        """Return bool `[batch, 128]`: the pitches that sound. The array is the grammar's own."""
        if self._stale:
            np.greater(self.open, 0, out=self._sounds)
            self._stale = False
        return self._sounds
