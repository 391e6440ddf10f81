"""Running the server: models are loaded and warmed up, then it listens until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from symgen.errors import DataError, MissingExtra
from symgen.sampling import load

Log = Callable[[str], None]
LATE, VANISHED = 4.0, 5.0  # seconds between pings, and until one without an answer counts as gone


def run(models: Sequence[str], soundfont: str, host: str, port: int, most: int, log: Log) -> None:
    """Serve `models` until Ctrl-C. MissingExtra, or DataError where the port is taken."""
    try:
        import uvicorn
        import wsproto  # noqa: F401
        from starlette.applications import Starlette  # noqa: F401
    except ImportError as error:
        raise MissingExtra(error.name or "starlette", "serve", "symgen serve") from None
    from symgen.rendering.soundfont.live import Sampler
    from symgen.serve.app import application
    from symgen.serve.hub import Hub
    from symgen.serve.live.music import RATE

    with bound(host, port) as listening:
        hub = Hub({m: load(m) for m in models}, Sampler.open(soundfont, RATE, log), most)
        config = uvicorn.Config(
            application(hub),
            ws="wsproto",
            ws_max_size=1 << 16,
            ws_per_message_deflate=False,
            ws_ping_interval=LATE,
            ws_ping_timeout=VANISHED,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            lifespan="off",
        )
        where, number = listening.getsockname()[:2]
        log(f"listening on http://{where}:{number}/; Ctrl-C stops")
        uvicorn.Server(config).run([listening])


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens; DataError says what to do where that is not possible."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise DataError(
            f"port {port} of {host} cannot be used ({error.strerror or error}); "
            "choose another with --port, or --port 0 for a free one"
        ) from None
