"""Who may ask, and how much: checked before any route, for HTTP and WebSockets alike.

- Host names this server: a page of another site that had its name point here is refused.
- Origin and Sec-Fetch-Site, where a browser sends them, are this server: no other site can use it.
- The token, where the server listens beyond this computer, in the address or in a cookie.
- The body is small, and nothing is kept longer than its answer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 4 << 20  # bytes
MOST_ADDRESS = 60_000  # characters
COOKIE = "symgen"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
POLICY_VIOLATION = 1008


class Refused(Exception):
    """A request that is not answered: the status, and one line."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Guard:
    """Wraps the application. `names` are the hosts it answers for; None: any, but with the token.

    `token` "" asks for none.
    """

    def __init__(
        self, app: ASGIApp, names: Iterable[str] | None = LOOPBACK, token: str = ""
    ) -> None:
        self.app, self.token = app, token
        self.names = None if names is None else frozenset(names)
        assert token or names is not None, "a server for any host needs a token"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            fresh = self._check(scope)
        except Refused as error:
            await _refuse(scope, receive, send, error)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        await self.app(scope, _limited(receive), _guarded(send, self.token if fresh else ""))

    def _check(self, scope: Scope) -> bool:
        """Return whether the token came in the address; Refused for what may not pass."""
        headers = {
            key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]
        }
        host = headers.get("host", "")
        if self.names is not None and hostname(host) not in self.names:
            raise Refused(
                421, f"this server is not {host[:80]!r}; open the address that it printed"
            )
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            raise Refused(403, f"pages of {origin[:80]!r} may not use this server")
        elsewhere = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
        if elsewhere and scope["path"] != "/":  # such as a picture of another page, without Origin
            raise Refused(403, "pages of other sites may not use this server; open its own page")
        if len(scope.get("query_string", b"")) > MOST_ADDRESS:
            raise Refused(414, "the address is too long")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and len(length) < 12):
            raise Refused(400, "the length of the body is no number")
        if int(length) > MOST_BODY:
            raise Refused(413, f"the body is too long: at most {MOST_BODY:,} bytes")
        return self._known(scope, headers)

    def _known(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        if not self.token:
            return False
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if secrets.compare_digest(given.encode(), self.token.encode()):
            return True
        if secrets.compare_digest(_cookie(headers.get("cookie", "")).encode(), self.token.encode()):
            return False
        raise Refused(401, "the token is missing; open the address that the server printed")


def hostname(host: str) -> str:
    """Return the name in a Host header, without the port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] or host if ":" in host else host


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value


def _limited(receive: Receive) -> Receive:
    """Return `receive`, which ends a body that is longer than it said."""
    total = 0

    async def limited() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MOST_BODY:
            return {"type": "http.disconnect"}
        return message

    return limited


def _guarded(send: Send, token: str) -> Send:
    """Return `send`, which adds the headers, and a cookie with the token."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", []), *HEADERS.items()]
            if token:
                cookie = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"
                headers.append((b"set-cookie", cookie.encode()))
            message = {**message, "headers": headers}
        await send(message)

    return guarded


async def _refuse(scope: Scope, receive: Receive, send: Send, error: Refused) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send(
            {"type": "websocket.close", "code": POLICY_VIOLATION, "reason": str(error)[:120]}
        )
        return
    body = json.dumps({"error": str(error)}).encode()
    headers = [(b"content-type", b"application/json"), *HEADERS.items()]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
