"""Staying inside the training music where events are whole notes; see `processors.training_range`.

The length of a note is chosen with it, so it is known how long each pitch will sound. A rest is
too long where a shift goes too far beyond the last of those ends.
"""

from __future__ import annotations

import numpy as np

from symgen.encodings import Events
from symgen.sampling.engine.view import View
from symgen.sampling.extent import Extent
from symgen.sampling.processors.base import Goals
from symgen.sampling.processors.training_range import BEGIN, TrainingRange, unempty
from symgen.sampling.processors.whole_notes.time_fields import TimeFields, pitch_field
from symgen.types import Bools, Floats32, Ints

QUIET = 6.0  # nats less on a shift for each second of silence, if density or polyphony has a target
DEEP = 8.0  # nats at most
WAIT = 0.5  # seconds at most for which the next note waits for others to end


class NotesRange(TrainingRange):
    """Keeps streams of whole notes inside `extent`. Times are in steps.

    `_ends` [batch, 128] is when each pitch falls silent. An event adds one note, so it is known
    for how many events (`_calm`) no stream can have as many as is rare; until then none is counted.
    """

    def __init__(self, view: View, extent: Extent) -> None:
        encoding, batch = view.encoding, view.batch
        self._shift = TimeFields(encoding, "advance", batch)
        self._length = TimeFields(encoding, "duration", batch)
        self._field = pitch_field(encoding)
        self._rows = np.arange(batch)
        self._pitches = encoding.table(self._field)["pitch"].astype(np.int64)
        self._ends = np.zeros((batch, 128), np.int64)
        self._all_started = False  # whether all streams have started
        self._filled = False  # whether density or polyphony has a target
        super().__init__(view, extent)
        timed = self._shift.columns | self._length.columns
        self._acts = [bool(on.any()) or k in timed for k, on in enumerate(self._on)]

    def set(self, goals: Goals) -> None:
        """Make room for the targets; density and polyphony are not to be met by silence."""
        super().set(goals)
        self._filled = bool({"density", "polyphony"} & set(goals.targets.schedules))

    def _take(self, extent: Extent) -> None:
        super()._take(extent)
        self._calm, self._all_started = 0, False  # so that both are looked at
        seconds = np.array([extent.longest, extent.usual])
        longest, self._usual = np.maximum((seconds * self._rate).astype(np.int64), 1)
        self._longest = self._most = np.full(len(self._rows), longest)

    def begin_step(self, view: View) -> None:
        """Find how long a rest may be, and how long the next note must wait."""
        if not self._all_started:
            rest = round(self.extent.rest * self._rate)
            begin = round(BEGIN * self._rate)
            self._rest = np.where(self._started, rest, begin)
            self._all_started = bool(self._started.all())
        sounds = np.maximum.reduce(self._ends, axis=1) - view.elapsed
        self._sounding = np.maximum(sounds, 0)
        self._left = self._sounding + self._rest
        self._least: Ints | None = None  # steps that a shift must take
        if self._calm <= 0:
            self._count(np.maximum(self._ends - view.elapsed[:, None], 0))

    def _count(self, over: Ints) -> None:
        """Count what sounds; `over` `[batch, 128]` is for how long each pitch does."""
        crowd = min(self.extent.crowd, 128)
        most = int((over > 0).sum(axis=1).max())
        self._calm = crowd - most
        if most >= crowd:
            wait = np.partition(over, 128 - crowd, axis=1)[:, 128 - crowd]
            self._least = np.minimum(wait, round(WAIT * self._rate))

    def apply(self, field: int, scores: Floats32) -> None:
        """Bar what lies outside in `scores` `[batch, size]`."""
        if field in self._shift.columns:
            if self._filled:
                self._fill(field, scores)
            wrong = self._hurried(field)
        elif field in self._length.columns:
            wrong = self._shortened(field)
        else:  # where no pitch is left above the last of a chord, the onset moves on
            self._bar(field, scores)
            return
        if wrong is not None:
            before = scores.copy()
            np.putmask(scores, wrong, -np.inf)
            unempty(scores, before)

    def _fill(self, field: int, scores: Floats32) -> None:
        """Make shifts into silence less likely; a low density would else be met by rests."""
        column = self._shift.columns[field]
        sounding = self._sounding
        if field != self._shift.first:
            sounding = sounding - self._shift.before(field, self.view.chosen)
        silence = np.maximum(column - sounding[:, None], 0)
        scores -= np.minimum(silence * (QUIET / self._rate), DEEP).astype(np.float32)

    def _hurried(self, field: int) -> Bools | None:
        """Return bool `[batch, size]`: shifts that make a rest too long, or come too early."""
        column = self._shift.columns[field]
        left = self._left
        least = self._least
        if field != self._shift.first:
            took = self._shift.before(field, self.view.chosen)
            left = np.maximum(left - took, 0)
            least = None if least is None else least - took
        wrong = _beyond(column, left)
        if least is not None:
            early = column + self._shift.after(field) < least[:, None]
            wrong = early if wrong is None else wrong | early
        return wrong

    def _shortened(self, field: int) -> Bools | None:
        """Return bool `[batch, size]`: lengths beyond the longest, or in a crowd the median."""
        column = self._length.columns[field]
        chosen = self.view.chosen
        if field != self._length.first:
            return _beyond(column, self._most - self._length.before(field, chosen))
        self._most = self._longest
        if self._calm <= 0:
            onset = self.view.elapsed + self._shift.of(chosen)
            crowded = (self._ends > onset[:, None]).sum(axis=1) >= self.extent.crowd
            self._most = np.where(crowded, self._usual, self._longest)
        return _beyond(column, self._most)

    def update(self, events: Events) -> None:
        """Take the notes of `events`."""
        self._calm -= 1
        pitch = self._pitches.take(events[:, self._field], mode="clip")
        rows = self._rows
        ends = self.view.elapsed + self.view.took + self._length.of(events)
        if min(pitch.tolist()) < 0:
            [rows] = (pitch >= 0).nonzero()
            pitch = pitch[rows]
            ends = ends[rows]
        self._ends[rows, pitch] = ends
        self._last[rows] = pitch
        if not self._all_started:
            self._started[rows] = True

    def select(self, rows: Ints) -> None:
        """Continue with the streams `rows`."""
        super().select(rows)
        self._ends = self._ends[rows]
        self._all_started = False


def _beyond(column: Ints, left: Ints) -> Bools | None:
    """Return bool `[batch, size]`: the values that take more than is `left`; None for none."""
    if min(left.tolist()) >= column[-1]:
        return None
    return np.asarray(column > left[:, None], bool)
