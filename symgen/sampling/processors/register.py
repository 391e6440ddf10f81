"""Steering towards a register: the mean pitch of the note-ons.

Of all ways to move the mean of the pitches, a weight that grows evenly with pitch departs least
from the model (in relative entropy). So note-ons get a slope in nats per octave. The slope follows
the error of the pitches so far; note-ons together stay as likely as they were.
"""

from __future__ import annotations

import numpy as np

from symgen.controls.schedule import Schedule
from symgen.encodings import Events
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Steer
from symgen.sampling.processors.whole_notes.groups import span, within
from symgen.types import Floats, Floats32, Ints


class RegisterSteer(Steer):
    """Keeps the mean pitch of the note-ons at the target, counted from when it is set."""

    name = "register"

    TYPICAL = 64.0  # the mean pitch of piano music
    FIRST = 1.0  # nats per octave, for each octave from there to the target
    GAIN = 0.3  # nats per octave, for each octave that the note-ons together lie away
    DRIFT = 0.04  # share of that which is learned at each note-on
    SPAN = 24.0  # note-ons: those further back count less and less
    REACH = 6.0  # nats per octave at most

    def __init__(self, view: View) -> None:
        super().__init__(view)
        batch = view.batch
        tables = [view.encoding.table(k) for k in range(len(view.encoding.fields))]
        onsets = [np.isin(t["kind"], ("note_on", "sounding")) & (t["pitch"] >= 0) for t in tables]
        self._onsets = [span(s) for s in onsets]
        self._octaves = [
            ((t["pitch"][s] - self.TYPICAL) / 12).astype(np.float32)
            for t, s in zip(tables, self._onsets, strict=True)
        ]
        self._pitch = [t["pitch"].astype(np.float64) for t in tables]
        self._octaves_per_semitone = {
            k: np.where(s, 1 / 12, 0)  # octaves per semitone, of a note-on
            for k, s in enumerate(onsets)
            if s.any()
        }
        self._stays = [np.where(s, 1 - 1 / self.SPAN, 1) for s in onsets]
        self._target: Schedule | None = None
        self._moment: list[float] = []  # the seconds for which the target was last looked up
        self._reach = np.full(batch, -self.REACH), np.full(batch, self.REACH)
        self._register = np.full(batch, self.TYPICAL)  # the target now
        self._above = np.zeros(batch)  # octaves, of the note-ons together
        self._slope = np.zeros(batch)  # nats per octave, learned
        self._biases: list[tuple[Floats32, Floats32]] = []  # factors and their logarithms

    def aim(self, target: Schedule | None) -> None:
        """Take the register; the error starts from 0."""
        before, self._target = self._target, target
        if target is None:
            self._slope = np.zeros(len(self._slope))
            self._biases = []
            self._register = np.full(len(self._slope), self.TYPICAL)
        elif target != before:
            self._above[:], self._biases, self._moment = 0, [], []
            if target.constant:
                self._change(np.full(len(self._slope), target.values[0]))

    def begin_step(self, view: View) -> None:
        """Take the register at each stream's time."""
        if self._target is None or self._target.constant:
            return
        if (moment := view.seconds.tolist()) != self._moment:
            register = self._target.at(view.seconds)
            self._moment = moment
            if register.tolist() != self._register.tolist():
                self._change(register)

    def _change(self, pitch: Floats) -> None:
        self._slope += self.FIRST * (pitch - self._register) / 12
        self._register, self._biases = pitch, []

    def acts(self, field: int) -> bool:
        """Return whether `field` has note-ons by pitch."""
        return len(self._octaves[field]) > 0

    def steer(self, field: int, scores: Floats32) -> None:
        """Bias the note-ons by their pitch."""
        if self._target is None or not len(self._octaves[field]):
            return
        if not self._biases:
            slope = (self._slope - self.GAIN * self._above).clip(*self._reach)
            rising = slope.astype(np.float32)[:, None]
            biases = [rising * octaves for octaves in self._octaves]
            biases = [b - b.max(axis=1, keepdims=True, initial=-1e30) for b in biases]
            self._biases = [(np.exp(b), b) for b in biases]
        within(scores, self._onsets[field], *self._biases[field], most=100)

    def update(self, events: Events) -> None:
        """Update the error by the pitches of the note-ons."""
        if self._target is None:
            return
        for field, per_semitone in self._octaves_per_semitone.items():
            values = events[:, field]
            share = per_semitone.take(values, mode="clip")
            if any(share.tolist()):
                off = (self._pitch[field].take(values, mode="clip") - self._register) * share
                self._above = self._above * self._stays[field].take(values, mode="clip") + off
                self._slope = (self._slope - self.DRIFT * off).clip(*self._reach)
                self._biases = []

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        for name in ("_register", "_above", "_slope"):
            setattr(self, name, getattr(self, name)[rows])
        self._biases = []
