"""The times of whole notes: each event chooses its onset, then its note, then how long it lasts.

In an encoding of note-ons and note-offs time passes after an event; here the shift of an event
comes before its note. So a stream of a given length ends with the first onset that lies at the end
or beyond it, and that event is not kept. A note that would last beyond the end, or beyond another
deadline (`View.deadlines`), ends there.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Events
from symgen.sampling.engine.view import FOREVER, View
from symgen.sampling.processors.base import Processor, Setup
from symgen.sampling.processors.whole_notes.time_fields import TimeFields, pitch_field
from symgen.types import Ints

# notes at once, and in a second: as many as in the densest of 1,908,609 notes of piano music
CROWD, MOST = 16, 70
TRIES = 20  # moves of an onset, each twice as far as the one before, until some pitch is free


class NoteTimesProcessor(Processor):
    """Holds the onset and the length of the note under way to the stops and deadlines of `view`."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._shift = TimeFields(view.encoding, "advance", view.batch)
        self._length = TimeFields(view.encoding, "duration", view.batch)
        self._crowd = np.zeros(view.batch)  # notes; in a second MOST of them are forgotten
        self._pitch = pitch_field(view.encoding)
        self._pitches = view.encoding.table(self._pitch)["pitch"].astype(np.int64)

    @classmethod
    def make(cls, setup: Setup) -> Processor | None:
        """Return one where events are whole notes."""
        return cls(setup.view) if setup.view.whole_notes else None

    def acts(self, field: int) -> bool:
        """Return False: it only changes values that are chosen."""
        return False

    def choose(self, field: int, values: Ints) -> Ints:
        """Return the `values` `[batch]` of `field` within the next stop, or the deadline."""
        view = self.view
        if field in self._shift.columns:
            if field == self._shift.first:
                self._limit = view.before_stop()
            values = self._shift.take(field, values, self._limit)
            if field == view.onset_field:
                if max(self._crowd.tolist()) > CROWD - 1:
                    values = self._apart(values)
                view.move_to(view.elapsed + self._shift.steps)
        elif field in self._length.columns:
            if field == self._length.first:
                self._most = self._until()
            values = self._length.take(field, values, self._most, view.lasting)
        return values

    def _apart(self, values: Ints) -> Ints:
        """Return later `values` of the last shift field where more notes came than hands play."""
        view, chord = self.view, self.view.closing_chord
        wait = np.ceil((self._crowd - CROWD + 1) * view.rate / MOST).astype(np.int64)
        wait = np.minimum(wait, self._shift.columns[view.onset_field].max())
        if self._limit is not None:
            wait = np.minimum(wait, self._limit)
        if chord is not None:
            wait[view.elapsed >= chord.begin] = 0
        early = self._shift.steps < wait
        self._shift.steps = np.where(early, wait, self._shift.steps)
        return np.where(early, self._shift.within(view.onset_field, wait), values)

    def _until(self) -> Ints | None:
        """Return int64 `[batch]`: the steps that the note under way may last; None for no limit."""
        view, most = self.view, None
        if view.total != FOREVER:
            most = np.full(view.batch, view.total)
        pitches = self._pitches.take(view.chosen[:, self._pitch])
        for deadline in view.deadlines:
            if (steps := deadline(pitches)) is not None:
                most = steps if most is None else np.minimum(most, steps)
        return None if most is None else np.maximum(most - view.onset, 1)

    def moved(self, view: View) -> None:
        """End the streams whose next note would begin at the end or later."""
        over = view.onset >= view.total
        if True in over.tolist():
            view.drop(over)

    def unblock(self, field: int, rows: Ints, attempt: int) -> bool:
        """Move the onset of `rows` on, each time twice as far, but not beyond a stop.

        No pitch above the last one of a chord may be free, or all pitches may sound.
        """
        view = self.view
        if field <= view.onset_field or attempt >= TRIES:
            return False
        made = self._shift.steps[rows] + 2**attempt
        limit = view.before_stop()
        if limit is not None:
            made = np.minimum(made, limit[rows])
        self._shift.write(view.chosen, rows, made)
        for shift in self._shift.columns:
            view.grammar.choose(shift, view.chosen[rows, shift], rows)
        self._shift.steps[rows] = np.minimum(made, self._shift.longest)
        view.move_to(view.elapsed + self._shift.steps)
        return True

    def update(self, events: Events) -> None:
        """Count the notes, and forget those that came some time ago."""
        self._crowd -= self.view.took * (MOST / self.view.rate)
        np.maximum(self._crowd, 0, out=self._crowd)
        self._crowd += 1

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        self._crowd = self._crowd[rows]
