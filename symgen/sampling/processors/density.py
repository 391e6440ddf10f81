"""Steering towards a density, in notes per second, by feedback on how time advances.

The steer measures how far the music is ahead of the target, in seconds of notes, and biases the
choice between note-ons and shifts: in proportion to the error now, and to its integral, so that no
error is left at the end. The worth of a value is the notes it brings, less the notes that should
come in the time it takes; its score moves by the bias times its worth. So long shifts give way
before short ones, and a chord whose notes are a few hundredths of a second apart stays as it is.
Time is never rescaled.

Of several such biases this one changed the model least for the density that it reached. The gain
is a compromise between the model and the target. A 3 x 512 LSTM that plays 12 notes per second by
itself was steered to 2, 3 and 5 in samples of 30 s: they missed by 9, 7 and 5 % (one standard
deviation) and cost 0.35, 0.3 and 0.2 nats per event. With five times the gain they missed by 4, 3
and 2 % and cost 0.5, 0.4 and 0.3 nats.

Encodings of whole notes, such as `notes`, are steered by `whole_notes.density` instead.
"""

from __future__ import annotations

import numpy as np

from symgen.controls.schedule import Schedule
from symgen.encodings import Events
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Goals, Steer
from symgen.sampling.processors.ending import made_up
from symgen.sampling.processors.whole_notes.density import ShiftSteer
from symgen.sampling.processors.whole_notes.groups import span
from symgen.types import Array, Floats, Floats32, Ints


class DensitySteer(Steer):
    """Keeps the note-ons per second of each stream at the target, counted from when it is set."""

    name = "density"

    GAIN = 0.5  # nats of bias for each second that the music is ahead
    DRIFT = 0.15  # nats of bias per second, for each second that it stays ahead
    EAGER = 3.0  # times the gain is added just after a new target, when the model is not known yet
    SOON = 4.0  # seconds in which that falls to 1/e
    FEW = 3.0  # times the gain is added at 1 note per second; this falls with the cube of density
    STRIKE = 0.4  # worth of a note-on or a velocity; 1 where every value takes the same time
    CAP = 5.0  # no shift is worth less than minus this many notes
    SLOWEST = 2.0  # notes per second: the least that time is worth, so that slow music is steered
    BELOW = 1.5  # nats of bias for each e-fold of density below what the model plays by itself
    ABOVE = 0.6  # and above it
    TYPICAL = 6.0  # notes per second that a model is assumed to play, until it is observed
    REACH = 8.0  # nats of bias at most
    LEAP = 0.25  # a change of the target by more than this share makes it eager again

    def __init__(self, view: View) -> None:
        super().__init__(view)
        encoding, batch = view.encoding, view.batch
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        onsets = [np.isin(t["kind"], ("note_on", "sounding")) & (t["pitch"] >= 0) for t in tables]
        self._sounding = [t["kind"] == "sounding" for t in tables]
        self._holds = [k for k, sounding in enumerate(self._sounding) if sounding.any()]
        sizes = [f.size for f in encoding.fields]
        self._last: Array = np.array([sizes] * batch)  # the event before
        self._rows = np.arange(batch)
        seconds = [t["advance"] / view.rate for t in tables]
        # of each value: its note-ons, its time, what it adds to the integral for each nat of gain,
        # and the logarithm of what it leaves of the eagerness
        self._brings = [
            np.stack([starts, s, s * (-self.DRIFT / self.GAIN), s / -self.SOON])
            for s, starts in zip(seconds, onsets, strict=True)
        ]
        self._passing = [span(s > 0) for s in seconds]
        self._seconds = [
            s[passing].astype(np.float32) for s, passing in zip(seconds, self._passing, strict=True)
        ]
        self._notes = [self._worth_now(t, s) for t, s in zip(tables, seconds, strict=True)]
        self._target: Schedule | None = None
        self._moment: list[float] = []  # the seconds for which the target was last looked up
        self._density = np.full(batch, self.TYPICAL)  # notes per second, the target now
        self._worth: list[Floats32] = []  # [batch or 1, size] of each field
        self._ahead = np.zeros(batch)  # seconds
        self._learned = np.zeros(batch)  # nats, the integral
        self._few = np.full(batch, self.GAIN)  # nats per second: the gain, more for few note-ons
        self._eager = np.full(batch, self.GAIN * self.EAGER)  # and more for a new target
        self._reach = np.full(batch, -self.REACH), np.full(batch, self.REACH)
        self._find()

    def _worth_now(self, table: Array, seconds: Floats) -> Floats32:
        """Return float32 `[1, size]`: the worth of each value of a field without its time."""
        each = self.STRIKE if seconds.max() > seconds.min() else 1
        leads = np.isin(table["kind"], ("note_on", "sounding", "velocity"))
        return np.where(leads, each, 0).astype(np.float32)[None]

    @classmethod
    def of(cls, view: View) -> Steer:
        """Return this steer, or the one for whole notes."""
        return ShiftSteer(view) if view.whole_notes else cls(view)

    def target(self, goals: Goals) -> Schedule | None:
        """Return the density, made up for an ending that has fewer note-ons."""
        return made_up(goals.schedule(self.name), self.view)

    def aim(self, target: Schedule | None) -> None:
        """Take the density. The error starts from 0; what was learned of the model is kept."""
        before, self._target = self._target, target
        if target is None:
            self._learned[:], self._density = 0, np.full(len(self._rows), self.TYPICAL)
        elif target != before:
            self._ahead[:], self._eager[:], self._moment = 0, self.GAIN * self.EAGER, []
            rows = 1 if target.constant else len(self._rows)
            self._worth = [notes.repeat(rows, axis=0) for notes in self._notes]
            first = np.full(len(self._rows), target.values[0])
            self._change(first if target.constant else self._density)

    def begin_step(self, view: View) -> None:
        """Take the density at each stream's time."""
        if self._target is None or self._target.constant:
            return
        if (moment := view.seconds.tolist()) != self._moment:
            density = self._target.at(view.seconds)
            self._moment = moment
            if density.tolist() != self._density.tolist():
                self._change(density)

    def _change(self, density: Floats) -> None:
        """Take the target `density` `[batch]`, and the bias that the change is likely to need."""
        change = density / self._density
        scale = np.where(self._learned < 0, self.BELOW, self.ABOVE)
        place = self._learned / scale + np.log(change)
        self._learned = place * np.where(place < 0, self.BELOW, self.ABOVE)
        np.putmask(self._eager, abs(change - 1) > self.LEAP, self.GAIN * self.EAGER)
        self._density = density
        self._few = self.GAIN * (1 + self.FEW * density**-3.0)
        slowest = np.maximum(density, self.SLOWEST).astype(np.float32)
        rates = slowest[: len(self._worth[0]), None]
        for worth, notes, passing, seconds in zip(
            self._worth, self._notes, self._passing, self._seconds, strict=True
        ):
            worth[:, passing] = notes[:, passing] - np.minimum(rates * seconds, self.CAP)
        self._find()

    def steer(self, field: int, scores: Floats32) -> None:
        """Add the bias times the worth of each value."""
        if self._target is None:
            return
        bias = self._bias * self._worth[field]
        if field in self._holds:
            held = self._held(field, self._last[:, field])
            bias[held, self._last[held, field]] -= self._bias[held, 0]  # to hold is no note-on
        scores += bias

    def _find(self) -> None:
        """Compute the bias float32 `[batch, 1]` from the error and its integral."""
        self._pull = (self._few + self._eager) * self._ahead
        bias = (self._learned - self._pull).clip(*self._reach)
        self._bias = bias.astype(np.float32)[:, None]

    def _held(self, field: int, values: Array) -> Ints:
        """Return the streams in which `values` `[batch]` is a pitch that may sound on."""
        sounding = self._sounding[field]
        within = np.minimum(values, len(sounding) - 1)
        held: Ints = self._rows[sounding[within] & (values < len(sounding))]
        return held

    def update(self, events: Events) -> None:
        """Update the error by the note-ons and the time of `events`."""
        last, self._last = self._last, events
        if self._target is None:
            return
        brings = self._brings[0].take(events[:, 0], axis=1)
        for k in range(1, len(self._brings)):
            brings = brings + self._brings[k].take(events[:, k], axis=1)
        if not any(brings.ravel().tolist()):
            return
        onsets, took, drift, fading = brings
        for k in self._holds:
            again = events[:, k] == last[:, k]
            held = self._held(k, np.where(again, last[:, k], len(self._sounding[k])))
            onsets[held] -= 1
        self._learned = (self._learned + drift * self._pull).clip(*self._reach)
        self._ahead += onsets / self._density - took
        self._eager *= np.exp(fading)
        self._find()

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        for name in ("_last", "_density", "_ahead", "_learned", "_eager"):
            setattr(self, name, getattr(self, name)[rows])
        self._find()
