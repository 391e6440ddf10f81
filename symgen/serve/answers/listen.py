"""`WS /api/stream`: a listener, its music and its sound, over one WebSocket.

Text frames are JSON with a `type`. A binary frame holds the index of its first frame, float64, and
then the frames, int16 stereo, all little-endian.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
from starlette.websockets import WebSocket, WebSocketDisconnect

from symgen.errors import SymgenError, shorten
from symgen.serve.answers.asked import wish_of
from symgen.serve.hub import Full, Hub, Message, Seat
from symgen.serve.live.music import FRAMES, RATE
from symgen.serve.live.session import Session
from symgen.serve.live.wish import MOST_TEXT

LONGEST_WAIT = 5.0  # seconds
EVERY = RATE // FRAMES  # blocks between two states: a second
CLOSED, REFUSED, LATER = 1000, 1008, 1013  # codes of the WebSocket protocol


class Listener:
    """The two directions of a WebSocket: `read` takes the listener's words, `write` sends music."""

    def __init__(self, socket: WebSocket, seat: Seat) -> None:
        self.socket, self.seat, self.session = socket, seat, seat.session

    async def read(self) -> None:
        """Take messages until the listener leaves, or says what cannot be understood."""
        while True:
            text = await self.socket.receive_text()
            try:
                message = json.loads(text)
                await TAKES[message["type"]](self, message)
            except SymgenError as error:
                self.seat.tell("refused", message=str(error))
            except (ValueError, KeyError, TypeError, RecursionError):
                known = ", ".join(TAKES)
                await self.stop(f"{shorten(text)}: no message of this server; known: {known}")
                return

    async def played(self, message: Message) -> None:
        """Take what was played so far, in seconds."""
        self.session.tell(float(message["at"]))
        self.seat.wake()

    async def pause(self, message: Message) -> None:
        """Make nothing for a while, or go on."""
        self.session.tell()
        self.session.paused = message["type"] == "pause"
        self.seat.wake()

    async def set(self, message: Message) -> None:
        """Change targets."""
        await self.seat.change(dict(message["values"]))

    async def finish(self, message: Message) -> None:
        """Bring the music to an end."""
        await self.seat.finish(float(message["seconds"]))

    async def favourite(self, message: Message) -> None:
        """Answer with what plays the same again."""
        at = float(message["at"])
        link = self.session.link(at).query()
        exact = sum(map(len, link.values())) <= MOST_TEXT
        if not exact:  # too many changes for an address: the beginning alone
            link.pop("changes", None)
        self.seat.tell("favourite", at=at, link=link, exact=exact)

    async def write(self) -> None:
        """Send what is made, until the music is over."""
        await self.say(hello(self.session))
        try:
            await self._music()
        except SymgenError as error:
            await self.stop(str(error))

    async def _music(self) -> None:
        seat, session, made = self.seat, self.session, 0
        while not seat.closed:
            await self.say(*seat.told())
            if session.over and session.now >= session.music.time:
                break
            if session.room > 0:
                await seat.wait(min(session.room, LONGEST_WAIT))
                continue
            before, block = await seat.make()
            await self.say(*before)
            if block.rows:
                await self.say({"type": "notes", "notes": block.rows})
            await self.socket.send_bytes(struct.pack("<d", block.frame) + block.sound)
            if made % EVERY == 0 or session.over:
                await self.say({"type": "state", **session.state()})
            made += 1
            if session.over:
                await self.say({"type": "end", "at": session.music.time})
        await self.socket.close(CLOSED)

    async def say(self, *messages: Message) -> None:
        """Send messages."""
        for message in messages:
            await self.socket.send_text(json.dumps(message, separators=(",", ":")))

    async def stop(self, message: str) -> None:
        """Say why, and close."""
        await self.say({"type": "error", "message": message})
        await self.socket.close(REFUSED)


TAKES: Mapping[str, Callable[[Listener, Message], Awaitable[None]]] = {
    "played": Listener.played,
    "pause": Listener.pause,
    "resume": Listener.pause,
    "set": Listener.set,
    "finish": Listener.finish,
    "favourite": Listener.favourite,
}
"""What a listener may say."""


def hello(session: Session) -> dict[str, Any]:
    """Return what a listener is told first."""
    return {
        "type": "hello",
        "id": session.name,
        "model": session.wish.model,
        "seed": session.wish.seed,
        "rate": RATE,
        "channels": 2,
        "label": session.asked.get("label"),
        "controls": session.asked,
    }


async def listen(socket: WebSocket) -> None:
    """Play music for one listener."""
    hub: Hub = socket.app.state.hub
    await socket.accept()
    try:
        seat = await hub.open(wish_of(socket.query_params, hub.models))
    except SymgenError as error:
        await socket.send_text(json.dumps({"type": "error", "message": str(error)}))
        await socket.close(LATER if isinstance(error, Full) else REFUSED)
        return
    listener = Listener(socket, seat)
    try:
        await first_of(listener.read, listener.write)
    finally:
        seat.close()


async def first_of(*calls: Callable[[], Awaitable[None]]) -> None:
    """Run these until one of them is done; the listener leaving is no error."""
    async with anyio.create_task_group() as tasks:

        async def run(call: Callable[[], Awaitable[None]]) -> None:
            try:
                await call()
            except WebSocketDisconnect:
                pass
            except RuntimeError as error:  # sent after the socket was closed from the other side
                if "close" not in str(error):
                    raise
            tasks.cancel_scope.cancel()

        for call in calls:
            tasks.start_soon(run, call)
