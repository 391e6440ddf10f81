"""Steering of whole notes towards a density, by the time between their onsets.

The weight of a shift is tilted by a number of nats per second. Of all ways to move the mean of the
shifts this departs least from the model. The tilt follows from `x`, the logarithm of how many
times as dense the music must become: for shifts spread as waiting times are, that tilt gives
exactly that density. It is learned from the number of notes that the music is ahead of the target.

Notes that begin together stay as likely as they were, unless the music is made slower; then chords
thin out with everything else. Long rests are rare in a model, so their tilt is large; no rest
lasts much longer than it takes until the error is 0.
"""

from __future__ import annotations

import numpy as np

from symgen.controls.schedule import Schedule
from symgen.encodings import Events
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Goals, Steer
from symgen.sampling.processors.ending import made_up
from symgen.sampling.processors.whole_notes.groups import within
from symgen.sampling.processors.whole_notes.time_fields import TimeFields, pitch_field
from symgen.types import Floats, Floats32, Ints


def tilt(x: Floats, apart: float = 0.5) -> Floats:
    """Return the nats per target note in a shift that make music exp(x) times as dense.

    A share `apart` of all notes follows the one before at a distance.
    """
    below = apart * (1 - np.exp(-x))
    return np.asarray(np.where(x < 0, below, apart * x), np.float64)


def limited(values: Floats, most: float) -> Floats:
    """Return `values` limited to -most..most; np.clip takes several times as long for a few."""
    return np.asarray(np.minimum(np.maximum(values, -most), most))


class ShiftSteer(Steer):
    """Keeps the notes per second of each stream at the target, counted from when it is set."""

    name = "density"

    TYPICAL = 6.0  # notes per second that a model is assumed to play, until it is observed
    SOON = 3.0  # seconds in which the error is to be made up,
    FEWEST, MOST = 3, 10  # or these notes, at least and at most
    LEARNS = 3.0  # times as long it takes to learn as much
    REACH = 3.0  # e-folds of density at most that are learned
    NOW = 1.5  # and that the error adds
    PATIENCE = 3.0  # a rest may last this many notes of the target
    REST = 1.0  # but at least this many seconds
    BEYOND = 2.0  # nats less for each note beyond that, or each second if that is more

    def __init__(self, view: View) -> None:
        super().__init__(view)
        encoding, batch = view.encoding, view.batch
        self._shift = TimeFields(encoding, "advance", batch)
        self._seconds = {k: steps / view.rate for k, steps in self._shift.columns.items()}
        self._field = pitch_field(encoding)
        self._is_onset = encoding.table(self._field)["kind"] == "note_on"
        self._target: Schedule | None = None
        self._moment: list[float] = []  # the seconds for which the target was last looked up
        self._take(np.full(batch, self.TYPICAL))
        self._ahead = np.zeros(batch)  # notes
        self._learned = np.zeros(batch)  # e-folds

    def target(self, goals: Goals) -> Schedule | None:
        """Return the density, made up for an ending that has fewer note-ons."""
        return made_up(goals.schedule(self.name), self.view)

    def aim(self, target: Schedule | None) -> None:
        """Take the density. The error starts from 0; what was learned of the model is kept."""
        before, self._target = self._target, target
        if target is None:
            self._learned[:] = 0
            self._take(np.full(len(self._density), self.TYPICAL))
        elif target != before:
            self._ahead[:], self._moment = 0, []
            if target.constant:
                self._change(np.full(len(self._density), target.values[0]))

    def begin_step(self, view: View) -> None:
        """Take the density at each stream's time."""
        if self._target is None or self._target.constant:
            return
        if (moment := view.seconds.tolist()) != self._moment:
            self._moment = moment
            self._change(self._target.at(view.seconds))

    def _change(self, density: Floats) -> None:
        self._learned = self._learned + np.log(density / self._density)
        self._take(density)

    def _take(self, density: Floats) -> None:
        """Take the density, and the number of notes within which an error is made up."""
        self._density = density
        self._few = np.clip(self.SOON * density, self.FEWEST, self.MOST)

    def acts(self, field: int) -> bool:
        """Return whether `field` belongs to the shift."""
        return field in self._seconds

    def steer(self, field: int, scores: Floats32) -> None:
        """Tilt the shifts, and make rests unlikely that are too long."""
        if self._target is None or not self.acts(field):
            return
        if field == self._shift.first:
            self._prepare()
        seconds = self._seconds[field]
        if min(self._rest.ravel().tolist()) >= seconds[-1]:  # true of the finer fields
            bias = -self._nats * seconds
        else:
            bias = -self._nats * np.minimum(seconds, self._rest)
            bias -= self._late * np.maximum(seconds - self._rest, 0)
        if field != self._shift.last or True not in self._faster.tolist():
            scores += bias
        else:
            self._keep_together(scores, bias)

    def _prepare(self) -> None:
        """Compute from the error the nats per second, and the longest rest."""
        density = self._density[:, None]
        x = self._learned - limited(self._ahead / self._few, self.NOW)
        self._nats = tilt(x)[:, None] * density
        self._faster = x > 0
        self._late = self.BEYOND * np.maximum(density, 1)
        rest = np.maximum(self.PATIENCE / self._density, self.REST)
        self._rest = (np.maximum(self._ahead + 1, 0) / self._density + rest)[:, None]

    def _keep_together(self, scores: Floats32, bias: Floats) -> None:
        """Add `bias`; in streams that become faster, the value 0 stays as likely as it was."""
        apart = bias[:, 1:].astype(np.float32)
        slower = ~self._faster
        if True in slower.tolist():
            moved = scores[slower, 1:] + apart[slower]
            apart[slower] = 0  # put back below; their own would overflow
        within(scores, slice(1, None), np.exp(apart), apart, most=100)
        if True in slower.tolist():
            scores[slower, 1:] = moved

    def update(self, events: Events) -> None:
        """Update the error by the note-ons and the time of `events`."""
        if self._target is None:
            return
        took = self.view.took / self.view.rate * self._density  # in notes
        between = self._ahead - took / 2  # on average, while the time passed
        self._learned -= limited(took * between / (self._few * self._few * self.LEARNS), 1)
        self._learned = limited(self._learned, self.REACH)
        self._ahead = self._ahead - took + self._is_onset.take(events[:, self._field], mode="clip")

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self._take(self._density[rows])
        self._ahead = self._ahead[rows]
        self._learned = self._learned[rows]
