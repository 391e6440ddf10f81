"""`WS /api/stream`: a listener, its music and its sound, over one WebSocket.

Text frames are JSON with a `type`; a binary frame is the index of its first frame, float64, and
then int16 stereo.
"""

from __future__ import annotations

import contextlib
import json
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
from starlette.websockets import WebSocket, WebSocketDisconnect

from symgen.errors import SymgenError, shorten
from symgen.serve.answers.asked import wish_of
from symgen.serve.hub import Full, Hub
from symgen.serve.live.music import RATE
from symgen.serve.live.session import Session

KINDS = ("played", "pause", "resume", "set", "favourite")
MOST_WAITING = 20  # messages that wait for an answer; more are dropped
LONGEST_WAIT = 5.0  # seconds
CLOSED, REFUSED, LATER = 1000, 1008, 1013  # codes of the WebSocket protocol


class Listener:
    """The two directions of a WebSocket: `read` takes the listener's words, `write` sends music."""

    def __init__(self, hub: Hub, socket: WebSocket, session: Session) -> None:
        self.hub, self.socket, self.session = hub, socket, session
        self.asked = deque[Mapping[str, Any]]()
        self.woken = anyio.Event()

    async def read(self) -> None:
        """Take messages until the listener leaves, or says what cannot be understood."""
        while True:
            text = await self.socket.receive_text()
            try:
                self.take(text)
            except (ValueError, KeyError, TypeError):
                await self.stop(f"{shorten(text)}: no message of this server; GET /api lists them")
                return
            self.woken.set()

    def take(self, text: str) -> None:
        """Take a message; ValueError, KeyError or TypeError for one that makes no sense."""
        message = json.loads(text)
        kind = message["type"]
        if kind not in KINDS:
            raise ValueError(kind)
        if kind == "played":
            self.session.tell(float(message["at"]))
        elif kind in ("pause", "resume"):
            self.session.tell()
            self.session.paused = kind == "pause"
        elif len(self.asked) < MOST_WAITING:
            self.asked.append(message)

    async def write(self) -> None:
        """Send what is made, until the music is over."""
        session = self.session
        await self.say("hello", **hello(session))
        while not session.over:
            while self.asked:
                await self.answer(self.asked.popleft())
            if session.room > 0:
                await self.wait(session.room)
                continue
            block = await self.hub.work(session.make)
            if block.rows:
                await self.say("notes", notes=block.rows)
            await self.socket.send_bytes(struct.pack("<d", block.frame) + block.sound)
        await self.say("end", at=session.music.time)
        await self.socket.close(CLOSED)

    async def wait(self, seconds: float) -> None:
        """Wait until there is a message, for at most these seconds."""
        self.woken = anyio.Event()
        with anyio.move_on_after(min(seconds, LONGEST_WAIT)):
            await self.woken.wait()

    async def answer(self, message: Mapping[str, Any]) -> None:
        """Answer one message."""
        session = self.session
        try:
            if message["type"] == "set":
                end = session.music.time
                at = await self.hub.work(session.set, message["values"])
                if at < end:
                    await self.say("cut", at=at)
                await self.say("set", at=at, values=message["values"])
        except SymgenError as error:
            await self.say("refused", message=str(error))

    async def say(self, kind: str, **values: Any) -> None:
        """Send a message."""
        await self.socket.send_text(json.dumps({"type": kind, **values}, separators=(",", ":")))

    async def stop(self, message: str) -> None:
        """Say why, and close."""
        await self.say("error", message=message)
        await self.socket.close(REFUSED)


def hello(session: Session) -> dict[str, Any]:
    """Return what a listener is told first."""
    return {
        "id": session.name,
        "model": session.wish.model,
        "seed": session.wish.seed,
        "rate": RATE,
        "channels": 2,
        "label": session.targets.get("label"),
        "controls": session.targets,
    }


async def listen(socket: WebSocket) -> None:
    """Serve one listener."""
    hub: Hub = socket.app.state.hub
    await socket.accept()
    try:
        session = await hub.open(wish_of(socket.query_params, hub.models))
    except SymgenError as error:
        await socket.send_text(json.dumps({"type": "error", "message": str(error)}))
        await socket.close(LATER if isinstance(error, Full) else REFUSED)
        return
    listener = Listener(hub, socket, session)
    try:
        await first_of(listener.read, listener.write)
    finally:
        hub.close(session)


async def first_of(*calls: Callable[[], Awaitable[None]]) -> None:
    """Run these until one of them is done; the listener leaving is no error."""
    async with anyio.create_task_group() as tasks:

        async def run(call: Callable[[], Awaitable[None]]) -> None:
            with contextlib.suppress(WebSocketDisconnect):
                await call()
            tasks.cancel_scope.cancel()

        for call in calls:
            tasks.start_soon(run, call)
