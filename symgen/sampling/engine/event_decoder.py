"""Events of a stream, decoded as they come to note-ons and note-offs in seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from symgen.encodings import Encoding, Events
from symgen.encodings.base import Change


class StreamEvent(NamedTuple):
    """A note-on (`kind` "on") or note-off ("off") at `time` in seconds.

    A note-off has the velocity of its note-on.
    """

    kind: str
    time: float
    pitch: int
    velocity: int


class StreamNote(NamedTuple):
    """A note whose note-off has come; times in seconds."""

    pitch: int
    velocity: int
    start_time: float
    end_time: float


class EventDecoder:
    """Decodes one stream of `encoding`, `rate` of whose steps make a second."""

    def __init__(self, encoding: Encoding, rate: float | None = None) -> None:
        self.rate = rate or encoding.steps_per_second
        self._decoder = encoding.decoder()

    @property
    def steps(self) -> int:
        """The time that is decided so far, in steps."""
        return self._decoder.steps

    def decode(self, row: Events) -> list[StreamEvent]:
        """Take one event int32 `[fields]`; return what it decides, in order of time."""
        return self._in_seconds(self._decoder.take(row))

    def silence(self) -> list[StreamEvent]:
        """Return the note-offs of everything that still sounds."""
        return self._in_seconds(self._decoder.finish())

    def _in_seconds(self, changes: Iterable[Change]) -> list[StreamEvent]:
        return [
            StreamEvent(kind, time / self.rate, pitch, velocity)
            for kind, time, pitch, velocity in changes
        ]
