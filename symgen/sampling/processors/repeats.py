"""No bar again and again: tunes that repeat the same bar are led out of it.

A model that is conditioned on what followed last time (the control `recall`) can fall into a bar
and stay there: its own output becomes its condition. Of 20 samples of 32 bars the median had one
bar 15 times in a row; the longest such run in the jigs and reels of the Nottingham tunes is three.
So once a bar has come twice, the note-ons and rests that would repeat it lose a number of nats for
each bar more. Holds are left as they are: a bar changes where a note begins.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Events
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Processor, Setup
from symgen.sampling.processors.plan import PlanProcessor
from symgen.types import Bools, Floats32, Ints

FREE = 1.0  # bars that may be repeated as they were
EACH = 3.0  # nats for each bar more
MOST = 9.0  # nats at most
NOTHING = -1


class RepeatsProcessor(Processor):
    """The melody of each stream over the last bar of `bar` steps.

    `holds` are the values of each melody field that hold a note, by field.
    """

    def __init__(self, view: View, bar: int, holds: dict[int, Bools]) -> None:
        super().__init__(view)
        self._bar, self._holds, self._step = bar, holds, 0
        self._past = {k: np.full((view.batch, bar), NOTHING, np.int64) for k in holds}
        # steps without a break that were as in the bar before
        self._run = {k: np.zeros(view.batch, np.int64) for k in holds}

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one where the request has a plan."""
        plan = setup.made.get("plan")
        if not isinstance(plan, PlanProcessor):
            return None
        fields = np.flatnonzero(plan.melodies).tolist()
        holds = {k: plan.tables[k]["kind"] == "hold" for k in fields}
        return cls(setup.view, plan.plan.meter.bar(plan.plan.grid), holds)

    def acts(self, field: int) -> bool:
        """Return whether `field` holds the melody."""
        return field in self._holds

    def apply(self, field: int, scores: Floats32) -> None:
        """Make it less likely in `scores` `[batch, size]` that a bar is repeated once more."""
        again = self._past[field][:, self._step % self._bar]
        bias = np.clip(EACH * (self._run[field] / self._bar - FREE), 0, MOST)
        [rows] = np.nonzero((bias > 0) & (again >= 0))
        rows = rows[~self._holds[field][again[rows]]]
        scores[rows, again[rows]] -= bias[rows].astype(np.float32)

    def update(self, events: Events) -> None:
        """Take the values of the melody in `events`."""
        place = self._step % self._bar
        for field, holds in self._holds.items():
            values = np.minimum(events[:, field], len(holds) - 1).astype(np.int64)
            past = self._past[field]
            same = values == past[:, place]
            self._run[field] = np.where(same, self._run[field] + 1, 0)
            past[:, place] = values
        self._step += 1

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self._past = {k: past[rows] for k, past in self._past.items()}
        self._run = {k: run[rows] for k, run in self._run.items()}
