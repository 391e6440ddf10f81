"""Events of a stream, decoded as they come to note-ons and note-offs in seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from symgen.encodings import Encoding, Events
from symgen.encodings.base import Change
from symgen.sampling.engine.accompanist import Accompanist


class StreamEvent(NamedTuple):
    """A note-on (`kind` "on") or note-off ("off") at `time` in seconds.

    A note-off has the velocity of its note-on.
    """

    kind: str
    time: float
    pitch: int
    velocity: int

    @property
    def voice(self) -> int:
        """0 for the music of the model, 1 for an accompaniment."""
        return 0


class AccompanyingEvent(StreamEvent):
    """One of an accompaniment."""

    @property
    def voice(self) -> int:
        """See StreamEvent."""
        return 1


class StreamNote(NamedTuple):
    """A note whose note-off has come; times in seconds."""

    pitch: int
    velocity: int
    start_time: float
    end_time: float

    @property
    def voice(self) -> int:
        """0 for the music of the model, 1 for an accompaniment."""
        return 0


class AccompanyingNote(StreamNote):
    """One of an accompaniment."""

    @property
    def voice(self) -> int:
        """See StreamNote."""
        return 1


class EventDecoder:
    """Decodes one stream of `encoding`, `rate` of whose steps make a second.

    With an `accompanist`, it adds what that plays under the melody.
    """

    def __init__(
        self,
        encoding: Encoding,
        rate: float | None = None,
        accompanist: Accompanist | None = None,
    ) -> None:
        self.rate = rate or encoding.steps_per_second
        self._decoder = encoding.decoder()
        self._accompanist = accompanist
        names = [field.name for field in encoding.fields]
        self._chord = names.index("chord") if accompanist else -1

    @property
    def steps(self) -> int:
        """The time that is decided so far, in steps."""
        return self._decoder.steps

    def decode(self, row: Events) -> list[StreamEvent]:
        """Take one event int32 `[fields]`; return what it decides, in order of time."""
        now, changes = self.steps, self._decoder.take(row)
        if self._accompanist is None:
            return self._in_seconds(changes)
        under = self._accompanist.take(now, int(row[self._chord]), changes)
        return self._in_seconds(changes) + self._in_seconds(under, AccompanyingEvent)

    def silence(self) -> list[StreamEvent]:
        """Return the note-offs of everything that still sounds."""
        changes = self._decoder.finish()
        if self._accompanist is None:
            return self._in_seconds(changes)
        under = self._accompanist.finish(self.steps)
        return self._in_seconds(changes) + self._in_seconds(under, AccompanyingEvent)

    def _in_seconds(
        self, changes: Iterable[Change], made: type[StreamEvent] = StreamEvent
    ) -> list[StreamEvent]:
        return [
            made(kind, time / self.rate, pitch, velocity) for kind, time, pitch, velocity in changes
        ]
