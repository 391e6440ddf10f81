"""A table of routes, and the OpenAPI 3.1 document that is written from it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import symgen

SOCKET = "WS"
JSON, BYTES = "application/json", "application/octet-stream"
ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


class Answer(NamedTuple):
    """A route: method, path, the function, its parameters, and the kinds of body and answer.

    Parameters in braces are in the path. The first paragraph of the function's documentation says
    what the route does.
    """

    method: str
    path: str
    call: Callable[..., Any]
    query: Mapping[str, str] = {}
    body: str = ""
    gives: str = JSON


def document(routes: Iterable[Answer], free: str) -> dict[str, Any]:
    """Return the document. `free` says which other parameters a route with a model takes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        method = "get" if route.method == SOCKET else route.method.lower()
        paths.setdefault(route.path, {})[method] = _operation(route, free)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "symgen serve",
            "version": symgen.__version__,
            "description": "Music without an end: streams of notes and sound that can be steered.",
        },
        "paths": paths,
    }


def _operation(route: Answer, free: str) -> dict[str, Any]:
    refused = {
        "description": "Refused, with one line that says why.",
        "content": {JSON: {"schema": ERROR}},
    }
    done = {"200": {"description": "Done.", "content": {route.gives: {}}}}
    out: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{route.call.__name__}",
        "summary": inspect.cleandoc(route.call.__doc__ or "").split("\n\n")[0].replace("\n", " "),
        "parameters": [*_path(route.path), *_query(route.query)],
        "responses": {**done, "4XX": refused},
    }
    about = [free] if "model" in route.query else []
    if route.method == SOCKET:
        about.insert(0, inspect.cleandoc(inspect.getmodule(route.call).__doc__ or ""))
        out["responses"] = {"101": {"description": "A WebSocket."}, "4XX": refused}
    if about:
        out["description"] = "\n\n".join(about)
    if route.body:
        out["requestBody"] = {"required": True, "content": {route.body: {}}}
    return out


def _path(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query(query: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
        for name, about in query.items()
    ]
