"""A stream: music as it is decided, whose targets may change at any moment."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Any

from symgen.controls import Control
from symgen.encodings import Encoding
from symgen.runtime.base import Player
from symgen.sampling.engine.event_decoder import EventDecoder, StreamEvent, StreamNote
from symgen.sampling.engine.loop import Engine
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
        self, encoding: Encoding, player: Player, request: Request, controls: Sequence[Control] = ()
    ) -> None:
        self.request, self._known = request, controls
        own: dict[str, Any] = dict.fromkeys(request.balance)  # without what goes with them
        self.controls = request.targets.changed(**own)
        self._engine: Engine = engine(encoding, player, request, 1, request.first, controls)
        rate = request.plan.steps_per_second if request.plan else None
        self._decoder = EventDecoder(encoding, rate)
        self._ready: deque[StreamEvent] = deque()
        self._primer = deque(request.primer if request.primer is not None else ())
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
                self._ready += self._decoder.decode(row)
        else:
            for row in self._engine.view.grammar.closing(0):
                self._ready += self._decoder.decode(row)
            self._ready += self._decoder.silence()
            self._over = True

    def notes(self) -> Iterator[StreamNote]:
        """Iterate over whole notes instead, each as soon as its note-off comes."""
        sounding: dict[int, deque[StreamEvent]] = defaultdict(deque)
        for event in self:
            if event.kind == "on":
                sounding[event.pitch].append(event)
            else:
                strike = sounding[event.pitch].popleft()
                yield StreamNote(event.pitch, strike.velocity, strike.time, event.time)
