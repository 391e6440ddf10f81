"""The application: the routes of the table, how errors are answered, and the guard before all."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from symgen.errors import SymgenError
from symgen.serve.answers.page import files
from symgen.serve.guard import LOOPBACK, Guard
from symgen.serve.hub import Full, Gone, Hub
from symgen.serve.judging import Judging
from symgen.serve.openapi import SOCKET, Answer
from symgen.serve.routes import ROUTES

STATUS: dict[type[Exception], int] = {Full: 503, Gone: 404}
TOO_LONG = 413


def application(
    hub: Hub,
    names: Iterable[str] | None = LOOPBACK,
    token: str = "",
    judging: Judging | None = None,
) -> Starlette:
    """Return the application for the listeners of `hub`; `names` and `token` as in Guard.

    `judging` has the music of the blind test; without it there is none.
    """
    made = Starlette(
        routes=[*map(_route, ROUTES), Mount("/static", files())],
        middleware=[Middleware(Guard, names=names, token=token)],
        exception_handlers={
            SymgenError: _refused,
            HTTPException: _unknown,
            ClientDisconnect: _too_long,
        },
    )
    made.state.hub, made.state.routes = hub, ROUTES
    made.state.judging = judging or Judging({}, {})
    return made


def _route(answer: Answer) -> BaseRoute:
    if answer.method == SOCKET:
        return WebSocketRoute(answer.path, answer.call)
    return Route(answer.path, answer.call, methods=[answer.method])


async def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, STATUS.get(type(error), 400))


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": f"{request.url.path[:80]}: {error.detail}"}, error.status_code)


async def _too_long(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "the body is too long, or was not sent whole"}, TOO_LONG)
