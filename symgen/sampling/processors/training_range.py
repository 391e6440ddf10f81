"""Samples that stay inside the music of their model: its pitches, notes at once, lengths and rests.

A small model drifts: once a sample has come to where no training music was, the model has nothing
to say there. So what lies outside the limits (`symgen.sampling.extent`) is barred while it samples:
pitches beyond the range, a note-on where more sounds than hardly ever does, a shift that makes a
rest longer than any usual one, a length beyond the longest. Where more sounds than is common,
note-ons are less likely and note-offs likelier. A sample begins within half a second. Of tunes the
pitches and the leaps are held, and no time: rests and lengths are matters of the bar.

No row of scores is emptied: where all that is left would be barred, the row stays as it was.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.encodings.base import Grammar
from symgen.sampling.extent import OCTAVE, Extent
from symgen.sampling.request.params import Floats

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

BEGIN = 0.5  # seconds in which a sample begins
CROWDED = 1.0  # nats less on a note-on for each note beyond what is common, and more on note-offs
MOST = 8.0  # nats at most
NEVER = 2**62  # steps
FAR = -3.0  # nats on a leap beyond an octave, where those are rare


class Inside:
    """The limits at work on `batch` streams; times are in steps.

    `_heard` [batch] is when something sounded last, `_begun` [batch] whether anything did.
    """

    def __init__(self, encoding: Encoding, batch: int, extent: Extent) -> None:
        self._tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._on = [
            np.isin(t["kind"], ("note_on", "sounding")) & (t["pitch"] >= 0) for t in self._tables
        ]
        self._off = [(t["kind"] == "note_off") & (t["pitch"] >= 0) for t in self._tables]
        self._towards = [
            on | (t["kind"] == "velocity") for on, t in zip(self._on, self._tables, strict=True)
        ]
        self._advance = [t["advance"].astype(np.int64) for t in self._tables]
        self.tune = encoding.tune
        self._thins, self._passes = (
            [bool(values.any()) for values in each] for each in (self._off, self._advance)
        )
        self._releases = any(self._thins)
        self._rate = encoding.steps_per_second
        self._heard, self._begun = np.zeros(batch, np.int64), np.zeros(batch, bool)
        self._last = np.full(batch, 128)  # the pitch of the last note-on; 128 for none
        self._own = self._primed = extent
        self._sounds = np.zeros(batch, np.int64)
        self._now, self._left = np.zeros(batch, np.int64), np.zeros(batch, np.int64)
        self._take(extent)
        timed = not self.tune and self._releases
        self._acts = [  # on which fields
            on.any() or (timed and (thins or passes))
            for on, thins, passes in zip(self._on, self._thins, self._passes, strict=True)
        ]

    def set(self, asked: Targets) -> None:
        """Make room for the targets that hold from now on."""
        self._take(self._primed.widened(asked))

    def hear(self, primer: Events) -> None:
        """Make room for the pitches of a primer, and begin where it ends."""
        pitches = np.concatenate(
            [
                t["pitch"][primer[:, k]][self._on[k][primer[:, k]]]
                for k, t in enumerate(self._tables)
            ]
        )
        if len(pitches):
            self._primed = self._own.around(int(pitches.min()), int(pitches.max()))
            self._take(self.extent.around(int(pitches.min()), int(pitches.max())))
        self._begun[:] = True

    def _take(self, extent: Extent) -> None:
        self.extent = extent
        self._outside = []
        for table, on in zip(self._tables, self._on, strict=True):
            beyond = on & ((table["pitch"] < extent.lowest) | (table["pitch"] > extent.highest))
            self._outside.append(np.where(beyond, -np.inf, 0).astype(np.float32))
        self._far = [_leaps(t, on, extent) for t, on in zip(self._tables, self._on, strict=True)]

    def at(self, grammar: Grammar, elapsed: Ints) -> None:
        """Begin a step of streams that have come to `elapsed` `[batch]`."""
        if self.tune:
            return
        self._now = elapsed
        if self._releases:
            rest = np.where(
                self._begun, round(self.extent.rest * self._rate), round(BEGIN * self._rate)
            )
            self._sounds = grammar.open_pitches().sum(axis=1)
            sounding = self._sounds > 0
            np.copyto(self._heard, elapsed, where=sounding)
            self._left = np.where(sounding, NEVER, np.maximum(rest - (elapsed - self._heard), 0))

    def apply(self, field: int, scores: Floats, chosen: Events) -> None:
        """Bar in `scores` `[batch, size]` what lies outside; `chosen` holds the fields before."""
        if not self._acts[field]:
            return
        before = scores.copy()
        self._bar(field, scores, chosen)
        unempty(scores, before)

    def _bar(self, field: int, scores: Floats, chosen: Events) -> None:
        """Bar what lies outside, and be it all."""
        scores += self._outside[field]
        if (far := self._far[field]) is not None:
            scores += far[self._last]
        if not self.tune:
            if self._thins[field]:
                self._thin(field, scores)
            if self._passes[field] and self._releases:
                self._hurry(field, scores, chosen)

    def _thin(self, field: int, scores: Floats) -> None:
        """Make note-ons rarer where much sounds, and bar them where too much does."""
        if max(self._sounds.tolist()) < self.extent.crowd:
            return
        beyond = np.clip(CROWDED * (self._sounds + 1 - self.extent.crowd), 0, MOST).astype(
            np.float32
        )
        scores[:, self._off[field]] += beyond[:, None]
        less = np.where(self._sounds >= self.extent.most, np.float32(np.inf), beyond)
        scores[:, self._towards[field]] -= less[:, None]

    def _hurry(self, field: int, scores: Floats, chosen: Events) -> None:
        """Bar shifts that make a rest too long."""
        advance, left = self._advance[field], self._left.copy()
        for k in range(field):
            left -= self._advance[k].take(chosen[:, k], mode="clip")
        if min(left.tolist()) < advance.max():
            scores[(advance > 0) & (advance > left[:, None])] = -np.inf

    def chosen(self, events: Events, elapsed: Ints) -> None:
        """Take the events int32 `[batch, fields]` that were chosen, after which it is `elapsed`."""
        for k, on in enumerate(self._on):
            values = np.minimum(events[:, k], len(on) - 1)
            rows = np.flatnonzero(on[values])
            if not len(rows):
                continue
            self._last[rows] = self._tables[k]["pitch"][values[rows]]
            self._begun[rows] = True

    def keep(self, rows: Ints) -> None:
        """Go on with the streams `rows`, which are as many as before."""
        for name in ("_heard", "_begun", "_last"):
            setattr(self, name, getattr(self, name)[rows])


def unempty(scores: Floats, before: Floats) -> None:
    """Let rows where nothing is left be as they were `before`."""
    top = np.maximum.reduce(scores, axis=1)
    if -np.inf in top.tolist():
        scores[top == -np.inf] = before[top == -np.inf]


def _leaps(table: Array, on: Array, extent: Extent) -> Floats | None:
    """Return float32 `[129, size]`: what each value gets after each pitch, or None."""
    if extent.leap >= 127 or not on.any():
        return None
    leap = np.abs(table["pitch"].astype(np.int64) - np.arange(129)[:, None])
    out = np.where(on & (leap > OCTAVE) & extent.rare_octaves, FAR, 0)
    out = np.where(on & (leap > extent.leap), -np.inf, out).astype(np.float32)
    out[128] = 0
    return out
