"""What is asked of a stream that plays: `set`, a theme, an end, a file of what was heard."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symgen.checks import number
from symgen.errors import BadOption, shorten
from symgen.serve.answers.asked import minutes_of, number_of
from symgen.serve.hub import Seat
from symgen.serve.live.save import KINDS, last, saved
from symgen.serve.live.session import LONGEST_END, SHORTEST
from symgen.serve.live.theme import theme_from
from symgen.serve.reading import read_theme

MOST_MINUTES = 25.0


def _seat(request: Request) -> Seat:
    seat: Seat = request.app.state.hub.seat(request.path_params["id"])
    return seat


async def _document(request: Request) -> Mapping[str, Any]:
    """Return the JSON object in the body; BadOption for anything else."""
    body = await request.body()
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadOption(f"{shorten(body[:80])}: expected an object in JSON")
    return found


async def change(request: Request) -> Response:
    """Change targets; the body is an object of values by name, null to remove one."""
    values = await _document(request)
    at = await _seat(request).change(values.get("values", values))
    return JSONResponse({"at": at, "values": values})


async def theme(request: Request) -> Response:
    """Take a theme: the bytes of a file called ?name=, or notes as JSON with ?format=json."""
    seat, hub = _seat(request), request.app.state.hub
    if request.query_params.get("format") == "json":
        made = theme_from(await _document(request))
    else:
        name = request.query_params.get("name", "")
        made = await hub.work_long(read_theme, await request.body(), name)
    at = await seat.answer(made)
    return JSONResponse({"at": at, "notes": len(made.notes)})


async def finish(request: Request) -> Response:
    """Bring the music to an end within ?seconds= (20)."""
    text = request.query_params.get("seconds", "20")
    seconds = number("seconds", number_of("seconds", text), SHORTEST, LONGEST_END)
    return JSONResponse({"at": await _seat(request).finish(seconds)})


async def close(request: Request) -> Response:
    """End a stream."""
    _seat(request).close()
    return JSONResponse({"closed": True})


async def save(request: Request) -> Response:
    """Return the last ?minutes= (5) that were heard as a file: ?format=mid, ogg or musicxml."""
    seat, hub = _seat(request), request.app.state.hub
    session = seat.session
    minutes = minutes_of(request.query_params.get("minutes", "5"), MOST_MINUTES)
    kind = request.query_params.get("format", "mid")
    heard = last(list(session.heard), session.now, minutes)
    data = await hub.work_long(functools.partial(saved, heard, kind, hub.sampler))
    name = f"symgen-{session.wish.seed}-{minutes:g}min.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=KINDS[kind], headers=headers)
