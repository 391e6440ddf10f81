"""What processors see of the streams under way, and what they tell the loop.

A `View` belongs to one batch. The loop keeps it up to date, and the same object serves from the
first step to the last, so a processor may keep a reference to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from symgen.encodings import Encoding, Events
from symgen.encodings.base import Mask
from symgen.sampling.processors.whole_notes.time_fields import columns, is_whole
from symgen.types import Bools, Floats, Floats32, Ints

Deadline = Callable[[Ints], Ints | None]

FOREVER = 2**62  # steps


class ClosingChord(NamedTuple):
    """When music that is brought to an end begins its last chord, in steps.

    From `silent` on the chord holds all the note-ons, on average.
    """

    begin: int
    silent: float


class View:
    """`batch` streams of `encoding`, `rate` of whose steps make a second, up to `total` steps.

    elapsed  int64 [batch], steps up to the event under way; far below 0 in streams that ended
    took     int64 [batch], steps that the event takes; known in `update`
    onset    int64 [batch], `elapsed`, or the onset of the note under way once that is known
    seconds  float64 [batch], `onset` in seconds
    chosen   int32 [batch, fields], the event under way, as far as it is chosen
    live     int64, the streams that have not ended
    logits   float32 [live streams, size], the model's own scores of the field under way

    Where events are whole notes, `onset_field` is the field that completes the onset; else -1.
    """

    def __init__(
        self, encoding: Encoding, batch: int, rate: float | None = None, total: int = FOREVER
    ) -> None:
        self.encoding, self.batch, self.total = encoding, batch, total
        self.rate = rate or encoding.steps_per_second
        self.grammar = encoding.grammar(batch)
        self.whole_notes = is_whole(encoding)
        self.onset_field = max(columns(encoding, "advance")) if self.whole_notes else -1
        self.live = np.arange(batch)
        self.all_live = True
        self.elapsed: Ints = np.zeros(batch, np.int64)
        self.onset = self.elapsed
        self.took = np.zeros(batch, np.int64)
        self.seconds: Floats = np.zeros(batch)
        self.chosen: Events = np.repeat(encoding.start()[None], batch, axis=0)
        self.logits: Floats32 = np.zeros((batch, 0), np.float32)
        self.closing_chord: ClosingChord | None = None
        self.deadlines: list[Deadline] = []  # steps by which notes of these pitches must end
        self.lasting: Bools | None = None  # notes under way that last to their deadline
        self.dropped: Bools | None = None
        self.ended: Bools | None = None
        self.order: Ints | None = None
        self._stops: dict[str, Sequence[int]] = {}
        self.stops: Ints = np.array([total], np.int64)
        self._advance = [
            encoding.table(k)["advance"].astype(np.int64) for k in range(len(encoding.fields))
        ]
        self._later = [k for k, steps in enumerate(self._advance) if k and steps.any()]

    @property
    def sounding(self) -> Mask:
        """Bool `[batch, 128]`: the pitches that sound. Copy it to keep it."""
        return self.grammar.open_pitches()

    # what processors tell the loop

    def stop_at(self, name: str, steps: Iterable[int]) -> None:
        """Let every stream come to these moments exactly; they replace those set by `name`."""
        self._stops[name] = tuple(steps)
        between = {s for some in self._stops.values() for s in some if 0 < s < self.total}
        self.stops = np.array([*sorted(between), self.total], np.int64)

    def drop(self, streams: Bools) -> None:
        """End `streams` bool `[batch]` before the event under way, which is not kept."""
        self.dropped = streams if self.dropped is None else self.dropped | streams

    def end(self, streams: Bools) -> None:
        """End `streams` bool `[batch]` with the event under way."""
        self.ended = streams if self.ended is None else self.ended | streams

    def reorder(self, rows: Ints) -> None:
        """Continue with the streams `rows` `[batch]`; one named twice replaces another."""
        self.order = rows

    # what the loop tells the view

    def next_stop(self, elapsed: Ints | None = None) -> Ints:
        """Return int64 `[batch]` (or `[1]`): the next moment that a stream must come to."""
        if len(self.stops) == 1:
            return self.stops
        places = self.stops.searchsorted(self.elapsed if elapsed is None else elapsed, "right")
        return self.stops.take(places, mode="clip")

    def before_stop(self) -> Ints | None:
        """Return int64 `[batch]`: the steps to the next stop before the end; None for none."""
        if len(self.stops) == 1:
            return None
        stop = self.next_stop()
        return np.where(stop < self.total, stop - self.elapsed, FOREVER)

    def taking(self, events: Events) -> None:
        """Find how long `events` take, int32 `[batch, fields]`."""
        self._advance[0].take(events[:, 0], out=self.took, mode="clip")
        for k in self._later:
            self.took += self._advance[k].take(events[:, k], mode="clip")

    def pass_time(self) -> None:
        """Let the time of the event pass."""
        self.elapsed += self.took
        self.onset = self.elapsed
        self.seconds = self.elapsed / self.rate

    def move_to(self, onset: Ints) -> None:
        """Take the onset of the notes under way."""
        self.onset = onset
        self.seconds = onset / self.rate

    def forget(self, rows: Ints) -> None:
        """Leave out streams that have ended."""
        self.elapsed[rows] = -FOREVER
        self.onset = self.elapsed
        self.seconds = self.elapsed / self.rate

    def passed(self) -> int:
        """Return the steps of all streams together."""
        return int(np.where(self.elapsed < 0, self.total, self.elapsed).sum())

    @property
    def kept(self) -> Ints:
        """The live streams whose event under way is kept so far."""
        return self.live if self.dropped is None else self.live[~self.dropped[self.live]]
