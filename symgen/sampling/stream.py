"""A stream: music as it is decided, whose targets may change at any moment."""

from __future__ import annotations

import copy
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from symgen.controls import Control
from symgen.encodings import Encoding
from symgen.runtime.base import Player
from symgen.sampling.engine.accompanist import Accompanist
from symgen.sampling.engine.event_decoder import (
    AccompanyingNote,
    EventDecoder,
    StreamEvent,
    StreamNote,
)
from symgen.sampling.engine.loop import Engine
from symgen.sampling.engine.rng import SampleStreams
from symgen.sampling.generate import aim, engine
from symgen.sampling.request.balance import companion
from symgen.sampling.request.reachable import reachable
from symgen.sampling.request.request import Request


class Stream:
    """An iterator over note-ons and note-offs in the order of their times, the primer's first.

    The model runs only as far ahead as is read, so that `set` acts on the very next event. Memory
    does not grow. With the same request the events are those of the sample `request.first`, unless
    that was drawn again.
    """

    def __init__(
        self,
        encoding: Encoding,
        player: Player,
        request: Request,
        controls: Sequence[Control] = (),
        accompany: bool = False,
    ) -> None:
        self.request, self._known = request, controls
        own: dict[str, Any] = dict.fromkeys(request.balance)  # without what goes with them
        self.controls = request.targets.changed(**own)
        self._engine: Engine = engine(encoding, player, request, 1, request.first, controls)
        rate = request.plan.steps_per_second if request.plan else None
        harmony = encoding.harmony if accompany and request.plan else ()
        player_of_chords = Accompanist(request.plan, harmony) if request.plan and harmony else None
        self._decoder = EventDecoder(encoding, rate, player_of_chords)
        self._ready: deque[StreamEvent] = deque()
        self._primer = deque(request.primer if request.primer is not None else ())
        # open notes by pitch and voice whose note-ons were left out
        self._unheard = Counter[tuple[int, int]]()
        self._over = False

    @property
    def seed(self) -> int:
        """The seed, drawn where none was given."""
        return self.request.seed

    @property
    def time(self) -> float:
        """Seconds of music that are decided."""
        return self._decoder.steps / self._decoder.rate

    def set(self, **changes: object) -> None:
        """Change `key`, `density` or any other target from here on; None removes it.

        Times of values that change count from now. BadOption as in sampling.
        """
        request = self.request
        made = self.controls.changed(self.time, request.lasts, **changes)
        encoding = self._engine.view.encoding
        music = None if request.free else request.music
        made, _ = reachable(made, request.extent, encoding)
        brought: dict[str, Any] = companion(made, music, encoding)
        own = request.targets.schedules
        followed = [name for name in request.followed if made.schedules.get(name) == own[name]]
        targets = made.replace(**brought)
        aim(
            self._engine,
            targets,
            self._known,
            request.method,
            (*followed, *brought),
            tuple(brought),
        )
        self.controls = made

    def copy(self) -> Stream:
        """Return another stream that goes on from here just as this one does.

        They share the model and the request; either may be read, changed or closed on its own.
        """
        shared = (self.request, self.request.plan, self._engine.view.encoding, *self._known)
        memo: dict[int, Any] = {id(one): one for one in (*shared, self._known)}
        return copy.deepcopy(self, memo)

    def draw_again(self, number: int) -> None:
        """Draw other random numbers from here on; each `number`, from 1 up, has its own."""
        request = self.request
        again = request.again + number
        self._engine.draws = SampleStreams(request.seed, request.first, 1, again=again)

    def skip_primer(self) -> float:
        """Leave out what is left of the primer; return the seconds at which the music goes on.

        Its notes are not given; nor are their note-offs, where they end later.
        """
        while self._primer:
            for event in self._decoder.decode(self._primer.popleft()):
                self._unheard[_note(event)] += 1 if event.kind == "on" else -1
        return self.time

    def close(self) -> None:
        """End the music here: what is left to read are the note-offs of what sounds."""
        if not self._over:
            self._primer.clear()
            self._ready += self._heard(self._decoder.silence())
            self._over = True

    def __iter__(self) -> Iterator[StreamEvent]:
        return self

    def __next__(self) -> StreamEvent:
        while not self._ready:
            if self._over:
                raise StopIteration
            self._more()
        return self._ready.popleft()

    def _more(self) -> None:
        if self._primer:
            self._ready += self._decoder.decode(self._primer.popleft())
        elif len(self._engine.view.live):
            for row in self._engine.step()[1]:
                self._ready += self._heard(self._decoder.decode(row))
        else:
            for row in self._engine.view.grammar.closing(0):
                self._ready += self._heard(self._decoder.decode(row))
            self._ready += self._heard(self._decoder.silence())
            self._over = True

    def _heard(self, events: list[StreamEvent]) -> list[StreamEvent]:
        """Leave out the note-offs of notes whose note-ons were left out; those came first."""
        if not self._unheard:
            return events
        out = list[StreamEvent]()
        for event in events:
            if event.kind == "off" and self._unheard[_note(event)] > 0:
                self._unheard[_note(event)] -= 1
            else:
                out.append(event)
        return out

    def notes(self, in_order: bool = False) -> Iterator[StreamNote]:
        """Iterate over whole notes instead, each as soon as its note-off comes.

        With `in_order` they come in the order of their beginnings, so a long one holds back those
        that begin after it.
        """
        return _ordered(self) if in_order else self._notes()

    def _notes(self) -> Iterator[StreamNote]:
        sounding: dict[tuple[int, int], deque[StreamEvent]] = defaultdict(deque)
        for event in self:
            if event.kind == "on":
                sounding[_note(event)].append(event)
            else:
                yield _whole(sounding[_note(event)].popleft(), event.time)


def _ordered(events: Iterable[StreamEvent]) -> Iterator[StreamNote]:
    """Yield whole notes in the order of their note-ons."""
    begun = deque[tuple[StreamEvent, list[float]]]()  # each with its end, once that is known
    sounding: dict[tuple[int, int], deque[list[float]]] = defaultdict(deque)
    for event in events:
        if event.kind == "on":
            end = list[float]()
            begun.append((event, end))
            sounding[_note(event)].append(end)
        else:
            sounding[_note(event)].popleft().append(event.time)
        while begun and begun[0][1]:
            strike, [time] = begun.popleft()
            yield _whole(strike, time)


def _note(event: StreamEvent) -> tuple[int, int]:
    """Return what pairs a note-off with its note-on."""
    return event.pitch, event.voice


def _whole(strike: StreamEvent, end: float) -> StreamNote:
    made = AccompanyingNote if strike.voice else StreamNote
    return made(strike.pitch, strike.velocity, strike.time, end)
