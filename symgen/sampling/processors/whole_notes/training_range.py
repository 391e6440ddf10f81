"""Staying inside the music of a model where events are whole notes; see `inside`.

A length is chosen with its note, so it is known how long each pitch will sound. A rest is too long
where a shift goes too far beyond the last of those ends.
"""

from __future__ import annotations

import numpy as np

from symgen.controls.targets import Targets
from symgen.encodings import Encoding, Events
from symgen.encodings.base import Grammar
from symgen.sampling.extent import Extent
from symgen.sampling.processors.training_range import BEGIN, Inside, Ints, unempty
from symgen.sampling.processors.whole_notes.time_fields import Flags, Said, pitch_field
from symgen.sampling.request.params import Floats

QUIET = (
    6.0  # nats less on a shift for each second of silence, where density or polyphony has a target
)
DEEP = 8.0  # nats at most
WAIT = 0.5  # seconds at most for which a step that must be a note waits for others to end


class NotesInside(Inside):
    """The limits at work on `batch` streams of whole notes; times are in steps.

    `_ends` [batch, 128] is when each pitch falls silent. As an event adds one note, it is known
    for how many events (`_calm`) no stream can have as many as is rare; so long none is counted.
    """

    def __init__(self, encoding: Encoding, batch: int, extent: Extent) -> None:
        self._shift = Said(encoding, "advance", batch)
        self._length = Said(encoding, "duration", batch)
        self._field, self._rows = pitch_field(encoding), np.arange(batch)
        self._pitches = encoding.table(self._field)["pitch"].astype(np.int64)
        self._ends = np.zeros((batch, 128), np.int64)
        self._begun_all = False  # whether all streams have begun
        self._steered = False  # whether density or polyphony has a target
        super().__init__(encoding, batch, extent)

    def set(self, asked: Targets) -> None:
        """Take the targets: they widen the limits."""
        super().set(asked)
        self._steered = bool({"density", "polyphony"} & set(asked.wishes))

    def _take(self, extent: Extent) -> None:
        super()._take(extent)
        self._calm, self._begun_all = 0, False  # so that both are looked at
        seconds = np.array([extent.longest, extent.usual])
        longest, self._usual = np.maximum((seconds * self._rate).astype(np.int64), 1)
        self._longest = self._most = np.full(len(self._rows), longest)

    def at(self, grammar: Grammar, elapsed: Ints) -> None:
        """Begin a step of streams that have come to `elapsed` `[batch]`."""
        self._now = elapsed
        if not self._begun_all:
            rest, begin = round(self.extent.rest * self._rate), round(BEGIN * self._rate)
            self._rest = np.where(self._begun, rest, begin)
            self._begun_all = bool(self._begun.all())
        sounds = np.maximum.reduce(self._ends, axis=1) - elapsed
        self._sounding = np.maximum(sounds, 0)
        self._left = self._sounding + self._rest
        self._least: Ints | None = None  # steps that a shift must take
        if self._calm <= 0:
            self._count(np.maximum(self._ends - elapsed[:, None], 0))

    def _count(self, over: Ints) -> None:
        """Count what sounds; `over` `[batch, 128]` is for how long each pitch does."""
        crowd = min(self.extent.crowd, 128)
        most = int((over > 0).sum(axis=1).max())
        self._calm = crowd - most
        if most >= crowd:
            wait = np.partition(over, 128 - crowd, axis=1)[:, 128 - crowd]
            self._least = np.minimum(wait, round(WAIT * self._rate))

    def apply(self, field: int, scores: Floats, chosen: Events) -> None:
        """Bar in `scores` `[batch, size]` what lies outside; `chosen` holds the fields before."""
        if field in self._shift.columns:
            if self._steered:
                self._filled(field, scores, chosen)
            wrong = self._hurried(field, chosen)
        elif field in self._length.columns:
            wrong = self._shortened(field, chosen)
        else:  # where no pitch is left above the last of a chord, the engine moves the onset on
            self._bar(field, scores, chosen)
            return
        if wrong is not None:
            before = scores.copy()
            np.putmask(scores, wrong, -np.inf)
            unempty(scores, before)

    def _filled(self, field: int, scores: Floats, chosen: Events) -> None:
        """Make shifts that lead to silence less likely: steering a density would else make it of rests."""
        column, sounding = self._shift.columns[field], self._sounding
        if field != self._shift.first:
            sounding = sounding - self._shift.before(field, chosen)
        silence = np.maximum(column - sounding[:, None], 0)
        scores -= np.minimum(silence * (QUIET / self._rate), DEEP).astype(np.float32)

    def _hurried(self, field: int, chosen: Events) -> Flags | None:
        """Return bool `[batch, size]`: shifts that make a rest too long, or come too early."""
        column, left, least = self._shift.columns[field], self._left, self._least
        if field != self._shift.first:
            took = self._shift.before(field, chosen)
            left = np.maximum(left - took, 0)
            least = None if least is None else least - took
        wrong = _beyond(column, left)
        if least is not None:
            early = column + self._shift.after(field) < least[:, None]
            wrong = early if wrong is None else wrong | early
        return wrong

    def _shortened(self, field: int, chosen: Events) -> Flags | None:
        """Return bool `[batch, size]`: lengths beyond the longest, or the middle one in a crowd."""
        column = self._length.columns[field]
        if field != self._length.first:
            return _beyond(column, self._most - self._length.before(field, chosen))
        self._most = self._longest
        if self._calm <= 0:
            onset = self._now + self._shift.of(chosen)
            crowded = (self._ends > onset[:, None]).sum(axis=1) >= self.extent.crowd
            self._most = np.where(crowded, self._usual, self._longest)
        return _beyond(column, self._most)

    def chosen(self, events: Events, elapsed: Ints) -> None:
        """Take the events int32 `[batch, fields]` that were chosen, after which it is `elapsed`."""
        self._calm -= 1
        pitch, rows = self._pitches.take(events[:, self._field], mode="clip"), self._rows
        ends = elapsed + self._length.of(events)
        if min(pitch.tolist()) < 0:
            [rows] = (pitch >= 0).nonzero()
            pitch, ends = pitch[rows], ends[rows]
        self._ends[rows, pitch] = ends
        self._last[rows] = pitch
        if not self._begun_all:
            self._begun[rows] = True

    def keep(self, rows: Ints) -> None:
        """Go on with the streams `rows`, which are as many as before."""
        super().keep(rows)
        self._ends, self._begun_all = self._ends[rows], False


def _beyond(column: Ints, left: Ints) -> Flags | None:
    """Return bool `[batch, size]`: the values that take more than is `left`; None for none."""
    if min(left.tolist()) >= column[-1]:
        return None
    return np.asarray(column > left[:, None], bool)
