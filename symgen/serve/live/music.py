"""A source of notes and their sound, in blocks that follow one another; it can be copied.

A block is `FRAMES` long. All notes that begin in it, and for `AHEAD` more, are decided before it is
rendered. Times are in seconds from the first block of the session.
"""

from __future__ import annotations

import copy
from collections import defaultdict, deque
from typing import NamedTuple

import numpy as np

from symgen.rendering.limiter import soft
from symgen.rendering.soundfont.live import BlockSynth
from symgen.rendering.soundfont.live.blocks import AHEAD
from symgen.rendering.soundfont.reverb import SECONDS as RINGING
from symgen.sampling.engine.event_decoder import StreamEvent
from symgen.serve.live.source import Source
from symgen.serve.live.touch import Touch

RATE = 44100
FRAMES = 11025
LONG = FRAMES / RATE
"""Seconds of a block."""

RECENT = 160
"""The notes that are at hand, to compare passages with what was played."""

FULL = 32767


class Row(NamedTuple):
    """A note: seconds, MIDI pitch and velocity, and its track: 1 for an accompaniment, else 0.

    A later row of the same start, pitch and track replaces an earlier one: its end is known now.
    """

    start: float
    end: float
    pitch: int
    velocity: int
    track: int = 0


class Music:
    """Music from frame `frame` on. `synth` None makes no sound."""

    def __init__(
        self, source: Source, synth: BlockSynth | None, touch: Touch, frame: int = 0
    ) -> None:
        self.synth, self.touch, self.frame = synth, touch, frame
        self.recent = deque[Row](maxlen=RECENT)  # in the order of their beginnings
        self._open: dict[tuple[int, int], deque[Row]] = defaultdict(deque)  # by pitch and track
        self.begin(source)

    @property
    def time(self) -> float:
        """Seconds made so far."""
        return self.frame / RATE

    @property
    def decided(self) -> float:
        """The time up to which notes are decided once `decide` was called."""
        return self.time + LONG + AHEAD

    def copy(self) -> Music:
        """Return music that goes on from here just as this does."""
        other = copy.copy(self)
        other.source, other.touch = self.source.copy(), self.touch.copy()
        other.synth = self.synth.copy() if self.synth is not None else None
        other.recent = self.recent.copy()
        other._open = defaultdict(deque, {p: rows.copy() for p, rows in self._open.items() if rows})
        return other

    def begin(self, source: Source) -> list[Row]:
        """Go on with another source; what sounds ends here, and is returned."""
        self.source = source
        self._shift = self.time - source.skip_primer()  # what a primer plays was heard already
        self._last = self.time  # of the last event
        self._coming: StreamEvent | None = None
        self._over = False
        self.taken = 0  # events of the source
        ended = [row._replace(end=self.time) for rows in self._open.values() for row in rows]
        self._open.clear()
        if self.synth is not None:
            self.synth.release(self.time)
        return ended

    def decide(self, most: int | None = None) -> list[Row]:
        """Decide the notes of the next block; return those that begin, end or sound in it.

        At most `most` events are taken from the source in all. The last of them mostly belongs to
        a later block, so with one less it is not decided yet.
        """
        rows = list[Row]()
        while self._more(most) and self._coming and self._coming.time < self.decided:
            rows.append(self._take(self._coming))
            self._coming = None
        before = self.time + AHEAD  # what began later is among the rows
        for sounding in self._open.values():
            rows += [row._replace(end=self.decided) for row in sounding if row.start < before]
        return rows

    @property
    def waiting(self) -> int:
        """How many events are decided that belong to a later block: 0 or 1."""
        return int(self._coming is not None)

    def _more(self, most: int | None) -> bool:
        """Return whether there is an event to come, which is taken from the source if need be."""
        if self._coming is None and not self._over and self.taken != most:
            event = next(self.source, None)
            self._over = event is None
            if event is not None:
                self._coming = event._replace(time=event.time + self._shift)
                self.taken += 1
        return self._coming is not None

    def _take(self, event: StreamEvent) -> Row:
        self._last = event.time
        if event.kind == "off":
            if self.synth is not None:
                self.synth.off(event.time, event.pitch, event.voice)
            return self._open[event.pitch, event.voice].popleft()._replace(end=event.time)
        velocity = self.touch.play(event.velocity)
        row = Row(event.time, self.decided, event.pitch, velocity, event.voice)
        if self.synth is not None:
            self.synth.on(row.start, row.pitch, row.velocity, row.track)
        self._open[row.pitch, row.track].append(row)
        if row.track == 0:  # an accompaniment follows from the chords: it is no passage of its own
            self.recent.append(row)
        return row

    def render(self) -> tuple[bytes, bool]:
        """Return the sound of the next block, int16 stereo, and whether it is the last."""
        self.frame += FRAMES
        over = self._over and self._coming is None and self.time > self._last + RINGING
        if self.synth is None:
            return b"", over
        made = soft(self.synth.render(FRAMES))
        return np.round(made * FULL).astype("<i2").tobytes(), over and self.synth.idle
