"""The application: the routes of the table, what all of them share, and the guard before them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from symgen.serve.answers.page import files
from symgen.serve.hub import Hub
from symgen.serve.routes import ROUTES, SOCKET, Answer


def application(hub: Hub) -> Starlette:
    """Return the application that serves the listeners of `hub`."""
    made = Starlette(routes=[*map(_route, ROUTES), Mount("/static", files())])
    made.state.hub = hub
    return made


def _route(answer: Answer) -> BaseRoute:
    if answer.method == SOCKET:
        return WebSocketRoute(answer.path, answer.call)
    return Route(answer.path, answer.call, methods=[answer.method])
