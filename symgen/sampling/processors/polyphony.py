"""Steering towards a polyphony: how many pitches sound at once, averaged over time.

Releases become likelier where more sounds than is asked, and less likely where less does, and so do shifts of time the
other way about: what is struck, and when, is left to the model, and notes are held for a shorter or a longer time. It needs
an encoding that releases pitches by name; see `polyphony_notes` for one of whole notes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.controls.schedule import Schedule
from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.encodings.base import Grammar
from symgen.sampling.processors.key import Array, Seconds, Steer
from symgen.sampling.processors.whole_notes.groups import span
from symgen.sampling.processors.whole_notes.polyphony import LengthSteer
from symgen.sampling.processors.whole_notes.time_fields import is_whole
from symgen.sampling.request.params import Floats


class PolyphonySteer(Steer):
    """Keeps the mean number of pitches that sound in each stream at what is asked, counted from when it is asked."""

    NOW = 0.8  # nats on a release, for each e-fold that more sounds now than is asked
    GAIN = 0.5  # and for each second that the account is so far beyond
    DRIFT = 0.15  # what of that is learned in a second
    BELOW = 0.5  # pitches at once that silence counts as
    REACH = 6.0  # nats at most

    def __init__(self, encoding: Encoding, batch: int, rate: float | None = None) -> None:
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._off = [
            span(np.asarray((t["kind"] == "note_off") & (t["pitch"] >= 0))) for t in tables
        ]
        self._leans = [isinstance(off, slice) or len(off) > 0 for off in self._off]
        self._seconds = [t["advance"] / (rate or encoding.steps_per_second) for t in tables]
        self._wish: Schedule | None = None
        self._moment: list[float] = []  # for which it was asked
        self._reach = np.full(batch, -self.REACH), np.full(batch, self.REACH)
        self._logs = np.log(np.maximum(np.arange(129), self.BELOW))  # of so many pitches
        self._ask(np.ones(batch))
        self._sounds: Array = np.zeros(batch, np.int64)
        self._beyond: Array = np.zeros(batch)  # seconds, times how far
        self._lean: Array = np.zeros(batch)  # nats, learned

    @classmethod
    def of(cls, encoding: Encoding, batch: int, rate: float | None = None) -> Steer:
        """Return this, or what steers whole notes."""
        return (LengthSteer if is_whole(encoding) else cls)(encoding, batch, rate)

    @classmethod
    def serves(cls, encoding: Encoding) -> bool:
        """Return whether `encoding` releases pitches by name, or says the lengths of its notes."""
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        return is_whole(encoding) or any(
            bool(((t["kind"] == "note_off") & (t["pitch"] >= 0)).any()) for t in tables
        )

    def set(self, controls: Targets) -> None:
        """Take the polyphony; the account begins anew."""
        before, self._wish = self._wish, controls.wishes.get("polyphony")
        if self._wish != before:
            self._beyond[:], self._moment = 0, []
            self._lean *= self._wish is not None
            if self._wish is not None and self._wish.constant:
                self._ask(np.full(len(self._lean), self._wish.values[0]))

    def at(self, seconds: Seconds, grammar: Grammar) -> None:
        """Take the polyphony of each stream's time, and what sounds."""
        if self._wish is not None:
            if not self._wish.constant and (moment := seconds.tolist()) != self._moment:
                self._moment = moment
                self._ask(self._wish.at(seconds))
            self._sounds = grammar.open_pitches().sum(axis=1)

    def _ask(self, polyphony: Array) -> None:
        self._asked, self._least = polyphony, np.maximum(polyphony, self.BELOW)
        self._log = np.log(self._least)

    def acts(self, field: int) -> bool:
        """Return whether `field` releases pitches."""
        return self._leans[field]

    def apply(self, field: int, scores: Floats) -> None:
        """Lean on the releases."""
        if self._wish is not None and self._leans[field]:
            more = self._logs.take(self._sounds) - self._log
            lean = (self._lean + self.GAIN * self._beyond + self.NOW * more).clip(*self._reach)
            scores[:, self._off[field]] += lean.astype(np.float32)[:, None]

    def chosen(self, events: Events) -> None:
        """Keep the account, of the time that passes while as much sounds."""
        if self._wish is None:
            return
        took = self._seconds[0].take(events[:, 0], mode="clip")
        for k in range(1, len(self._seconds)):
            took = took + self._seconds[k].take(events[:, k], mode="clip")
        if any(took.tolist()):
            self._beyond += took * (self._sounds - self._asked) / self._least
            self._lean = (self._lean + self.DRIFT * self._beyond * took).clip(*self._reach)

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows`."""
        self._ask(self._asked[rows])
        self._sounds, self._beyond, self._lean = (
            self._sounds[rows],
            self._beyond[rows],
            self._lean[rows],
        )
