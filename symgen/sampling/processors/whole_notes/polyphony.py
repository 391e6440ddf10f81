"""Steering of whole notes towards a polyphony, by how long they last.

The weight of a length is tilted by a number of nats per second, as shifts are for a density (see
`whole_notes.density`). The model still chooses which notes begin and when. Notes are not made to
last much longer than is needed for the polyphony.

How much sounds now counts for more than the mean so far. Otherwise the target is met by a few long
notes with silence between them: a small model asked for 2 notes at once was silent for 26 % of the
time, where excerpts of such piano music are for 17 %; now it is for 8 %.
"""

from __future__ import annotations

import numpy as np

from symgen.controls.schedule import Schedule
from symgen.encodings import Events
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Goals, Steer
from symgen.sampling.processors.whole_notes.density import tilt
from symgen.sampling.processors.whole_notes.time_fields import TimeFields, pitch_field
from symgen.types import Floats32, Ints


class LengthSteer(Steer):
    """Keeps the mean number of sounding pitches at the target, counted from when it is set."""

    name = "polyphony"

    GAP, SPAN = 1 / 6, 16.0  # seconds between onsets at first; the number of onsets averaged
    SOON = 3.0  # seconds in which the error is to be made up
    LEARNS = 4.0  # times as long it takes to learn as much
    HERE = 1.5  # e-folds for each that more sounds now than the target
    GENTLE = 0.5  # and where the target is not the user's own
    LEAST = 0.5  # pitches at once that silence counts as
    REACH = 3.0  # e-folds at most that are learned
    NOW = 1.0  # and that the error adds
    LONGEST = 4.0  # mean lengths, or seconds, beyond which a note is made to last no longer
    BEYOND = 1.0  # nats for each of them more

    def __init__(self, view: View) -> None:
        super().__init__(view)
        encoding, batch = view.encoding, view.batch
        self._rows = np.arange(batch)
        self._length = TimeFields(encoding, "duration", batch)
        self._seconds = {k: steps / view.rate for k, steps in self._length.columns.items()}
        self._field = pitch_field(encoding)
        self._pitch = encoding.table(self._field)["pitch"].astype(np.int64)
        self._target: Schedule | None = None
        self._moment: list[float] = []  # the seconds for which the target was last looked up
        self._polyphony = np.ones(batch)  # the target now
        self._sounds: Ints = np.zeros(batch, np.int64)
        self._time, self._gap = np.zeros(batch), np.full(batch, self.GAP)  # in seconds
        self._ends = np.zeros((batch, 129))  # of each pitch; the last is for values without one
        self._beyond = np.zeros(batch)  # pitches times seconds
        self._learned = np.zeros(batch)  # e-folds
        self._floor = False  # whether the target is only a lower limit
        self._here = self.HERE

    def set(self, goals: Goals) -> None:
        """Take the target, and whether it is only a lower limit."""
        super().set(goals)
        self._floor = self.name in goals.floors
        self._here = self.HERE if self._share == 1 and not self._floor else self.GENTLE

    def aim(self, target: Schedule | None) -> None:
        """Take the polyphony; the error starts from 0."""
        before, self._target = self._target, target
        if target != before:
            self._beyond = self._beyond * 0
            self._moment = []
            self._learned = self._learned * (target is not None)
            if target is not None and target.constant:
                self._polyphony = np.full(len(self._polyphony), target.values[0])

    def begin_step(self, view: View) -> None:
        """Take the polyphony at each stream's time, and what sounds."""
        if self._target is None:
            return
        if not self._target.constant and (moment := view.seconds.tolist()) != self._moment:
            self._polyphony = self._target.at(view.seconds)
            self._moment = moment
        self._sounds = view.sounding.sum(axis=1)

    def acts(self, field: int) -> bool:
        """Return whether `field` belongs to the length."""
        return field in self._seconds

    def steer(self, field: int, scores: Floats32) -> None:
        """Tilt the lengths."""
        if self._target is None or not self.acts(field):
            return
        if field == self._length.first:
            self._prepare()
        seconds = self._seconds[field]
        bias = -self._nats * np.minimum(seconds, self._longest)
        bias -= self.BEYOND * np.maximum(seconds - self._longest, 0)
        scores += bias.astype(np.float32)

    def _prepare(self) -> None:
        """Compute from the error the nats per second, and the longest length to favour."""
        least = np.maximum(self._polyphony, self.LEAST)
        more = np.log(np.maximum(self._sounds, self.LEAST) / least)
        error = np.clip(self._beyond / least / self.SOON, -self.NOW, self.NOW)
        mean = np.maximum(self._polyphony * self._gap, 0.05)
        bias = self._learned + error + self._here * more
        self._nats = (tilt(bias, 1.0) / mean)[:, None]
        if self._floor:
            self._nats = np.minimum(self._nats, 0)
        self._longest = np.maximum(self.LONGEST * mean, self.LONGEST)[:, None]

    def update(self, events: Events) -> None:
        """Update the error by what has sounded since the onset before."""
        if self._target is None:
            return
        took = self.view.took / self.view.rate
        left = np.maximum(self._ends[:, :128] - self._time[:, None], 0)
        sounded = np.minimum(left, took[:, None]).sum(axis=1)
        self._beyond = self._beyond + sounded - took * self._polyphony
        if self._floor:
            self._beyond = np.minimum(self._beyond, self._polyphony)  # a second's worth
        share = self._beyond / np.maximum(self._polyphony, self.LEAST)
        learned = np.clip(took * share / (self.SOON * self.SOON * self.LEARNS), -0.5, 0.5)
        most = 0.0 if self._floor else self.REACH
        self._learned = np.clip(self._learned + learned, -self.REACH, most)
        self._time = self._time + took
        self._gap = self._gap + (np.minimum(took, 2) - self._gap) / self.SPAN
        pitch = self._pitch.take(events[:, self._field], mode="clip")
        ends = self._time + self._length.of(events) / self.view.rate
        self._ends[self._rows, pitch] = ends

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        for name in ("_polyphony", "_sounds", "_time", "_gap", "_ends", "_beyond", "_learned"):
            setattr(self, name, getattr(self, name)[rows])
