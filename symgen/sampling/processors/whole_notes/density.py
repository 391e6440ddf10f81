"""Steering of whole notes towards a density: by the time between their onsets.

The chance of a shift is tilted by so many nats per second; of all ways to move the mean of the
shifts that one departs least from the model. How many follows from `x`, the logarithm of how many
times as dense as by itself the music is to be: for shifts that are spread as waiting times are,
just that tilt makes it so. It is learned from an account of the notes that are ahead of those
asked. What is struck together stays as likely to be so, unless music is made slower, where chords
thin out with all else. As long rests are rare in a model and their tilt is great, none lasts much
longer than it takes until the account is even.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.controls.schedule import Schedule
from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.encodings.base import Grammar
from symgen.sampling.processors.key import Array, Seconds, Steer
from symgen.sampling.processors.whole_notes.groups import within
from symgen.sampling.processors.whole_notes.time_fields import Said, pitch_field
from symgen.sampling.request.params import Floats


def tilt(x: Array, apart: float = 0.5) -> Array:
    """Return the nats for each note asked in a shift, that make music exp(x) times as dense.

    A share `apart` of all notes follows the one before at a distance.
    """
    return np.asarray(np.where(x < 0, apart * (1 - np.exp(-x)), apart * x), np.float64)


def _held(values: Array, most: float) -> Array:
    """Return `values` from -most to most; np.clip takes several times as long for a few."""
    return np.asarray(np.minimum(np.maximum(values, -most), most))


class ShiftSteer(Steer):
    """Keeps the notes per second of each stream at what is asked, counted from when it is asked."""

    TYPICAL = 6.0  # notes per second that a model is taken to play by itself, until it is heard
    SOON = 3.0  # seconds in which what is ahead is to be made up,
    FEWEST, MOST = 3, 10  # or these notes, at least and at most
    LEARNS = 3.0  # times as long it takes to learn as much
    REACH = 3.0  # e-folds of density at most that are learned
    NOW = 1.5  # and that the account adds
    PATIENCE = 3.0  # notes that may be late at the end of a rest, or so many
    REST = 1.0  # seconds
    BEYOND = 2.0  # nats for each note more, or second

    def __init__(self, encoding: Encoding, batch: int, rate: float | None = None) -> None:
        self._said = Said(encoding, "advance", batch)
        self._rate = rate or encoding.steps_per_second
        self._seconds = {k: steps / self._rate for k, steps in self._said.columns.items()}
        self._field = pitch_field(encoding)
        self._struck = encoding.table(self._field)["kind"] == "note_on"
        self._wish: Schedule | None = None
        self._moment: list[float] = []  # for which it was asked
        self._hear(np.full(batch, self.TYPICAL))
        self._ahead = np.zeros(batch)  # notes
        self._learned = np.zeros(batch)  # e-folds

    def set(self, controls: Targets) -> None:
        """Take the density; the account begins anew, and what was learned of the model is kept."""
        before, self._wish = self._wish, controls.wishes.get("density")
        if self._wish is None:
            self._learned[:] = 0
            self._hear(np.full(len(self._density), self.TYPICAL))
        elif self._wish != before:
            self._ahead[:], self._moment = 0, []
            if self._wish.constant:
                self._ask(np.full(len(self._density), self._wish.values[0]))

    def at(self, seconds: Seconds, grammar: Grammar) -> None:
        """Take the density of each stream's time."""
        if self._wish is None or self._wish.constant:
            return
        if (moment := seconds.tolist()) != self._moment:
            self._moment = moment
            self._ask(self._wish.at(seconds))

    def _ask(self, density: Array) -> None:
        self._learned = self._learned + np.log(density / self._density)
        self._hear(density)

    def _hear(self, density: Array) -> None:
        """Take the density, and how many notes an account is to be even in."""
        self._density = density
        self._few = np.clip(self.SOON * density, self.FEWEST, self.MOST)

    def acts(self, field: int) -> bool:
        """Return whether `field` is of the shift."""
        return field in self._seconds

    def apply(self, field: int, scores: Floats) -> None:
        """Tilt the shifts, and bar the way to rests that are too long."""
        if self._wish is None or not self.acts(field):
            return
        density, seconds = self._density[:, None], self._seconds[field]
        if field == self._said.first:
            x = self._learned - _held(self._ahead / self._few, self.NOW)
            self._nats, self._faster = tilt(x)[:, None] * density, x > 0
            self._late = self.BEYOND * np.maximum(density, 1)
            rest = np.maximum(self.PATIENCE / self._density, self.REST)
            self._rest = (np.maximum(self._ahead + 1, 0) / self._density + rest)[:, None]
        if min(self._rest.ravel().tolist()) >= seconds[-1]:  # as it is of the finer steps
            bias = -self._nats * seconds
        else:
            bias = -self._nats * np.minimum(seconds, self._rest)
            bias -= self._late * np.maximum(seconds - self._rest, 0)
        faster = self._faster.tolist()
        if field != self._said.last or True not in faster:
            scores += bias
            return
        apart = bias[:, 1:].astype(np.float32)
        if False in faster:
            slower = scores[~self._faster, 1:] + apart[~self._faster]
            apart[~self._faster] = 0  # they are put back below; their own would overflow
        within(scores, slice(1, None), np.exp(apart), apart, most=100)
        if False in faster:
            scores[~self._faster, 1:] = slower

    def chosen(self, events: Events) -> None:
        """Keep the account."""
        if self._wish is None:
            return
        took = self._said.of(events) / self._rate * self._density  # in notes
        between = self._ahead - took / 2  # on the mean, while the time passed
        self._learned -= _held(took * between / (self._few * self._few * self.LEARNS), 1)
        self._learned = _held(self._learned, self.REACH)
        self._ahead = self._ahead - took + self._struck.take(events[:, self._field], mode="clip")

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows`."""
        self._hear(self._density[rows])
        self._ahead = self._ahead[rows]
        self._learned = self._learned[rows]
