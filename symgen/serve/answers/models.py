"""`GET /api/models`: the models of this server, and the controls that each has."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symgen.serve.live.fields import described


async def models(request: Request) -> Response:
    """Return each model with its controls, from which the page draws its sliders."""
    hub = request.app.state.hub
    return JSONResponse([described(name, model) for name, model in hub.models.items()])
