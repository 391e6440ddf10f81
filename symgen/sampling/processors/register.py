"""Steering towards a register: the mean pitch of what is struck.

Of all ways to move the mean of the pitches, a weight that grows evenly with the pitch departs least from what the model
has (in relative entropy). So strikes lean up or down by a slope in nats an octave, which follows an account of how far the
pitches that were struck lie from what is asked; a strike as such stays as likely as it was.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from symgen.controls.schedule import Schedule
from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.encodings.base import Grammar
from symgen.sampling.processors.key import Seconds, Steer
from symgen.sampling.processors.whole_notes.groups import span, within
from symgen.sampling.request.params import Floats


class RegisterSteer(Steer):
    """Keeps the mean pitch of each stream's strikes at what is asked, counted from when it is asked."""

    TYPICAL = 64.0  # the mean pitch of piano music
    FIRST = 1.0  # nats an octave, for each octave that is asked away from it
    GAIN = 0.3  # nats an octave, for each octave that the strikes together lie away
    DRIFT = 0.04  # what of that is learned at each strike
    SPAN = 24.0  # strikes: what lies further back than that counts less and less
    REACH = 6.0  # nats an octave at most

    def __init__(self, encoding: Encoding, batch: int, rate: float | None = None) -> None:
        tables = [encoding.table(k) for k in range(len(encoding.fields))]
        strikes = [np.isin(t["kind"], ("note_on", "sounding")) & (t["pitch"] >= 0) for t in tables]
        self._strikes = [span(s) for s in strikes]
        self._octaves = [
            ((t["pitch"][s] - self.TYPICAL) / 12).astype(np.float32)
            for t, s in zip(tables, self._strikes, strict=True)
        ]
        self._pitch = [t["pitch"].astype(np.float64) for t in tables]
        self._struck = {
            k: np.where(s, 1 / 12, 0)  # octaves a semitone, of a strike
            for k, s in enumerate(strikes)
            if s.any()
        }
        self._stays = [np.where(s, 1 - 1 / self.SPAN, 1) for s in strikes]
        self._wish: Schedule | None = None
        self._moment: list[float] = []  # for which it was asked
        self._reach = np.full(batch, -self.REACH), np.full(batch, self.REACH)
        self._asked = np.full(batch, self.TYPICAL)
        self._above = np.zeros(batch)  # octaves, over the strikes together
        self._slope = np.zeros(batch)  # nats an octave, learned
        self._leant: list[
            tuple[Floats, Floats]
        ] = []  # factors and their logarithms for each field, while they hold

    def set(self, controls: Targets) -> None:
        """Take the register; the account begins anew."""
        before, self._wish = self._wish, controls.wishes.get("register")
        if self._wish is None:
            self._slope, self._asked, self._leant = (
                np.zeros(len(self._slope)),
                np.full(len(self._slope), self.TYPICAL),
                [],
            )
        elif self._wish != before:
            self._above[:], self._leant, self._moment = 0, [], []
            if self._wish.constant:
                self._ask(np.full(len(self._slope), self._wish.values[0]))

    def at(self, seconds: Seconds, grammar: Grammar) -> None:
        """Take the register of each stream's time."""
        if (
            self._wish is not None
            and not self._wish.constant
            and (moment := seconds.tolist()) != self._moment
        ):
            asked, self._moment = self._wish.at(seconds), moment
            if asked.tolist() != self._asked.tolist():
                self._ask(asked)

    def _ask(self, pitch: npt.NDArray[np.float64]) -> None:
        self._slope += self.FIRST * (pitch - self._asked) / 12
        self._asked, self._leant = pitch, []

    def acts(self, field: int) -> bool:
        """Return whether `field` strikes pitches."""
        return len(self._octaves[field]) > 0

    def apply(self, field: int, scores: Floats) -> None:
        """Lean on the strikes by their pitch."""
        if self._wish is None or not len(self._octaves[field]):
            return
        if not self._leant:
            slope = (
                (self._slope - self.GAIN * self._above)
                .clip(*self._reach)
                .astype(np.float32)[:, None]
            )
            biases = [slope * octaves for octaves in self._octaves]
            biases = [b - b.max(axis=1, keepdims=True, initial=-1e30) for b in biases]
            self._leant = [(np.exp(b), b) for b in biases]
        within(scores, self._strikes[field], *self._leant[field], most=100)

    def chosen(self, events: Events) -> None:
        """Keep the account."""
        if self._wish is None:
            return
        for field, struck in self._struck.items():
            values = events[:, field]
            share = struck.take(values, mode="clip")
            if any(share.tolist()):
                off = (self._pitch[field].take(values, mode="clip") - self._asked) * share
                self._above = self._above * self._stays[field].take(values, mode="clip") + off
                self._slope = (self._slope - self.DRIFT * off).clip(*self._reach)
                self._leant = []

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows`."""
        self._asked, self._above, self._slope, self._leant = (
            self._asked[rows],
            self._above[rows],
            self._slope[rows],
            [],
        )
