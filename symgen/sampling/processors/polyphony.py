"""Steering towards a polyphony: how many pitches sound at once, averaged over time.

Note-offs become likelier where more sounds than the target, and less likely where less does. The
model still chooses which notes begin and when; notes are only held for a shorter or a longer time.
The encoding must have note-offs by pitch. For whole notes see `whole_notes.polyphony`.
"""

from __future__ import annotations

import numpy as np

from symgen.controls.schedule import Schedule
from symgen.encodings import Encoding, Events
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Steer
from symgen.sampling.processors.whole_notes.groups import span
from symgen.sampling.processors.whole_notes.polyphony import LengthSteer
from symgen.sampling.processors.whole_notes.time_fields import is_whole
from symgen.types import Floats, Floats32, Ints


class PolyphonySteer(Steer):
    """Keeps the mean number of sounding pitches at the target, counted from when it is set."""

    name = "polyphony"

    NOW = 0.8  # nats on a note-off, for each e-fold that more sounds now than the target
    GAIN = 0.5  # and for each second that the mean is so far beyond
    DRIFT = 0.15  # share of that which is learned per second
    BELOW = 0.5  # pitches at once that silence counts as
    REACH = 6.0  # nats at most

    def __init__(self, view: View) -> None:
        super().__init__(view)
        tables = [view.encoding.table(k) for k in range(len(view.encoding.fields))]
        self._off = [
            span(np.asarray((t["kind"] == "note_off") & (t["pitch"] >= 0))) for t in tables
        ]
        self._acts = [isinstance(off, slice) or len(off) > 0 for off in self._off]
        self._seconds = [t["advance"] / view.rate for t in tables]
        self._target: Schedule | None = None
        self._moment: list[float] = []  # the seconds for which the target was last looked up
        self._reach = np.full(view.batch, -self.REACH), np.full(view.batch, self.REACH)
        self._logs = np.log(np.maximum(np.arange(129), self.BELOW))  # of so many pitches
        self._change(np.ones(view.batch))
        self._sounds: Ints = np.zeros(view.batch, np.int64)
        self._beyond: Floats = np.zeros(view.batch)  # seconds, times how far
        self._learned: Floats = np.zeros(view.batch)  # nats, the integral

    @classmethod
    def of(cls, view: View) -> Steer:
        """Return this steer, or the one for whole notes."""
        return LengthSteer(view) if view.whole_notes else cls(view)

    @classmethod
    def serves(cls, encoding: Encoding) -> bool:
        """Return whether `encoding` has note-offs by pitch, or lengths of notes."""
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        return is_whole(encoding) or any(
            bool(((t["kind"] == "note_off") & (t["pitch"] >= 0)).any()) for t in tables
        )

    def aim(self, target: Schedule | None) -> None:
        """Take the polyphony; the error starts from 0."""
        before, self._target = self._target, target
        if target != before:
            self._beyond[:], self._moment = 0, []
            self._learned *= target is not None
            if target is not None and target.constant:
                self._change(np.full(len(self._learned), target.values[0]))

    def begin_step(self, view: View) -> None:
        """Take the polyphony at each stream's time, and what sounds."""
        if self._target is None:
            return
        if not self._target.constant and (moment := view.seconds.tolist()) != self._moment:
            self._moment = moment
            self._change(self._target.at(view.seconds))
        self._sounds = view.sounding.sum(axis=1)

    def _change(self, polyphony: Floats) -> None:
        self._polyphony = polyphony
        self._least = np.maximum(polyphony, self.BELOW)
        self._log = np.log(self._least)

    def acts(self, field: int) -> bool:
        """Return whether `field` has note-offs by pitch."""
        return self._acts[field]

    def steer(self, field: int, scores: Floats32) -> None:
        """Bias the note-offs."""
        if self._target is not None and self._acts[field]:
            more = self._logs.take(self._sounds) - self._log
            error = self.GAIN * self._beyond + self.NOW * more
            bias = (self._learned + error).clip(*self._reach)
            scores[:, self._off[field]] += bias.astype(np.float32)[:, None]

    def update(self, events: Events) -> None:
        """Update the error by the time that passes while as much sounds."""
        if self._target is None:
            return
        took = self._seconds[0].take(events[:, 0], mode="clip")
        for k in range(1, len(self._seconds)):
            took = took + self._seconds[k].take(events[:, k], mode="clip")
        if any(took.tolist()):
            self._beyond += took * (self._sounds - self._polyphony) / self._least
            learned = self._learned + self.DRIFT * self._beyond * took
            self._learned = learned.clip(*self._reach)

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self._change(self._polyphony[rows])
        for name in ("_sounds", "_beyond", "_learned"):
            setattr(self, name, getattr(self, name)[rows])
