"""`GET /api/events`: the notes of a stream without its sound, as server-sent events.

They come as fast as they are heard, a little ahead; `POST /api/streams/{id}/set` steers them.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from symgen.serve.answers.asked import wish_of
from symgen.serve.answers.listen import EVERY, hello
from symgen.serve.hub import Hub, Message, Seat

TURN = 0.25  # seconds between two looks at the clock


async def events(request: Request) -> Response:
    """Begin a stream."""
    hub: Hub = request.app.state.hub
    seat = await hub.open(wish_of(request.query_params, hub.models), sound=False)
    return StreamingResponse(
        _sent(seat), media_type="text/event-stream", headers={"cache-control": "no-store"}
    )


async def _sent(seat: Seat) -> AsyncIterator[str]:
    try:
        async for message in _messages(seat):
            kind = message.pop("type")
            yield f"event: {kind}\ndata: {json.dumps(message, separators=(',', ':'))}\n\n"
    finally:
        seat.close()


async def _messages(seat: Seat) -> AsyncIterator[Message]:
    session, made = seat.session, 0
    began = session.clock()
    yield hello(session)
    while not seat.closed and not session.over:
        session.tell(session.clock() - began)
        for message in seat.told():
            yield message
        if session.room > 0:
            await seat.wait(TURN)
            continue
        before, block = await seat.make()
        for message in before:
            yield message
        if block.rows:
            yield {"type": "notes", "notes": block.rows}
        if made % EVERY == 0:
            yield {"type": "state", **session.state()}
        made += 1
    for message in seat.told():
        yield message
    yield {"type": "end", "at": session.music.time}
