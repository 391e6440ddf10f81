"""The blind test: a person or the model?"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symgen.checks import number, whole
from symgen.errors import BadOption
from symgen.report.blind import audio
from symgen.serve.answers.asked import number_of, whole_of
from symgen.serve.judging import MOST_CLIPS, Judging

CLIPS, SECONDS = 10, 12.0


async def about(request: Request) -> Response:
    """Return the models for which there is music by people; without any there is no test."""
    judging: Judging = request.app.state.judging
    return JSONResponse({"models": list(judging.splits), "clips": CLIPS, "seconds": SECONDS})


async def begin(request: Request) -> Response:
    """Begin a test; the answer has its id and the number of its clips."""
    judging, query = request.app.state.judging, request.query_params
    num = whole("clips", whole_of("clips", query.get("clips", str(CLIPS))), 2, MOST_CLIPS)
    seconds = number("seconds", number_of("seconds", query.get("seconds", str(SECONDS))), 3, 60)
    hub = request.app.state.hub
    name, test = await hub.work_long(judging.begin, query.get("model", ""), num, seconds)
    return JSONResponse({"id": name, "clips": len(test.clips), "seconds": seconds})


async def clip(request: Request) -> Response:
    """Return a clip as MP3; all clips have the same sound and loudness."""
    hub = request.app.state.hub
    found = _test(request).clip(_place(request))
    return Response(await hub.work_long(audio, found, hub.font), media_type="audio/mpeg")


async def answer(request: Request) -> Response:
    """Take the answer {"generated": true} to a clip; return what it was, and the share so far.

    Only the first answer counts.
    """
    try:
        given = json.loads(await request.body())["generated"]
    except (ValueError, KeyError, TypeError, RecursionError):
        given = None
    if not isinstance(given, bool):
        raise BadOption('expected {"generated": true} or {"generated": false}')
    return JSONResponse(_test(request).answer(_place(request), given))


def _test(request: Request) -> Any:
    return request.app.state.judging.test(request.path_params["id"])


def _place(request: Request) -> int:
    text = request.path_params["number"]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
