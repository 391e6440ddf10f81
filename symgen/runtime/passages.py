"""What is scored, and the scores: passages of events, and the nats of every value in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.encodings import Events

Array = npt.NDArray[Any]


class Passage(NamedTuple):
    """Events that a model sees one after the other, beginning with an empty state.

    `controls` is called when the passage begins, so that only the controls of passages that are
    being played are in memory.
    """

    before: Events  # int [fields]: the event before the first one, or the encoding's start
    events: Events  # int [steps, fields]
    controls: Callable[[], npt.NDArray[np.float32]] | None = None  # returns float32 [steps, width]


class Scores(NamedTuple):
    """What a model gave to each value of some events.

    `nats` is NaN for an event that was not scored. `top` is NaN where the first choice is unknown.
    """

    nats: npt.NDArray[np.float32]  # [events, fields] minus the log of the probability of the value
    top: npt.NDArray[np.float32]  # [events, fields] the probability of the model's first choice
    hits: npt.NDArray[np.bool_]  # [events, fields] whether the first choice was right

    @classmethod
    def empty(cls, events: int, fields: int) -> Scores:
        """Return scores of which nothing is known yet."""
        nothing = np.full((2, events, fields), np.nan, np.float32)
        return cls(nothing[0], nothing[1], np.zeros((events, fields), bool))

    def put(self, places: Array, other: Scores) -> None:
        """Write `other` to the events `places`."""
        for mine, theirs in zip(self, other, strict=True):
            mine[places] = theirs

    def fill(self, places: Array, field: int, logits: Array, truth: Array) -> None:
        """Score the values `truth` `[n]` of `field` under `logits` `[n, size]`, at `places`."""
        best = logits.argmax(axis=1)
        rows = np.arange(len(truth))
        logits = logits - logits[rows, best][:, None]
        total = np.exp(logits).sum(axis=1, dtype=np.float64)
        self.nats[places, field] = np.log(total) - logits[rows, truth]
        self.top[places, field] = 1 / total
        self.hits[places, field] = best == truth
