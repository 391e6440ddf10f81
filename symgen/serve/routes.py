"""Every route of the server, in one table; a new one is a function in `answers` and a line here.

`GET /api` is written from it (`openapi`).
"""

from __future__ import annotations

from symgen.serve.answers import describe, events, listen, models, page, streams
from symgen.serve.openapi import BYTES, JSON, SOCKET, Answer

WISH = {
    "model": "One of `GET /api/models`; the first where it is left out.",
    "seed": "A whole number; drawn where it is left out. The same seed plays the same.",
    "minutes": "The length after which the music comes to an end of its own.",
    "changes": "What was set later, as a favourite holds it: [[seconds, {name: value}], ...].",
}
SAVED = {"minutes": "How much of the past, up to 25; 5.", "format": "mid, ogg or musicxml; mid."}
THEME = {
    "name": "The name of the file, whose extension says what it is.",
    "format": 'json: the body is {"notes": [[start, end, pitch, velocity], ...]}.',
}


ROUTES = (
    Answer("GET", "/", page.page, gives="text/html"),
    Answer("GET", "/healthz", page.health),
    Answer("GET", "/api", describe.api),
    Answer("GET", "/api/models", models.models),
    Answer(SOCKET, "/api/stream", listen.listen, WISH),
    Answer("GET", "/api/events", events.events, WISH, gives="text/event-stream"),
    Answer("POST", "/api/streams/{id}/set", streams.change, body=JSON),
    Answer("POST", "/api/streams/{id}/theme", streams.theme, THEME, BYTES),
    Answer("POST", "/api/streams/{id}/finish", streams.finish, {"seconds": "Until then; 20."}),
    Answer("GET", "/api/streams/{id}/save", streams.save, SAVED, gives=BYTES),
    Answer("DELETE", "/api/streams/{id}", streams.close),
)
