"""Sheets for sight reading: engraved, and as a file to hear or to print."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from symgen.checks import whole
from symgen.errors import BadOption, DataError, MissingExtra
from symgen.practice import Sheet
from symgen.practice import sheet as make
from symgen.rendering import sheets
from symgen.sampling import history
from symgen.sampling.model import PlayableModel
from symgen.serve.answers.asked import whole_of
from symgen.serve.live.save import KINDS, saved

FORMAT = {"format": "mid, ogg or musicxml; mid."}
NUMBERS = ("level", "bars", "seed")
WORDS = ("hands", "key", "meter", "rhythm")
WIDTH, NARROWEST, WIDEST = 1500, 600, 3000  # of a page, in tenths of a millimetre
LAYOUT = {"adjustPageHeight": 1, "header": "none", "scale": 45}
MOST_BARS = 32  # on a page


async def sheet(request: Request) -> Response:
    """Return a sheet: its title, its seed, its pages as SVG and its notes.

    Without a seed it is a new one: none that was made before.
    """
    hub, asked = request.app.state.hub, wish(request.query_params)
    width = whole_of("width", request.query_params.get("width", str(WIDTH)))
    whole("width", width, NARROWEST, WIDEST)
    return JSONResponse(await hub.work_long(document, tunes(hub.models), asked, width))


async def file(request: Request) -> Response:
    """Return the sheet of a seed as a file: ?format=mid, ogg or musicxml."""
    hub, asked = request.app.state.hub, wish(request.query_params)
    if "seed" not in asked:
        raise BadOption("seed is missing; it is in the answer of /api/practice")
    kind = request.query_params.get("format", "mid")
    call = functools.partial(_file, tunes(hub.models), asked, kind, hub.sampler)
    data = await hub.work_long(call)
    name = f"symgen-level-{asked.get('level', 1)}-{asked['seed']}.{kind}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=KINDS[kind], headers=headers)


def wish(query: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of a sheet in an address; BadOption names what is wrong."""
    out: dict[str, Any] = {name: query[name] for name in WORDS if query.get(name)}
    for name in NUMBERS:
        if text := query.get(name):
            out[name] = whole_of(name, text)
    if "bars" in out:
        whole("bars", out["bars"], 4, MOST_BARS)
    return out


def tunes(models: Mapping[str, PlayableModel]) -> PlayableModel:
    """Return the first model of tunes; DataError if the server has none."""
    for model in models.values():
        if model.encoding.tune:
            return model
    raise DataError("this server has no model of tunes; start it with --model folk too")


def document(model: PlayableModel, asked: Mapping[str, Any], width: int = WIDTH) -> dict[str, Any]:
    """Return what the page shows of a sheet; one without a seed is remembered."""
    fresh = "seed" not in asked
    made = make(model, **asked, played=history.recalled(model.path) if fresh else None)
    if fresh:
        history.remember(model.path, [made.sample])
    return {
        "title": made.title,
        "about": made.about,
        "seed": str(made.seed),
        "level": made.level,
        "key": made.key,
        "meter": made.meter,
        "bars": made.bars,
        "seconds": made.sequence.total_time,
        **_engraved(made, width),
    }


def _engraved(made: Sheet, width: int) -> dict[str, Any]:
    """Return the pages, or why there are none."""
    try:
        pages = sheets.engraved(made.sequence, pageWidth=width, **LAYOUT)
        return {"pages": pages, "message": ""}
    except MissingExtra as error:
        return {"pages": [], "message": str(error)}


def _file(model: PlayableModel, asked: Mapping[str, Any], kind: str, sampler: Any) -> bytes:
    return saved(make(model, **asked).sequence, kind, sampler)
