"""What the tests of the server share: a hub of the piano that ships, sessions with a clock of
their own, and a listener over the test client."""

import json
import struct

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")

from starlette.testclient import TestClient

from symgen.rendering.soundfont.live import Sampler
from symgen.sampling import load
from symgen.serve.app import application
from symgen.serve.hub import Hub
from symgen.serve.live.music import FRAMES, RATE
from symgen.serve.live.session import LEAD, Session
from symgen.serve.live.wish import Wish

HOST = "testserver"  # what the test client calls the server


@pytest.fixture(scope="session")
def piano():
    """The model that ships."""
    return load("piano", threads=1)


@pytest.fixture(scope="session")
def folk():
    """The model of tunes that ships."""
    return load("folk", threads=1)


@pytest.fixture(scope="session")
def sampler():
    """The soundfont that is installed."""
    return Sampler.open("", RATE)


@pytest.fixture
def hub(piano, folk, sampler):
    """A hub of two listeners at most."""
    return Hub({"piano": piano, "folk": folk}, sampler, most=2)


@pytest.fixture
def client(hub):
    """A client of the whole application."""
    with TestClient(application(hub, (HOST,))) as made:
        yield made


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


class Heard:
    """A listener of a session who hears each block as it is due; `sound` is kept by frame."""

    def __init__(self, session, clock):
        self.session, self.clock, self.sound = session, clock, {}

    def listen(self, blocks):
        """Let so many blocks be made, in time."""
        for _ in range(blocks):
            block = self.session.make()
            self.sound[block.frame] = block.sound
            self.clock.time += FRAMES / RATE
            self.session.tell(max(self.session.music.time - LEAD, 0.0))

    @property
    def notes(self):
        """What was heard, in the order of beginnings."""
        return sorted(self.session.heard)


@pytest.fixture
def listener(piano):
    """Make a listener: listener(seed=1, sampler=None, model=piano, **targets)."""

    def make(seed=1, sampler=None, model=piano, wish=None, minutes=None, changes=(), **targets):
        clock = Clock()
        wish = wish or Wish(model.name, seed, targets, minutes, tuple(changes))
        return Heard(Session("a name", model, wish, sampler, clock=clock), clock)

    return make


class Page:
    """The page at the other end of a test client's WebSocket."""

    def __init__(self, socket):
        self.socket, self.frames, self.rows, self.said = socket, {}, {}, []

    def until(self, kind):
        """Take what comes until a message of this kind, or "sound"; return it."""
        while True:
            got = self.take()
            if got["type"] == kind:
                return got

    def take(self):
        """Take one message."""
        found = self.socket.receive()
        if found["type"] == "websocket.close":
            return {"type": "closed", "code": found["code"]}
        if found.get("bytes") is not None:
            [frame] = struct.unpack("<d", found["bytes"][:8])
            self.frames[int(frame)] = found["bytes"][8:]
            return {"type": "sound", "frame": int(frame), "sound": found["bytes"][8:]}
        message = json.loads(found["text"])
        if message["type"] == "notes":
            self.rows |= {(row[0], row[2], row[4]): row for row in message["notes"]}
        elif message["type"] == "cut":
            at = message["at"]
            self.frames = {f: s for f, s in self.frames.items() if f < round(at * RATE)}
            self.rows = {key: row for key, row in self.rows.items() if row[0] < at}
        self.said.append(message)
        return message

    def say(self, kind, **values):
        """Send a message."""
        self.socket.send_json({"type": kind, **values})


@pytest.fixture
def page(client):
    """Open a page: page("model=piano&seed=1"), a context manager."""
    import contextlib

    @contextlib.contextmanager
    def opened(query=""):
        with client.websocket_connect(f"/api/stream?{query}") as socket:
            yield Page(socket)

    return opened
