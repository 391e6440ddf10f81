"""Every route of the server, in one table; a new one is a function in `answers` and a line here.

`GET /api` is written from it (`openapi`).
"""

from __future__ import annotations

from symgen.serve.answers import (
    describe,
    events,
    judge,
    listen,
    models,
    page,
    practice,
    streams,
)
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
SHEET = {
    "level": "1 to 8; 1.",
    "bars": "4 to 64; 8.",
    "hands": "right, left or both; both.",
    "key": "Such as G or Am; one of the level.",
    "meter": "Such as 3/4; one of the level.",
    "rhythm": "quarters, eighths or sixteenths; that of the level.",
    "seed": "Makes a sheet again; else it is new.",
    "width": "Of a page, in tenths of a millimetre; 1500.",
}
TEST = {
    "model": "One of those of `GET /api/judge`; the first.",
    "clips": "2 to 40; 10.",
    "seconds": "3 to 60; 12.",
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
    Answer("GET", "/api/practice", practice.sheet, SHEET),
    Answer("GET", "/api/practice/file", practice.file, SHEET | practice.FORMAT, gives=BYTES),
    Answer("GET", "/api/judge", judge.about),
    Answer("POST", "/api/judge", judge.begin, TEST),
    Answer("GET", "/api/judge/{id}/{number}", judge.clip, gives="audio/mpeg"),
    Answer("POST", "/api/judge/{id}/{number}", judge.answer, body=JSON),
)
