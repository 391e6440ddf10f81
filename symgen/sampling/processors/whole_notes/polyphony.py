"""Steering of whole notes towards a polyphony: by how long they last.

The chance of a length is tilted by so many nats per second, as shifts are for a density (see
`density_notes`): what is struck, and when, is left to the model. A note is not made to last much
longer than those that make the polyphony.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.controls.schedule import Schedule
from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.encodings.base import Grammar
from symgen.sampling.processors.key import Array, Seconds, Steer
from symgen.sampling.processors.whole_notes.density import tilt
from symgen.sampling.processors.whole_notes.time_fields import Said, pitch_field
from symgen.sampling.request.params import Floats


class LengthSteer(Steer):
    """Keeps the mean number of pitches that sound at what is asked, counted from then on."""

    GAP, SPAN = 1 / 6, 16.0  # seconds between onsets until some are heard; how many count
    SOON = 3.0  # seconds in which what sounded beyond what is asked is to be made up
    LEARNS = 4.0  # times as long it takes to learn as much
    HERE = 0.5  # e-folds for each that more sounds now than is asked
    LEAST = 0.5  # pitches at once that silence counts as
    REACH = 3.0  # e-folds at most that are learned
    NOW = 1.0  # and that the account adds
    LONGEST = 4.0  # mean lengths, or seconds, beyond which a note is made to last no longer
    BEYOND = 1.0  # nats for each of them more

    def __init__(self, encoding: Encoding, batch: int, rate: float | None = None) -> None:
        self._rate, self._rows = rate or encoding.steps_per_second, np.arange(batch)
        self._shift = Said(encoding, "advance", batch)
        self._length = Said(encoding, "duration", batch)
        self._seconds = {k: steps / self._rate for k, steps in self._length.columns.items()}
        self._field = pitch_field(encoding)
        self._pitch = encoding.table(self._field)["pitch"].astype(np.int64)
        self._wish: Schedule | None = None
        self._moment: list[float] = []  # for which it was asked
        self._asked = np.ones(batch)
        self._sounds: Array = np.zeros(batch, np.int64)
        self._time, self._gap = np.zeros(batch), np.full(batch, self.GAP)  # in seconds
        self._ends = np.zeros((batch, 129))  # of each pitch; the last is what has none
        self._beyond = np.zeros(batch)  # pitches times seconds
        self._learned = np.zeros(batch)  # e-folds
        self._floor = False  # whether the target is a lower limit

    def at_least(self) -> None:
        """Only lengthen notes."""
        self._floor = True

    def set(self, controls: Targets) -> None:
        """Take the polyphony; the account begins anew."""
        before, self._wish = self._wish, controls.wishes.get("polyphony")
        if self._wish != before:
            self._beyond, self._moment = self._beyond * 0, []
            self._learned = self._learned * (self._wish is not None)
            if self._wish is not None and self._wish.constant:
                self._asked = np.full(len(self._asked), self._wish.values[0])

    def at(self, seconds: Seconds, grammar: Grammar) -> None:
        """Take the polyphony of each stream's time, and what sounds."""
        if self._wish is not None:
            if not self._wish.constant and (moment := seconds.tolist()) != self._moment:
                self._asked, self._moment = self._wish.at(seconds), moment
            self._sounds = grammar.open_pitches().sum(axis=1)

    def acts(self, field: int) -> bool:
        """Return whether `field` is of the length."""
        return field in self._seconds

    def apply(self, field: int, scores: Floats) -> None:
        """Tilt the lengths."""
        if self._wish is None or not self.acts(field):
            return
        seconds = self._seconds[field]
        if field == self._length.first:
            least = np.maximum(self._asked, self.LEAST)
            more = np.log(np.maximum(self._sounds, self.LEAST) / least)
            account = np.clip(self._beyond / least / self.SOON, -self.NOW, self.NOW)
            mean = np.maximum(self._asked * self._gap, 0.05)
            self._nats = (tilt(self._learned + account + self.HERE * more, 1.0) / mean)[:, None]
            if self._floor:
                self._nats = np.minimum(self._nats, 0)
            self._longest = np.maximum(self.LONGEST * mean, self.LONGEST)[:, None]
        bias = -self._nats * np.minimum(seconds, self._longest)
        bias -= self.BEYOND * np.maximum(seconds - self._longest, 0)
        scores += bias.astype(np.float32)

    def chosen(self, events: Events) -> None:
        """Keep the account, of what sounded since the onset before."""
        if self._wish is None:
            return
        took = self._shift.of(events) / self._rate
        left = np.maximum(self._ends[:, :128] - self._time[:, None], 0)
        sounded = np.minimum(left, took[:, None]).sum(axis=1)
        self._beyond = self._beyond + sounded - took * self._asked
        if self._floor:
            self._beyond = np.minimum(self._beyond, self._asked)  # a second's worth
        share = self._beyond / np.maximum(self._asked, self.LEAST)
        learned = np.clip(took * share / (self.SOON * self.SOON * self.LEARNS), -0.5, 0.5)
        most = 0.0 if self._floor else self.REACH
        self._learned = np.clip(self._learned + learned, -self.REACH, most)
        self._time = self._time + took
        self._gap = self._gap + (np.minimum(took, 2) - self._gap) / self.SPAN
        pitch = self._pitch.take(events[:, self._field], mode="clip")
        self._ends[self._rows, pitch] = self._time + self._length.of(events) / self._rate

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows`."""
        self._asked, self._sounds = self._asked[rows], self._sounds[rows]
        self._time, self._gap, self._ends = self._time[rows], self._gap[rows], self._ends[rows]
        self._beyond, self._learned = self._beyond[rows], self._learned[rows]
