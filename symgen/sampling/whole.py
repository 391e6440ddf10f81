"""Music whose events are whole notes: an event chooses its onset, then its note, then how long the note lasts.

In an encoding of note-ons and note-offs time passes after an event; here the shift of an event comes before its
note. So a stream of a given length ends with the first onset that lies at the end or beyond it, and that event is not
kept. A note that would ring beyond the end, or beyond a moment by which it must be over, ends there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from symgen.encoding import Encoding, Events
from symgen.encoding.base import Grammar
from symgen.sampling.ending_notes import NotesEnding
from symgen.sampling.limits import FOREVER, Limits
from symgen.sampling.said import Array, Flags, Said
from symgen.sampling.steer import Steer

TRIES = 20  # moves of an onset, each twice as far as the one before, until some pitch is free


class Whole:
    """The onset and the length of the note under way in `batch` streams.

    `now` int64 `[batch]` is the onset once it is chosen; `moved` is the field with which it is.
    """

    def __init__(self, encoding: Encoding, batch: int, limits: Limits, steers: Sequence[Steer],
                 ending: NotesEnding | None) -> None:
        self.shift, self.length = Said(encoding, "advance", batch), Said(encoding, "duration", batch)
        self.moved, self.now = self.shift.last, np.zeros(batch, np.int64)
        self._limits, self._steers, self._ending = limits, steers, ending
        self._rate = encoding.steps_per_second
        [self._pitch] = [k for k in range(len(encoding.fields)) if (encoding.table(k)["kind"] == "note_on").any()]
        self._pitches = encoding.table(self._pitch)["pitch"].astype(np.int64)

    def held(self, field: int, values: Array, chosen: Events) -> Array:
        """Return what the `values` `[batch]` of `field` become: within what the next stop allows, or the end."""
        if field in self.shift.columns:
            values = self.shift.take(field, values, self._limits.before_stop())
            if field == self.moved:
                self.now = self._limits.elapsed + self.shift.steps
        elif field in self.length.columns:
            if field == self.length.first:
                self._exact = self._ending.last(self.now) if self._ending else None
                self._most = self._until(chosen)
            values = self.length.take(field, values, self._most, self._exact)
        return values

    def over(self) -> Flags | None:
        """Return bool `[batch]`: the streams that end with the onset under way, which is not kept; None for none."""
        over = self.now >= self._limits.total
        if self._ending:
            over |= self._ending.whole
        return over if over.any() else None

    def _until(self, chosen: Events) -> Array | None:
        """Return int64 `[batch]`: how many steps the note under way may last, at least one; None where all may."""
        ends = [] if self._limits.total == FOREVER else [np.full(len(chosen), self._limits.total)]
        if self._ending:
            ends.append(self._ending.until(self.now))
        pitches = self._pitches[chosen[:, self._pitch]]
        for steer in self._steers:
            if (seconds := steer.until(pitches)) is not None:
                steps = np.floor(np.minimum(seconds, FOREVER / self._rate) * self._rate + 1e-6)
                ends.append(steps.astype(np.int64))
        if not ends:
            return None
        return np.asarray(np.maximum(np.minimum.reduce(ends) - self.now, 1), np.int64)

    def further(self, rows: Array, steps: int, chosen: Events, grammar: Grammar) -> None:
        """Let the onset of `rows` come `steps` later, in `chosen` too, but not beyond the next stop."""
        made, limit = self.shift.steps[rows] + steps, self._limits.before_stop()
        if limit is not None:
            made = np.minimum(made, limit[rows])
        self.shift.write(chosen, rows, made)
        for field in self.shift.columns:
            grammar.choose(field, chosen[rows, field], rows)
        self.shift.steps[rows] = np.minimum(made, self.shift.longest)
        self.now = self._limits.elapsed + self.shift.steps
