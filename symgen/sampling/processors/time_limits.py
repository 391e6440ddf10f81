"""What time allows: no stream passes its end or a stop, and none stands still for ever."""

from __future__ import annotations

import numpy as np

from symgen.encodings import Events
from symgen.sampling.engine.view import FOREVER, View
from symgen.sampling.processors.base import Processor
from symgen.types import Bools, Floats32, Ints

STANDSTILL = 256  # events in a row that take no time; then one that does must come


class TimeLimitProcessor(Processor):
    """Bars shifts that pass a stop of `view`, ends full streams, and guards against standstill.

    Where events are whole notes it bars no shift; see `note_times`. It counts for how many events
    no stream can come near a stop or stand still, and does not look until then.
    """

    def __init__(self, view: View) -> None:
        super().__init__(view)
        encoding = view.encoding
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._advance = [t["advance"].astype(np.int64) for t in tables]
        self._longest = sum(int(a.max()) for a in self._advance)
        self._still = np.zeros(view.batch, np.int64)
        self._wild, self._look_still = False, STANDSTILL  # whether a stream stands still
        self._look(view.elapsed)

    def _look(self, elapsed: Ints) -> None:
        """Find whether an event can pass a stop, and for how many events none can."""
        self._stops = self.view.stops
        ahead = (self.view.next_stop(elapsed) - elapsed)[elapsed >= 0]
        nearest = int(ahead.min()) if len(ahead) else FOREVER
        self._near = nearest < self._longest
        self._look_near = nearest // max(self._longest, 1)

    def begin_step(self, view: View) -> None:
        """Look again where the stops have changed."""
        if view.stops is not self._stops:
            self._look(view.elapsed)

    def apply(self, field: int, scores: Floats32) -> None:
        """Bar what passes a stop and, where a stream stands still, what takes no time.

        The weight of shifts that would pass goes to the shift that reaches the stop, if it is
        legal.
        """
        view = self.view
        advance = self._advance[field]
        if self._near and not view.whole_notes:
            left = view.next_stop() - view.elapsed
            taken = [self._advance[k][view.chosen[:, k]] for k in range(field)]
            left = left - sum(taken)
            for row in np.flatnonzero(left < advance.max()):
                _cut(scores[row], advance, int(left[row]))
        if self._wild and advance.any():
            for row in np.flatnonzero(self._still >= STANDSTILL):
                _prefer(scores[row], advance > 0)

    def update(self, events: Events) -> None:
        """Count the events, and end the streams whose time is full."""
        took = self.view.took
        self._still += 1
        self._still[took > 0] = 0
        self._look_near -= 1
        self._look_still -= 1
        if self._look_still <= 0:
            most = int(self._still.max())
            self._wild = most >= STANDSTILL
            self._look_still = STANDSTILL - most
        if self._look_near > 0 and not self._near:
            return
        elapsed = self.view.elapsed + took
        if self._look_near <= 0:
            self._look(elapsed)
        if self._near:
            full = elapsed >= self.view.total
            if True in full.tolist():
                self.view.end(full)

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self._still = self._still[rows]


def _cut(scores: Floats32, advance: Ints, left: int) -> None:
    """Bar values of one row that take more than `left` steps; give their weight to just that."""
    reaching = scores[advance >= left]
    exact = np.flatnonzero((advance == left) & (scores > -np.inf))
    if left > 0 and len(exact) == 1:
        scores[exact[0]] = np.logaddexp.reduce(reaching)
    scores[advance > left] = -np.inf


def _prefer(scores: Floats32, preferred: Bools) -> None:
    """Bar what is not wanted in one row, unless nothing that is wanted is legal."""
    if (scores[preferred] > -np.inf).any():
        scores[~preferred] = -np.inf
