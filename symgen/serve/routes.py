"""Every route of the server, in one table; a new one is a function in `answers` and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from symgen.serve.answers import listen, models, page

SOCKET = "WS"


class Answer(NamedTuple):
    """A route: method, path, the function that answers, and one line on it."""

    method: str
    path: str
    call: Callable[..., Any]
    about: str


ROUTES = (
    Answer("GET", "/", page.page, "The page."),
    Answer("GET", "/healthz", page.health, "Whether the server lives."),
    Answer("GET", "/api/models", models.models, "The models and their controls."),
    Answer(SOCKET, "/api/stream", listen.listen, "A listener: music, notes and sound."),
)
