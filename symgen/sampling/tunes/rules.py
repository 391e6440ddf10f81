"""Rules for a melody that is read at sight: its range, leaps, rhythm, and changes of chord.

Every rule bars values of the model, so the music stays the model's own. No rule bars all that is
left to a stream: a note of a cadence or of a plan comes first.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np

from symgen.checks import whole
from symgen.encodings import Events
from symgen.errors import BadOption
from symgen.sampling.engine.view import View
from symgen.sampling.processors.base import Processor, Setup
from symgen.sampling.processors.plan import PlanProcessor, leave
from symgen.types import Array, Bools, Floats32, Ints

NARROWEST = 6  # semitones of a range


@dataclasses.dataclass(frozen=True)
class MelodyRules:
    """`lowest` and `highest` are pitches, `leap` is in semitones, `shortest` in quarter notes.

    Notes and rests begin on multiples of `shortest` from a beat: in 6/8 quarter notes come as a
    quarter and an eighth. Without `syncopation` no
    note lasts over a bar line, or over a beat on which it did not begin. Without `rests` there are
    none. With `bar_chords` the chord changes at bar lines only. BadOption for an empty range.
    """

    lowest: int = 0
    highest: int = 127
    leap: int = 127
    shortest: Fraction = Fraction(1, 12)
    syncopation: bool = True
    rests: bool = True
    bar_chords: bool = False

    def __post_init__(self) -> None:
        whole("lowest", self.lowest, 0, 127)
        whole("highest", self.highest, 0, 127)
        whole("leap", self.leap, 1, 127)
        if self.highest - self.lowest < NARROWEST:
            raise BadOption(
                f"a range of {self.highest - self.lowest} semitones is too small for a melody; "
                f"it needs {NARROWEST} at least"
            )


class RulesProcessor(Processor):
    """Keeps melodies within `rules`; `plan` knows the step, and the note under way."""

    def __init__(self, view: View, rules: MelodyRules, plan: PlanProcessor) -> None:
        super().__init__(view)
        self.rules, self.plan = rules, plan
        rhythm, grid = plan.plan.meter, plan.plan.grid
        self._bar = rhythm.bar(grid)
        self._beat = max(int(4 * grid * rhythm.beat), 1)
        # the fewest steps that are a multiple of the shortest note: on a grid of triplets, of which
        # an eighth note is 3/2 steps, notes begin on quarters
        self._unit = (rules.shortest * grid).numerator
        self._outside = [_outside(table, rules) for table in plan.tables]
        self._chord = np.zeros(view.batch, np.int64)

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one where the request has rules and a plan."""
        rules, plan = setup.request.rules, setup.made.get("plan")
        if rules is None or not isinstance(plan, PlanProcessor):
            return None
        return cls(setup.view, rules, plan)

    def apply(self, field: int, scores: Floats32) -> None:
        """Bar in `scores` `[batch, size]` what the rules do not allow."""
        step = self.plan.step % self._bar
        if self.plan.chords[field] and self.rules.bar_chords and step and self.plan.step:
            leave(scores, np.arange(scores.shape[1]) == self._chord[:, None])
        if not self.plan.melodies[field]:
            return
        table = self.plan.tables[field]
        kind, goes_on = table["kind"], self._goes_on(table)
        if step % self._beat % self._unit:
            sounds = self.plan.since >= 0
            leave(scores, np.where(sounds[:, None], goes_on, kind == "rest"))
        elif not self.rules.syncopation:
            leave(scores, ~(self._must_end(step)[:, None] & goes_on))
        if not self.rules.rests:
            leave(scores, (kind != "rest")[None])
        leave(scores, ~self._outside[field][None])
        leave(scores, ~self._far(table))

    def _goes_on(self, table: Array) -> Bools:
        """Return bool `[batch, size]`: the values with which the note under way goes on."""
        sounds = (self.plan.since >= 0)[:, None]
        same = (table["kind"] == "sounding") & (table["pitch"] == self.plan.pitch[:, None])
        return np.asarray(sounds & ((table["kind"] == "hold") | same))

    def _must_end(self, step: int) -> Bools:
        """Return bool `[batch]`: whether the note under way may not last beyond `step`."""
        off_beat = self.plan.since % self._bar % self._beat != 0
        return np.asarray((step == 0) | ((step % self._beat == 0) & off_beat))

    def _far(self, table: Array) -> Bools:
        """Return bool `[batch, size]`: the notes too far from the one before."""
        before = self.plan.pitch[:, None]
        pitch = table["pitch"].astype(np.int64)
        leap = np.abs(pitch - before)
        return np.asarray((pitch >= 0) & (before >= 0) & (leap > self.rules.leap))

    def update(self, events: Events) -> None:
        """Take the chords of the step."""
        for field in np.flatnonzero(self.plan.chords):
            self._chord = events[:, field].astype(np.int64)

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self._chord = self._chord[rows]


def _outside(table: Array, rules: MelodyRules) -> Bools:
    """Return bool `[size]`: the notes outside the range."""
    pitch = table["pitch"]
    return np.asarray((pitch >= 0) & ((pitch < rules.lowest) | (pitch > rules.highest)))
