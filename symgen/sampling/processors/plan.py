"""Following a plan: what is forced and what may be at each step of many streams side by side, and what they have said.

A value that is given or repeated is set, whatever its score. Where a later field of the step is given, the earlier one is
drawn in proportion to p(earlier) p(given | earlier). Else the plan bars values: a hold where a strain begins, another
chord off the beat, and what a cadence does not have. These bars are a choice of what music is wanted, made in sampling
alone: the likelihood of music under the model knows nothing of them. (Of 19,663 changes of chord in Nottingham tunes 50
are off the beat.) No rule bars all that is left to a stream.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from symgen.encodings import Encoding, Events
from symgen.notes.theory import keys
from symgen.runtime.base import Player
from symgen.sampling.processors.cadence import Bools, CadenceProcessor, Ints, open_in
from symgen.sampling.processors.repeats import Repeats
from symgen.sampling.request.params import Floats

if TYPE_CHECKING:
    from symgen.sampling.tunes.plan import Plan

MELODY, CHORD = ("note_on", "sounding"), ("chord",)


class PlanProcessor:
    """`batch` streams on their way through `plan`. `step` is the next to be chosen, `said` int32 `[batch, steps, fields]`."""

    def __init__(self, plan: Plan, encoding: Encoding, batch: int) -> None:
        self.plan, self.step = plan, 0
        self._tables = [encoding.table(k) for k in range(len(encoding.fields))]
        self._chords = [bool(np.isin(t["kind"], CHORD).any()) for t in self._tables]
        self._melodies = [bool(np.isin(t["kind"], MELODY).any()) for t in self._tables]
        self.said = np.full(
            (batch, 0 if plan.endless else plan.steps, len(self._tables)), -1, np.int32
        )
        self._last = np.full((batch, len(self._tables)), -1, np.int32)
        self._pitch = np.full(batch, -1)  # the last that was struck
        self._since = np.full(batch, -1)  # the step when, -1 once it is over
        self._repeats = [
            Repeats(batch, plan.meter.bar(plan.grid), t["kind"] == "hold") if melody else None
            for t, melody in zip(self._tables, self._melodies, strict=True)
        ]
        self.close = (
            CadenceProcessor(encoding, plan.cadence, batch, plan.key) if plan.cadence else None
        )

    def forced(self, field: int) -> Ints | None:
        """Return int64 `[batch]`: the value that each stream must take; None where the choice is free."""
        if self.plan.copy is not None and (source := self.plan.copy[self.step]) >= 0:
            return np.asarray(self.said[:, source, field], np.int64)
        if self.plan.given is not None and (value := self.plan.given[self.step, field]) >= 0:
            return np.full(len(self.said), int(value))
        return None

    def joint(
        self, field: int, logits: Floats, chosen: Events, player: Player, rows: Ints
    ) -> Floats:
        """Return the logits `[streams, size]` of `field` in the streams `rows`, with what each value leaves to the given last field."""
        last = len(self._tables) - 1
        if (
            self.plan.given is None
            or field == last
            or self.forced(field) is not None
            or (later := self.forced(last)) is None
        ):
            return logits
        tried = np.repeat(chosen[:, None].astype(np.int32), logits.shape[1], axis=1)
        tried[:, :, field] = np.arange(logits.shape[1])
        scores = np.array(player.candidate_logits(last, tried), np.float32)
        scores -= scores.max(axis=2, keepdims=True)
        given = np.take_along_axis(scores, later[rows, None, None], axis=2)[:, :, 0]
        return np.asarray(logits + given - np.log(np.exp(scores).sum(axis=2)), np.float32)

    def apply(self, field: int, scores: Floats) -> None:
        """Bar in `scores` `[batch, size]` what the plan does not have at this step."""
        forced = self.forced(field)
        if forced is not None:
            scores[:] = -np.inf
            scores[np.arange(len(scores)), forced] = 0
            return
        row, table = self.plan.row(self.step), self._tables[field]
        if self.plan.fresh[row]:
            _bar(scores, (table["kind"] != "hold")[None])
        if (repeats := self._repeats[field]) is not None:
            repeats.apply(scores)
        if self._melodies[field] and (self.step == 0 or self.plan.fresh[row]):
            _bar(scores, (table["kind"] != "rest")[None])  # a strain begins with a note
        if self._chords[field] and not self.plan.beats[row] and self.step > 0:
            _bar(scores, np.arange(len(table)) == self._last[:, field, None])
        if self.plan.opening is not None and self.step == 0:
            open_in(table, self.plan.opening, scores)
        if self.close is not None and self.step >= self.close.at.before:
            self._cadence(self.close, field, scores)

    def _cadence(self, close: CadenceProcessor, field: int, scores: Floats) -> None:
        if self.step == close.at.before:
            close.find(self.weights())
        allowed = None
        if self._chords[field]:
            close.lean(field, scores, self.step)
            allowed = close.chords(field, self.step)
        elif self._melodies[field]:
            allowed = close.melody(
                field, self.step, self._pitch, self._since, self._given_classes()
            )
        if allowed is not None:
            _bar(scores, allowed)

    def _given_classes(self) -> Ints | None:
        """Return int64 `[batch]`: the mask of the chord that is given at this step; None where none is."""
        for field, is_chord in enumerate(self._chords):
            if is_chord and (values := self.forced(field)) is not None:
                return self._tables[field]["classes"][values].astype(np.int64)
        return None

    def chosen(self, events: Events) -> None:
        """Take the events int32 `[batch, fields]` of this step."""
        if not self.plan.endless:
            self.said[:, self.step] = events
        self._last = np.array(events, np.int32)
        for field in np.flatnonzero(self._melodies):
            table, values = (
                self._tables[field],
                np.minimum(events[:, field], len(self._tables[field]) - 1),
            )
            if (repeats := self._repeats[field]) is not None:
                repeats.chosen(values.astype(np.int64))
            kind, pitch = table["kind"][values], table["pitch"][values]
            on = (kind == "note_on") | (
                (kind == "sounding") & ((pitch != self._pitch) | (self._since < 0))
            )
            self._since = np.where(
                on, self.step, np.where((kind == "hold") | (kind == "sounding"), self._since, -1)
            )
            self._pitch = np.where(on, pitch, self._pitch)
        self.step += 1

    def keep(self, rows: npt.NDArray[np.int64]) -> None:
        """Go on with the streams `rows`, which are as many as before; one named twice takes the place of another."""
        self.said, self._last, self._pitch, self._since = (
            self.said[rows],
            self._last[rows],
            self._pitch[rows],
            self._since[rows],
        )
        for repeats in self._repeats:
            if repeats is not None:
                repeats.keep(rows)
        if self.close is not None:
            self.close.keys = [self.close.keys[row] for row in rows]

    def heard(self, row: int) -> Events:
        """Return int32 `[steps, fields]`: all that one stream has said."""
        return self.said[row, : self.step]

    def weights(self) -> npt.NDArray[np.float64]:
        """Return float64 `[batch, 12]`: for how many steps each pitch class has sounded; see `symgen.notes.theory.keys`."""
        out = np.zeros((len(self.said), 12))
        said = np.maximum(self.said[:, : self.step], 0)
        for field, table in enumerate(self._tables):
            values, share = said[:, :, field], keys.CHORD if self._chords[field] else 1.0
            kinds = table["kind"][values]
            place = np.maximum.accumulate(
                np.where(kinds == "hold", 0, np.arange(self.step)), axis=1
            )
            values = np.take_along_axis(values, place, axis=1)
            for row in range(len(out)):
                counts = np.bincount(values[row], minlength=len(table))
                out[row] += share * (counts @ keys.bits(table["classes"]))
        return out


def _bar(scores: Floats, allowed: Bools) -> None:
    """Bar what is not `allowed` `[batch or 1, size]`, but in the rows where nothing would be left."""
    wanted = np.where(allowed, scores, -np.inf)
    left = wanted.max(axis=1) > -np.inf
    scores[left] = wanted[left]
