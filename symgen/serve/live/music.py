"""A stream and its sound, in blocks that follow one another; it can be copied, to come back to.

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
from symgen.sampling.stream import Stream

RATE = 44100
FRAMES = 11025
LONG = FRAMES / RATE
"""Seconds of a block."""

LOUDEST = 32767


class Row(NamedTuple):
    """A note: seconds, MIDI pitch and velocity, and the track it belongs to.

    A later row of the same start, pitch and track replaces an earlier one: its end is known now.
    """

    start: float
    end: float
    pitch: int
    velocity: int
    track: int = 0


class Block(NamedTuple):
    """What was made: `sound` is int16 stereo, interleaved; `rows` begin in it, or have ended."""

    frame: int
    sound: bytes
    rows: list[Row]
    over: bool  # whether nothing comes after it


class Music:
    """Music from frame `frame` on. `synth` None makes no sound."""

    def __init__(self, stream: Stream, synth: BlockSynth | None, frame: int = 0) -> None:
        self.stream, self.synth, self.frame = stream, synth, frame
        self.shift = self.time - stream.skip_primer()  # what a primer plays was heard already
        self.recent = deque[Row](maxlen=64)  # notes in the order of their beginnings
        self._open: dict[int, deque[Row]] = defaultdict(deque)
        self._quiet = 0.0  # since when nothing sounds, once the stream is over
        self._coming = next(stream, None)

    @property
    def time(self) -> float:
        """Seconds made so far."""
        return self.frame / RATE

    def copy(self) -> Music:
        """Return music that goes on from here just as this does."""
        other = copy.copy(self)
        other.stream = self.stream.copy()
        other.synth = self.synth.copy() if self.synth is not None else None
        other.recent = self.recent.copy()
        other._open = defaultdict(deque, {p: rows.copy() for p, rows in self._open.items() if rows})
        return other

    def decide(self) -> list[Row]:
        """Decide the notes of the next block; return those that begin or end until then."""
        rows = list[Row]()
        known = self.time + LONG + AHEAD
        while self._coming is not None and self._coming.time + self.shift < known:
            event = self._coming._replace(time=self._coming.time + self.shift)
            rows.append(self._take(event))
            if self.synth is not None:
                self.synth.take(event)
            self._coming = next(self.stream, None)
        for sounding in self._open.values():
            rows += [row._replace(end=known) for row in sounding if row.start < known - LONG]
        return rows

    def _take(self, event: StreamEvent) -> Row:
        self._quiet = event.time
        if event.kind == "off":
            return self._open[event.pitch].popleft()._replace(end=event.time)
        until = self.time + LONG + AHEAD
        row = Row(event.time, max(until, event.time), event.pitch, event.velocity)
        self._open[event.pitch].append(row)
        self.recent.append(row)
        return row

    def render(self) -> tuple[bytes, bool]:
        """Return the sound of the next block, and whether it is the last."""
        self.frame += FRAMES
        over = self._coming is None and self.time > self._quiet + RINGING
        if self.synth is None:
            return b"", over
        made = soft(self.synth.render(FRAMES))
        sound = np.round(made * LOUDEST).astype("<i2").tobytes()
        return sound, over and self.synth.idle

    def release(self) -> list[Row]:
        """Let go of all that sounds; return the notes that end with it."""
        if self.synth is not None:
            self.synth.release(self.time)
        ended = [row._replace(end=self.time) for rows in self._open.values() for row in rows]
        self._open.clear()
        return ended
