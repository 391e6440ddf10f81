"""Staying inside the music of a model where events are whole notes; see `inside`.

A length is chosen with its note, so it is known how long each pitch will sound. A rest is too long
where a shift goes too far beyond the last of those ends.
"""

from __future__ import annotations

import numpy as np

from symgen.encoding import Encoding, Events
from symgen.encoding.base import Grammar
from symgen.sampling.choose import Floats
from symgen.sampling.extent import Extent
from symgen.sampling.inside import BEGIN, Inside, Ints
from symgen.sampling.said import Said, pitch_field

WAIT = 0.5  # seconds at most for which a step that must be a note waits for others to end


class NotesInside(Inside):
    """The limits at work on `batch` streams of whole notes; times are in steps.

    `_ends` [batch, 128] is when each pitch falls silent. As an event adds one note, it is known
    for how many events (`_calm`) no stream can have as many as is rare; so long none is counted.
    """

    def __init__(self, encoding: Encoding, batch: int, extent: Extent) -> None:
        self._shift, self._length = (Said(encoding, what, batch) for what in ("advance", "duration"))
        self._field, self._rows = pitch_field(encoding), np.arange(batch)
        self._pitches = encoding.table(self._field)["pitch"].astype(np.int64)
        self._ends = np.zeros((batch, 128), np.int64)
        self._begun_all = False  # whether all streams have begun
        super().__init__(encoding, batch, extent)
        self._acts = [bar or k in self._shift.columns or k in self._length.columns
                      for k, bar in enumerate(self._acts)]

    def _take(self, extent: Extent) -> None:
        super()._take(extent)
        self._calm, self._begun_all = 0, False
        seconds = np.array([extent.longest, extent.usual])
        self._longest, self._usual = np.maximum((seconds * self._rate).astype(np.int64), 1)

    def at(self, grammar: Grammar, elapsed: Ints) -> None:
        """Begin a step of streams that have come to `elapsed` `[batch]`."""
        self._now = elapsed
        if not self._begun_all:
            rest, begin = round(self.extent.rest * self._rate), round(BEGIN * self._rate)
            self._rest = np.where(self._begun, rest, begin)
            self._begun_all = bool(self._begun.all())
        sounds = np.maximum.reduce(self._ends, axis=1) - elapsed
        self._left = np.maximum(sounds, 0) + self._rest
        self._least: Ints | None = None  # steps that a shift must take
        if self._calm <= 0:
            self._count(np.maximum(self._ends - elapsed[:, None], 0))

    def _count(self, over: Ints) -> None:
        """Count what sounds; `over` `[batch, 128]` is for how long each pitch does."""
        crowd = min(self.extent.crowd, 128)
        most = int((over > 0).sum(axis=1).max())
        self._calm = crowd - most
        if most >= crowd:
            wait = np.partition(over, 128 - crowd, axis=1)[:, 128 - crowd]
            self._least = np.minimum(wait, round(WAIT * self._rate))

    def _bar(self, field: int, scores: Floats, chosen: Events) -> None:
        if field in self._shift.columns:
            self._hurry(field, scores, chosen)
        elif field in self._length.columns:
            self._shorten(field, scores, chosen)
        else:
            super()._bar(field, scores, chosen)

    def _hurry(self, field: int, scores: Floats, chosen: Events) -> None:
        """Bar shifts that make a rest too long, and those after which too much sounds."""
        took = self._shift.before(field, chosen)
        self._no_more(field, self._shift, scores, np.maximum(self._left - took, 0))
        if self._least is not None:
            furthest = self._shift.columns[field] + self._shift.after(field)
            np.putmask(scores, furthest < (self._least - took)[:, None], -np.inf)

    def _shorten(self, field: int, scores: Floats, chosen: Events) -> None:
        """Bar lengths beyond the longest, and beyond the middle one where much sounds."""
        if field == self._length.first:
            self._most = np.full(len(chosen), self._longest)
            if self._calm <= 0:
                onset = self._now + self._shift.of(chosen)
                crowded = (self._ends > onset[:, None]).sum(axis=1) >= self.extent.crowd
                self._most[crowded] = self._usual
        self._no_more(field, self._length, scores, self._most - self._length.before(field, chosen))

    def _no_more(self, field: int, said: Said, scores: Floats, left: Ints) -> None:
        """Bar values that take more than is `left` `[batch]`."""
        column = said.columns[field]
        if min(left.tolist()) < column[-1]:
            np.putmask(scores, column > left[:, None], -np.inf)

    def chosen(self, events: Events, elapsed: Ints) -> None:
        """Take the events int32 `[batch, fields]` that were chosen, after which it is `elapsed`."""
        self._calm -= 1
        pitch, rows = self._pitches.take(events[:, self._field], mode="clip"), self._rows
        ends = elapsed + self._length.of(events)
        if min(pitch.tolist()) < 0:
            [rows] = (pitch >= 0).nonzero()
            pitch, ends = pitch[rows], ends[rows]
        self._ends[rows, pitch] = ends
        self._last[rows] = pitch
        if not self._begun_all:
            self._begun[rows] = True

    def keep(self, rows: Ints) -> None:
        """Go on with the streams `rows`, which are as many as before."""
        super().keep(rows)
        self._ends, self._begun_all = self._ends[rows], False
