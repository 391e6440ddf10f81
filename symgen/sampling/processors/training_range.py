"""Samples that stay inside the training music: its pitches, notes at once, lengths and rests.

A small model drifts: where a sample has come to a place that no training music has, the model does
not know how to continue. So values outside the limits (`symgen.sampling.extent`) are barred:
pitches outside the range, a note-on where more sounds than almost ever does, a shift that makes a
rest longer than usual ones, a length beyond the longest. Where more sounds than is common, note-ons
are less likely and note-offs likelier. A sample begins within half a second. For tunes only
pitches and leaps are limited: rests and lengths are matters of the bar.

No row of scores is emptied: where all that is left would be barred, the row stays as it was.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Events
from symgen.sampling.engine.view import View
from symgen.sampling.extent import OCTAVE, Extent
from symgen.sampling.processors.base import Goals, Processor, Setup
from symgen.types import Array, Floats32, Ints

BEGIN = 0.5  # seconds in which a sample begins
CROWDED = 1.0  # nats less on a note-on for each note beyond what is common; more on note-offs
MOST = 8.0  # nats at most
NEVER = 2**62  # steps
FAR = -3.0  # nats on a leap beyond an octave, where those are rare


class TrainingRange(Processor):
    """Keeps streams inside `extent`, widened by the targets and a primer. Times are in steps.

    `_last_sound` [batch] is when something sounded last, `_started` [batch] whether anything did.
    """

    def __init__(self, view: View, extent: Extent) -> None:
        super().__init__(view)
        encoding, batch = view.encoding, view.batch
        self._tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._on = [
            np.isin(t["kind"], ("note_on", "sounding")) & (t["pitch"] >= 0) for t in self._tables
        ]
        self._off = [(t["kind"] == "note_off") & (t["pitch"] >= 0) for t in self._tables]
        self._towards = [
            on | (t["kind"] == "velocity") for on, t in zip(self._on, self._tables, strict=True)
        ]
        self._advance = [t["advance"].astype(np.int64) for t in self._tables]
        self._tune, self._rate = encoding.tune, encoding.steps_per_second
        self._thins = [bool(off.any()) for off in self._off]
        self._passes = [bool(advance.any()) for advance in self._advance]
        self._releases = any(self._thins)
        self._last_sound = np.zeros(batch, np.int64)
        self._started = np.zeros(batch, bool)
        self._last = np.full(batch, 128)  # the pitch of the last note-on; 128 for none
        self._sounds = np.zeros(batch, np.int64)
        self._left = np.zeros(batch, np.int64)
        self._primed = extent  # with room for a primer
        self._take(extent)
        timed = not self._tune and self._releases
        self._acts = [
            bool(on.any() or (timed and (thins or passes)))
            for on, thins, passes in zip(self._on, self._thins, self._passes, strict=True)
        ]

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one where the training music is known, and not to be left freely."""
        if (extent := setup.request.extent) is None:
            return None
        from symgen.sampling.processors.whole_notes.training_range import NotesRange

        return (NotesRange if setup.view.whole_notes else cls)(setup.view, extent)

    def set(self, goals: Goals) -> None:
        """Make room for the targets that hold from now on."""
        self._take(self._primed.widened(goals.targets))

    def _take(self, extent: Extent) -> None:
        self.extent = extent
        self._outside = []
        for table, on in zip(self._tables, self._on, strict=True):
            beyond = on & ((table["pitch"] < extent.lowest) | (table["pitch"] > extent.highest))
            self._outside.append(np.where(beyond, -np.inf, 0).astype(np.float32))
        self._far = [_leaps(t, on, extent) for t, on in zip(self._tables, self._on, strict=True)]

    def primed(self, events: Events) -> None:
        """Make room for the pitch of a primer's event, and take it."""
        self._started[:] = True
        for table, on, column in zip(self._tables, self._on, events.T, strict=True):
            value = int(column[0])  # every stream has the same primer
            pitch = int(table["pitch"][value]) if on[value] else -1
            if pitch >= 0 and not self._primed.lowest <= pitch <= self._primed.highest:
                self._primed = self._primed.around(pitch, pitch)
                self._take(self.extent.around(pitch, pitch))
        self.update(events)

    def begin_step(self, view: View) -> None:
        """Count what sounds, and find how long a rest may be."""
        if self._tune or not self._releases:
            return
        rest = round(self.extent.rest * self._rate)
        begin = round(BEGIN * self._rate)
        self._sounds = np.add.reduce(view.sounding, axis=1)
        sounding = self._sounds > 0
        np.copyto(self._last_sound, view.elapsed, where=sounding)
        left = np.where(self._started, rest, begin) - (view.elapsed - self._last_sound)
        self._left = np.where(sounding, NEVER, np.maximum(left, 0))

    def acts(self, field: int) -> bool:
        """Return whether `field` has pitches, or time that is limited."""
        return self._acts[field]

    def apply(self, field: int, scores: Floats32) -> None:
        """Bar what lies outside in `scores` `[batch, size]`."""
        before = scores.copy()
        self._bar(field, scores)
        unempty(scores, before)

    def _bar(self, field: int, scores: Floats32) -> None:
        """Bar what lies outside, even if nothing is left."""
        scores += self._outside[field]
        if (far := self._far[field]) is not None:
            scores += far[self._last]
        if not self._tune:
            if self._thins[field]:
                self._thin(field, scores)
            if self._passes[field] and self._releases:
                self._hurry(field, scores)

    def _thin(self, field: int, scores: Floats32) -> None:
        """Make note-ons rarer where much sounds, and bar them where too much does."""
        if max(self._sounds.tolist()) < self.extent.crowd:
            return
        crowded = CROWDED * (self._sounds + 1 - self.extent.crowd)
        more = np.minimum(np.maximum(crowded, 0), MOST)
        beyond = more.astype(np.float32)
        scores[:, self._off[field]] += beyond[:, None]
        less = np.where(self._sounds >= self.extent.most, np.float32(np.inf), beyond)
        scores[:, self._towards[field]] -= less[:, None]

    def _hurry(self, field: int, scores: Floats32) -> None:
        """Bar shifts that make a rest too long."""
        advance = self._advance[field]
        left = self._left.copy()
        for k in range(field):
            left -= self._advance[k].take(self.view.chosen[:, k], mode="clip")
        if min(left.tolist()) < advance.max():
            scores[(advance > 0) & (advance > left[:, None])] = -np.inf

    def update(self, events: Events) -> None:
        """Take the note-ons among `events`."""
        for table, on, column in zip(self._tables, self._on, events.T, strict=True):
            values = np.minimum(column, len(on) - 1)
            rows = on[values].nonzero()[0]
            if len(rows):
                self._last[rows] = table["pitch"][values[rows]]
                self._started[rows] = True

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        for name in ("_last_sound", "_started", "_last"):
            setattr(self, name, getattr(self, name)[rows])


def unempty(scores: Floats32, before: Floats32) -> None:
    """Set rows in which nothing is left back to what they were `before`."""
    top = np.maximum.reduce(scores, axis=1)
    if -np.inf in top.tolist():
        scores[top == -np.inf] = before[top == -np.inf]


def _leaps(table: Array, on: Array, extent: Extent) -> Floats32 | None:
    """Return float32 `[129, size]`: what each value gets after each pitch; None for nothing."""
    if extent.leap >= 127 or not on.any():
        return None
    leap = np.abs(table["pitch"].astype(np.int64) - np.arange(129)[:, None])
    out = np.where(on & (leap > OCTAVE) & extent.rare_octaves, FAR, 0)
    out = np.where(on & (leap > extent.leap), -np.inf, out).astype(np.float32)
    out[128] = 0
    return out
