"""Following a plan on a grid of beats: what is fixed and what may come at each step.

A value that is fixed or repeated is set, whatever its score. Otherwise the plan bars values: a hold
where a strain begins, and a change of chord off the beat. These bars are a choice of what music to
make; the likelihood of music under the model does not include them. (Of 19,663 changes of chord in
Nottingham tunes 50 are off the beat.) No rule bars all that is left to a stream.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Events
from symgen.runtime.base import Player
from symgen.sampling.engine.view import View
from symgen.sampling.engine.wrapper import PlayerWrapper
from symgen.sampling.processors.base import Processor, Setup
from symgen.sampling.tunes.cadence import open_in
from symgen.sampling.tunes.plan import Plan
from symgen.types import Bools, Floats32, Ints

MELODY = ("note_on", "sounding")
CHORD = ("chord",)


class PlanProcessor(Processor):
    """The streams of `view` on their way through `plan`. `step` is the next to be chosen.

    history  int32 [batch, steps, fields], the events so far; empty where the plan has no end
    pitch    int64 [batch], of the last note-on, -1 for none
    since    int64 [batch], the step of that note-on, -1 once the note is over
    begun    int64 [batch], the step of the first chord, `plan.steps` before it
    """

    def __init__(self, view: View, plan: Plan) -> None:
        super().__init__(view)
        self.plan, self.step = plan, 0
        self.tables = [view.encoding.table(k) for k in range(len(view.encoding.fields))]
        self.chords = [bool(np.isin(t["kind"], CHORD).any()) for t in self.tables]
        self.melodies = [bool(np.isin(t["kind"], MELODY).any()) for t in self.tables]
        steps = 0 if plan.endless else plan.steps
        self.history = np.full((view.batch, steps, len(self.tables)), -1, np.int32)
        self._last = np.full((view.batch, len(self.tables)), -1, np.int32)
        self.pitch = np.full(view.batch, -1)
        self.since = np.full(view.batch, -1)
        self.begun = np.full(view.batch, plan.steps)

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one where the request has a plan."""
        return cls(setup.view, setup.request.plan) if setup.request.plan else None

    def forced(self, field: int) -> Ints | None:
        """Return int64 `[batch]`: the value that each stream must take; None for a free choice."""
        if self.plan.given is not None and (value := self.plan.given[self.step, field]) >= 0:
            return np.full(self.view.batch, int(value))
        if self.plan.copy is not None and (source := self.plan.copy[self.step]) >= 0:
            values = np.asarray(self.history[:, source, field], np.int64)
            if self.plan.source is not None and self.chords[field]:
                # a pickup without a chord has the one before it when it is repeated
                return np.where(source < self.begun, self._last[:, field], values)
            return values
        return None

    def apply(self, field: int, scores: Floats32) -> None:
        """Bar in `scores` `[batch, size]` what the plan does not have at this step."""
        forced = self.forced(field)
        if forced is not None:
            scores[:] = -np.inf
            scores[np.arange(len(scores)), forced] = 0
            return
        row = self.plan.row(self.step)
        table = self.tables[field]
        if self.plan.fresh[row]:
            leave(scores, (table["kind"] != "hold")[None])
        if self.melodies[field] and (self.step == 0 or self.plan.fresh[row]):
            leave(scores, (table["kind"] != "rest")[None])  # a strain begins with a note
        if self.chords[field] and not self.plan.beats[row] and self.step > 0:
            leave(scores, np.arange(len(table)) == self._last[:, field, None])
        if self.plan.opening is not None and self.step == 0:
            open_in(table, self.plan.opening, scores)

    def update(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` of this step."""
        if not self.plan.endless:
            self.history[:, self.step] = events
        self._last = np.array(events, np.int32)
        for field in np.flatnonzero(self.chords):
            first = self.tables[field]["kind"][events[:, field]] == "chord"
            self.begun = np.where(first, np.minimum(self.begun, self.step), self.begun)
        for field in np.flatnonzero(self.melodies):
            table = self.tables[field]
            values = np.minimum(events[:, field], len(table) - 1)
            kind = table["kind"][values]
            pitch = table["pitch"][values]
            sounding = kind == "sounding"
            again = sounding & (pitch == self.pitch) & (self.since >= 0)
            on = (kind == "note_on") | (sounding & ~again)
            stays = np.where((kind == "hold") | sounding, self.since, -1)
            self.since = np.where(on, self.step, stays)
            self.pitch = np.where(on, pitch, self.pitch)
        self.step += 1

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self.history = self.history[rows]
        self._last = self._last[rows]
        self.pitch = self.pitch[rows]
        self.since = self.since[rows]
        self.begun = self.begun[rows]

    def events(self, row: int) -> Events:
        """Return int32 `[steps, fields]`: all events of one stream, its primer included."""
        return self.history[row, : self.step]


class Lookahead(PlayerWrapper):
    """A player that knows what is fixed later in a step, in the last field.

    An earlier field is drawn in proportion to p(earlier) p(fixed | earlier).
    """

    def __init__(self, player: Player, plan: PlanProcessor) -> None:
        super().__init__(player)
        self._plan = plan

    def logits(self, field: int, chosen: Events, rows: Ints | None = None) -> Floats32:
        """Return float32 `[n, size]`, with what each value leaves to the fixed last field."""
        logits = self.player.logits(field, chosen, rows)
        last = chosen.shape[1] - 1
        plan = self._plan
        if field == last or plan.forced(field) is not None:
            return logits
        if (later := plan.forced(last)) is None:
            return logits
        rows = np.arange(len(chosen)) if rows is None else rows
        count, size = logits.shape
        tried = np.repeat(chosen.astype(np.int32), size, axis=0)
        tried[:, field] = np.tile(np.arange(size), count)
        scores = np.array(self.player.logits(last, tried, np.repeat(rows, size)), np.float32)
        scores = scores.reshape(count, size, -1)
        scores -= scores.max(axis=2, keepdims=True)
        fixed = later[plan.view.live[rows], None, None]
        given = np.take_along_axis(scores, fixed, axis=2)[:, :, 0]
        return np.asarray(logits + given - np.log(np.exp(scores).sum(axis=2)), np.float32)

    def fresh(self) -> Player:
        """Return another player of the same model, without the plan."""
        return self.player.fresh()


def leave(scores: Floats32, allowed: Bools) -> None:
    """Bar what is not `allowed` `[batch or 1, size]`, except in rows where nothing is left."""
    kept = np.where(allowed, scores, -np.inf)
    left = kept.max(axis=1) > -np.inf
    scores[left] = kept[left]
