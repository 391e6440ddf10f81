"""What time allows: no stream runs past its end, or past a moment that all are to come to, and none stands still for ever."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from symgen.encodings import Encoding, Events
from symgen.sampling.processors.whole_notes.time_fields import is_whole
from symgen.sampling.request.params import Floats

FOREVER = 2**62  # steps
STANDSTILL = 256  # events in a row that take no time; then one that does must come


class TimeLimitProcessor:
    """Time of `batch` streams in steps, up to `total`, and the guard against standing still.

    `stops` are moments before the end, rising, that no stream passes without coming to them. Where
    events are whole notes it bars no time; `Whole` does that.
    """

    def __init__(
        self, encoding: Encoding, batch: int, total: int = FOREVER, stops: Sequence[int] = ()
    ) -> None:
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._advance = [t["advance"].astype(np.int64) for t in tables]
        self._further = [k for k, steps in enumerate(self._advance) if k and steps.any()]
        self._longest = sum(int(a.max()) for a in self._advance)
        self.total, self._whole = total, is_whole(encoding)
        self.elapsed = np.zeros(batch, np.int64)
        self._still = np.zeros(batch, np.int64)
        self._took = np.zeros(batch, np.int64)
        self._wild, self._look_still = (
            False,
            STANDSTILL,
        )  # a stream stands still; events before that can be
        self.stop_at(stops)

    def stop_at(self, stops: Sequence[int]) -> None:
        """Take other `stops`."""
        self._stops = np.array(
            [*sorted(s for s in set(stops) if 0 < s < self.total), self.total], np.int64
        )
        self._look()

    def _look(self) -> None:
        """See whether an event may reach past a stop, and for how many of them none can."""
        ahead = (self._next() - self.elapsed)[self.elapsed >= 0]
        nearest = int(ahead.min()) if len(ahead) else FOREVER
        self._near, self._look_near = nearest < self._longest, nearest // max(self._longest, 1)

    def _next(self) -> npt.NDArray[np.int64]:
        """Return int64 `[batch]`: the next stop of each stream."""
        if len(self._stops) == 1:
            return self._stops
        places = self._stops.searchsorted(self.elapsed, "right")
        return self._stops.take(places, mode="clip")

    def before_stop(self) -> npt.NDArray[np.int64] | None:
        """Return int64 `[batch]`: the steps to the next stop before the end; None for none."""
        if len(self._stops) == 1:
            return None
        stop = self._next()
        return np.where(stop < self.total, stop - self.elapsed, FOREVER)

    def pass_time(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` that were chosen."""
        took = self._advance[0].take(events[:, 0], out=self._took, mode="clip")
        for k in self._further:
            took += self._advance[k].take(events[:, k])
        self.elapsed += took
        self._still += 1
        self._still[took > 0] = 0
        self._look_near -= 1
        if self._look_near <= 0:
            self._look()
        self._look_still -= 1
        if self._look_still <= 0:
            most = int(self._still.max())
            self._wild, self._look_still = most >= STANDSTILL, STANDSTILL - most

    def passed(self) -> int:
        """Return the steps of time that all streams together have come to."""
        return int(np.where(self.elapsed < 0, self.total, self.elapsed).sum())

    def full(self) -> npt.NDArray[np.bool_] | None:
        """Return bool `[batch]`: the streams whose time is full; None where none is."""
        if not self._near:
            return None
        full: npt.NDArray[np.bool_] = self.elapsed >= self.total
        return full if True in full.tolist() else None

    def forget(self, rows: npt.NDArray[np.int64]) -> None:
        """Leave streams that have ended out of account."""
        for clock in (self.elapsed, self._still):
            clock[rows] = -FOREVER
        self._look_near = 0

    def apply(self, field: int, scores: Floats, chosen: Events) -> None:
        """Bar what would pass the end of a stream and, where one stands still, what would take no time.

        The weight of shifts that would pass the end goes to the shift that reaches it, if that one is legal.
        """
        if self._near and not self._whole:
            left = (
                self._next()
                - self.elapsed
                - sum(self._advance[k][chosen[:, k]] for k in range(field))
            )
            for row in np.flatnonzero(left < self._advance[field].max()):
                _cut(scores[row], self._advance[field], int(left[row]))
        if self._wild and self._advance[field].any():
            for row in np.flatnonzero(self._still >= STANDSTILL):
                _prefer(scores[row], self._advance[field] > 0)


def _cut(scores: npt.NDArray[np.float32], advance: npt.NDArray[np.int64], left: int) -> None:
    """Bar the values of one row that take longer than `left` steps, and let them count for the one that takes just that."""
    reaching = scores[advance >= left]
    exact = np.flatnonzero((advance == left) & (scores > -np.inf))
    if left > 0 and len(exact) == 1:
        scores[exact[0]] = np.logaddexp.reduce(reaching)
    scores[advance > left] = -np.inf


def _prefer(scores: npt.NDArray[np.float32], wanted: npt.NDArray[np.bool_]) -> None:
    """Bar what is not wanted, where anything that is wanted is legal."""
    if (scores[wanted] > -np.inf).any():
        scores[~wanted] = -np.inf
