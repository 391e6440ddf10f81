"""Music whose events are whole notes: each chooses its onset, then its note, then how long it lasts.

In an encoding of note-ons and note-offs time passes after an event; here the shift of an event
comes before its note. So a stream of a given length ends with the first onset that lies at the
end or beyond it, and that event is not kept. A note that would ring beyond the end, or beyond a
moment by which it must be over, ends there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from symgen.encodings import Encoding, Events
from symgen.encodings.base import Grammar
from symgen.sampling.processors.key import Steer
from symgen.sampling.processors.time_limits import FOREVER, TimeLimitProcessor
from symgen.sampling.processors.whole_notes.ending import NotesEnding
from symgen.sampling.processors.whole_notes.time_fields import Array, Flags, Said, pitch_field
from symgen.sampling.request.params import Floats, SamplingParams, keep_share

CROWD, MOST = (
    16,
    70,
)  # notes at once, and in a second: as many as in the densest of 1,908,609 notes of piano music
TRIES = 20  # moves of an onset, each twice as far as the one before, until some pitch is free


class Whole:
    """The onset and the length of the note under way in `batch` streams.

    `now` int64 `[batch]` is the onset once it is chosen; `moved` is the field with which it is.
    """

    def __init__(
        self,
        encoding: Encoding,
        batch: int,
        limits: TimeLimitProcessor,
        steers: Sequence[Steer],
        ending: NotesEnding | None,
    ) -> None:
        self.shift = Said(encoding, "advance", batch)
        self.length = Said(encoding, "duration", batch)
        self.moved, self.now = self.shift.last, np.zeros(batch, np.int64)
        self._crowd = np.zeros(batch)  # notes at once, of which MOST are forgotten in a second
        self._limits, self._steers, self._ending = limits, steers, ending
        self._rate = encoding.steps_per_second
        self._pitch = pitch_field(encoding)
        self._pitches = encoding.table(self._pitch)["pitch"].astype(np.int64)

    def temper(self, logits: Floats, scores: Floats, taste: SamplingParams) -> None:
        """Write tempered scores of the field with which the onset is chosen.

        But weigh "together with the last note, or apart" on its own.

        Else the one value 0 would win over a hundred others that share the chance of the rest, and
        cold music would be one chord after another.
        """
        if taste.temperature == 1:
            taste.temper(logits, scores)
            return
        apart = np.logaddexp.reduce(logits[:, 1:], axis=1)
        taste.temper(logits, scores)
        if taste.temperature < 1e-6:  # the likeliest value is taken
            scores[:, 0] += scores[:, 1:].max(axis=1) - apart
        else:
            scores[:, 0] += np.logaddexp.reduce(scores[:, 1:], axis=1) - apart / taste.temperature

    def narrowed(self, field: int, scores: Floats, taste: SamplingParams) -> SamplingParams:
        """Leave the likeliest shifts that hold `top_p` of those that are apart, and what else is to choose by.

        "Together with the last note" keeps its chance: it is one value, and would gain all that is
        left out of a hundred others, so that music would come in ever thicker chords.
        """
        if field != self.moved or taste.top_p == 1:
            return taste
        rest = scores[:, 1:]
        top = np.maximum.reduce(rest, axis=1, keepdims=True)
        known = top > -np.inf
        weights = np.exp(rest - np.where(known, top, 0))
        mass = weights.sum(axis=1, keepdims=True)
        keep_share(weights, taste.top_p)
        left = weights.sum(axis=1, keepdims=True)
        gain = np.log(np.where(known, mass, 1) / np.where(known, left, 1)).astype(np.float32)
        scores[:, 1:] = np.where(weights > 0, rest + gain, -np.inf)
        return dataclasses.replace(taste, top_p=1.0)

    def held(self, field: int, values: Array, chosen: Events) -> Array:
        """Return what the `values` `[batch]` of `field` become within the next stop, or the end."""
        if field in self.shift.columns:
            if field == self.shift.first:
                self._limit = self._limits.before_stop()
            values = self.shift.take(field, values, self._limit)
            if field == self.moved:
                if max(self._crowd.tolist()) > CROWD - 1:
                    values = self._apart(values, self._limit)
                self.now = self._limits.elapsed + self.shift.steps
        elif field in self.length.columns:
            if field == self.length.first:
                self._exact = self._ending.last(self.now) if self._ending else None
                self._most = self._until(chosen)
            values = self.length.take(field, values, self._most, self._exact)
        return values

    def _apart(self, values: Array, limit: Array | None) -> Array:
        """Return the `values` of the last field of the shift, later where more notes came than hands can strike."""
        wait = np.ceil((self._crowd - CROWD + 1) * self._rate / MOST).astype(np.int64)
        wait = np.minimum(wait, self.shift.columns[self.moved].max())
        if limit is not None:
            wait = np.minimum(wait, limit)
        if self._ending:
            wait[self._limits.elapsed >= self._ending.begin] = 0
        early = self.shift.steps < wait
        self.shift.steps = np.where(early, wait, self.shift.steps)
        return np.where(early, self.shift.within(self.moved, wait), values)

    def chosen(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` that were chosen."""
        self._crowd -= self.shift.of(events) * (MOST / self._rate)
        np.maximum(self._crowd, 0, out=self._crowd)
        self._crowd += 1

    def over(self) -> Flags | None:
        """Return bool `[batch]`: the streams that end with the onset under way; None for none."""
        over = self.now >= self._limits.total
        if self._ending and self._ending.begun:
            over |= self._ending.whole
        return over if True in over.tolist() else None

    def _until(self, chosen: Events) -> Array | None:
        """Return int64 `[batch]`: the steps that the note under way may last; None for no limit."""
        most: Array | None = None
        if self._ending:
            most = self._ending.until(self.now)  # not beyond the total
        elif self._limits.total != FOREVER:
            most = np.full(len(chosen), self._limits.total)
        pitches = self._pitches.take(chosen[:, self._pitch])
        for steer in self._steers:
            if (seconds := steer.until(pitches)) is not None:
                steps = np.floor(np.minimum(seconds, FOREVER / self._rate) * self._rate + 1e-6)
                steps = steps.astype(np.int64)
                most = steps if most is None else np.minimum(most, steps)
        return None if most is None else np.maximum(most - self.now, 1)

    def further(self, rows: Array, steps: int, chosen: Events, grammar: Grammar) -> None:
        """Let the onset of `rows` come `steps` later, `chosen` too, but not beyond a stop."""
        made, limit = self.shift.steps[rows] + steps, self._limits.before_stop()
        if limit is not None:
            made = np.minimum(made, limit[rows])
        self.shift.write(chosen, rows, made)
        for field in self.shift.columns:
            grammar.choose(field, chosen[rows, field], rows)
        self.shift.steps[rows] = np.minimum(made, self.shift.longest)
        self.now = self._limits.elapsed + self.shift.steps
