"""What all listeners share: the loaded models, the soundfont, the threads, and who is listening."""

from __future__ import annotations

import functools
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from symgen.errors import BadOption, SymgenError, unknown
from symgen.process import cores
from symgen.rendering.soundfont.live import Sampler
from symgen.sampling.model import PlayableModel
from symgen.serve.live.session import Block, Session
from symgen.serve.live.theme import Theme
from symgen.serve.live.wish import Wish
from symgen.similarity.known import Known
from symgen.similarity.passages import Index

T = TypeVar("T")
Message = dict[str, Any]


class Full(SymgenError):
    """There are as many listeners as the server was started for."""


class Gone(SymgenError):
    """There is no such stream, or no longer."""


class Seat:
    """A session in its place: one call at a time, and messages that wait for the listener."""

    def __init__(self, hub: Hub, session: Session) -> None:
        self.hub, self.session = hub, session
        self.waiting = deque[Message]()
        self.woken = anyio.Event()
        self.closed = False
        self._turn = anyio.Lock()

    async def make(self) -> tuple[list[Message], Block]:
        """Make the next block; return it after the messages that come before it."""
        async with self._turn:
            before = self.told()
            return before, await self.hub.work(self.session.make)

    def told(self) -> list[Message]:
        """Return the messages that wait; they wait no longer."""
        found = list(self.waiting)
        self.waiting.clear()
        return found

    async def change(self, values: Mapping[str, Any]) -> float:
        """Change targets; return the time from which the music is another."""
        return await self._do("set", functools.partial(self.session.set, values), values=values)

    async def answer(self, theme: Theme) -> float:
        """Answer a theme; return the time from which the music does."""
        call = functools.partial(self.session.answer, theme)
        return await self._do("theme", call, notes=len(theme.notes))

    async def finish(self, seconds: float) -> float:
        """Bring the music to an end within about `seconds`; return the time from which it is."""
        call = functools.partial(self.session.finish, seconds)
        return await self._do("finish", call, seconds=seconds)

    async def _do(self, kind: str, call: Callable[[], float], **values: Any) -> float:
        """Change the music, and tell the listener what it has to drop, and what was done."""
        async with self._turn:
            before = self.session.music.time
            at = await self.hub.work(call)
            if at < before:
                self.tell("cut", at=at)
            self.tell(kind, at=at, **values)
        return at

    def tell(self, kind: str, **values: Any) -> None:
        """Let a message wait until the listener is sent something next."""
        self.waiting.append({"type": kind, **values})
        self.wake()

    def wake(self) -> None:
        """Let who sends to the listener look again at what there is to do."""
        self.woken.set()

    async def wait(self, seconds: float) -> None:
        """Wait until there is something to do, for at most these seconds."""
        self.woken = anyio.Event()
        with anyio.move_on_after(seconds):
            await self.woken.wait()

    def close(self) -> None:
        """Let the stream end; who sends to the listener leaves, and its memory is free."""
        self.closed = True
        self.hub.seats.pop(self.session.name, None)
        self.wake()


class Hub:
    """`models` by name, of which the first is the usual one; at most `most` listeners at once.

    `indices` are those of the training music, for the models that have one. `font` is the soundfont
    that was named.
    """

    def __init__(
        self,
        models: Mapping[str, PlayableModel],
        sampler: Sampler,
        most: int,
        indices: Mapping[str, Index | Known] | None = None,
        font: str | None = None,
    ) -> None:
        self.models, self.sampler, self.most = models, sampler, most
        self.indices, self.font = indices or {}, font
        self.seats: dict[str, Seat] = {}
        self._opening = 0
        self._workers = anyio.CapacityLimiter(cores())
        self._slow = anyio.CapacityLimiter(1)

    async def work(self, call: Callable[..., T], *arguments: Any) -> T:
        """Call a function in one of a few threads, as many as there are cores."""
        return await anyio.to_thread.run_sync(call, *arguments, limiter=self._workers)

    async def work_long(self, call: Callable[..., T], *arguments: Any) -> T:
        """Call a function that takes long, one at a time, so that the music has the other cores."""
        return await anyio.to_thread.run_sync(call, *arguments, limiter=self._slow)

    async def open(self, wish: Wish, sound: bool = True) -> Seat:
        """Begin a session. Full, or BadOption for what the model cannot do."""
        if wish.model not in self.models:
            raise BadOption(unknown("model", wish.model, self.models))
        if len(self.seats) + self._opening >= self.most:
            raise Full(
                f"{self.most} listeners are all that this server was started for; try again later, "
                "or start it with a larger --most"
            )
        name, model = secrets.token_urlsafe(9), self.models[wish.model]
        sampler = self.sampler if sound else None
        self._opening += 1
        try:
            made = await self.work(
                Session, name, model, wish, sampler, self.indices.get(wish.model)
            )
        finally:
            self._opening -= 1
        seat = self.seats[name] = Seat(self, made)
        return seat

    def seat(self, name: str) -> Seat:
        """Return the seat of a stream; Gone if there is none."""
        if name not in self.seats:
            raise Gone(f"there is no stream {name[:40]!r}, or no longer; open another")
        return self.seats[name]
