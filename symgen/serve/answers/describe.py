"""`GET /api`: this interface as an OpenAPI 3.1 document."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symgen.serve.openapi import document

FREE = (
    "Any control that `GET /api/models` lists for the model is a parameter too, such as density=4."
)


async def api(request: Request) -> Response:
    """Return this document."""
    return JSONResponse(document(request.app.state.routes, FREE))
