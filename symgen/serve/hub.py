"""What all listeners share: the loaded models, the soundfont, the threads, and who is listening."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import anyio.to_thread

from symgen.errors import BadOption, SymgenError, unknown
from symgen.process import cores
from symgen.rendering.soundfont.live import Sampler
from symgen.sampling.model import PlayableModel
from symgen.serve.live.session import Session
from symgen.serve.live.wish import Wish

T = TypeVar("T")


class Full(SymgenError):
    """There are as many listeners as the server was started for."""


class Hub:
    """`models` by name, of which the first is the usual one; at most `most` sessions at once."""

    def __init__(self, models: Mapping[str, PlayableModel], sampler: Sampler, most: int) -> None:
        self.models, self.sampler, self.most = models, sampler, most
        self.sessions: dict[str, Session] = {}
        self._workers = anyio.CapacityLimiter(cores())

    async def work(self, call: Callable[..., T], *arguments: Any) -> T:
        """Call a function in one of a few threads, as many as there are cores."""
        return await anyio.to_thread.run_sync(call, *arguments, limiter=self._workers)

    async def open(self, wish: Wish, sound: bool = True) -> Session:
        """Begin a session. Full, or BadOption for what the model cannot do."""
        if len(self.sessions) >= self.most:
            raise Full(
                f"{self.most} listeners are all that this server was started for; try again later, "
                "or start it with a larger --most"
            )
        if wish.model not in self.models:
            raise BadOption(unknown("model", wish.model, self.models))
        name = secrets.token_urlsafe(9)
        sampler = self.sampler if sound else None
        self.sessions[name] = None  # type: ignore[assignment]  # its place is taken
        try:
            made = await self.work(Session, name, self.models[wish.model], wish, sampler)
        except BaseException:
            del self.sessions[name]
            raise
        self.sessions[name] = made
        return made

    def close(self, session: Session) -> None:
        """End a session; its memory is free."""
        self.sessions.pop(session.name, None)
