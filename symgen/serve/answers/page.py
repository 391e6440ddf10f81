"""`GET /`, `/static/...` and `/healthz`: the page, its files, and whether the server lives."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parents[1] / "static"


async def page(request: Request) -> Response:
    """Return the page."""
    return FileResponse(FOLDER / "index.html", headers={"cache-control": "no-cache"})


async def health(request: Request) -> Response:
    """Return that the server lives, and how many listen."""
    hub = request.app.state.hub
    return JSONResponse({"ok": True, "listeners": len(hub.seats), "most": hub.most})


def files() -> StaticFiles:
    """Return the application that serves the files of the page."""
    return StaticFiles(directory=FOLDER, check_dir=False)
