"""Running the server: models are loaded and warmed up, then it listens until Ctrl-C."""

from __future__ import annotations

import gc
import secrets
import socket
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from symgen.checks import whole
from symgen.errors import BadOption, DataError, MissingExtra, printable
from symgen.process import Terminated
from symgen.rendering.soundfont.live import Sampler
from symgen.sampling import load
from symgen.sampling.model import PlayableModel

Log = Callable[[str], None]

LATE, VANISHED = 4.0, 5.0  # seconds between pings, and until one without an answer counts as gone
WARM = 8  # blocks that are made of each model before anyone listens
MOST_MESSAGE = 1 << 16  # bytes
SIZE = 32  # bytes of a token
LAST_PORT = 65_535


CACHE = 32 << 20  # bytes of tones, which all listeners share


class Place(NamedTuple):
    """Where to listen, whether to open the page in the browser, and music by people to compare."""

    host: str
    port: int
    show: bool = False
    real: str | None = None


def run(names: Sequence[str], soundfont: str, place: Place, most: int, log: Log) -> None:
    """Serve the models `names` to at most `most` listeners until Ctrl-C.

    MissingExtra, or DataError where the port is taken.
    """
    uvicorn = needed()
    from symgen.serve.app import application
    from symgen.serve.guard import LOOPBACK
    from symgen.serve.hub import Hub
    from symgen.serve.judging import Judging, splits_of
    from symgen.serve.live.music import RATE

    local = place.host in LOOPBACK
    token = "" if local else secrets.token_urlsafe(SIZE)
    with bound(place.host, place.port) as listening:
        models = opened(names)
        hub = Hub(
            models,
            Sampler.open(soundfont, RATE, log, CACHE),
            most,
            indices(models, log),
            soundfont or None,
        )
        for name in models:
            warm(hub, name)
        judging = Judging(models, splits_of(models, place.real, log))
        gc.collect()
        gc.freeze()  # what is loaded stays, so that looking for garbage takes less time
        made = application(hub, LOOPBACK if local else None, token, judging)
        address = address_of(listening, place.host, token)
        try:
            log(f"open {address} in a browser; Ctrl-C stops")
            if place.show:
                webbrowser.open(address)
            uvicorn.Server(config(uvicorn, made)).run([listening])
        except Terminated:
            raise
        except KeyboardInterrupt:
            pass  # uvicorn raises it again, or ends quietly, as the signal comes
        log("stopped")


def needed() -> Any:
    """Return uvicorn; MissingExtra where it or what it needs is not installed."""
    try:
        import starlette  # noqa: F401
        import uvicorn
        import wsproto  # noqa: F401
    except ImportError as error:
        raise MissingExtra(error.name or "starlette", "serve", "symgen serve") from None
    return uvicorn


def config(uvicorn: Any, made: Any) -> Any:
    """Return the settings of the server: small messages, and listeners that vanish are noticed."""
    return uvicorn.Config(
        made,
        ws="wsproto",
        ws_max_size=MOST_MESSAGE,
        ws_per_message_deflate=False,
        ws_ping_interval=LATE,
        ws_ping_timeout=VANISHED,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        lifespan="off",
    )


def opened(names: Sequence[str]) -> dict[str, PlayableModel]:
    """Return the models by name; BadOption where two have the same."""
    models: dict[str, PlayableModel] = {}
    for each in names:
        model = load(each, threads=1)  # the listeners share the cores
        if model.name in models:
            raise BadOption(f"two models are called {model.name}; leave one of them out")
        models[model.name] = model
    return models


def indices(models: Mapping[str, PlayableModel], log: Log) -> dict[str, Any]:
    """Return the passages of each model's training music, where that is known."""
    from symgen.dataset.of import training_index

    out = {}
    for name, model in models.items():
        try:
            out[name], messages = training_index(model)
        except (DataError, OSError) as error:
            messages = [f"{name}: passages of its training music may be played: {printable(error)}"]
        for line in messages:
            log(line)
    return out


def warm(hub: Any, name: str) -> None:
    """Make a little music, so that the first listener does not wait for what is loaded once."""
    from symgen.serve.live.session import Session
    from symgen.serve.live.wish import Wish

    session = Session("", hub.models[name], Wish(name, 0), hub.sampler)
    for _ in range(WARM):
        session.make()


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens; DataError says what to do where that is not possible.

    BadOption for a port that there is not.
    """
    whole("port", port, 0, LAST_PORT)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = error.strerror or error
        raise DataError(
            f"port {port} of {host} cannot be used ({reason}); "
            "choose another with --port, or --port 0 for a free one"
        ) from None


def address_of(listening: socket.socket, host: str, token: str) -> str:
    """Return the address of the page."""
    port = listening.getsockname()[1]
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")
