"""Small corpora, built where a test wants them."""

import hashlib
import http.server
import threading

import pytest

from symgen.corpus.fetching import download
from tests.corpus.files import GOOD, Handler, midi


@pytest.fixture
def lay(tmp_path):
    """Write files from a table of path -> text or bytes; a number is a count of MIDI notes."""

    def write(files, root=tmp_path / "music"):
        root.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            content = midi(*[64] * content) if isinstance(content, int) else content
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return write


@pytest.fixture
def ship(tmp_path, monkeypatch, lay):
    """Make symgen ship the corpora of a table instead of its own, in an empty directory."""

    def write(files):
        shipped = lay({f"corpora/{n}": c for n, c in files.items()}, tmp_path / "shipped")
        for module in ("manifest", "corpus", "fetching.fetch"):
            monkeypatch.setattr(f"symgen.corpus.{module}.shipped", lambda kind: shipped / kind)
        (tmp_path / "desk").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / "desk")
        return shipped / "corpora"

    return write


@pytest.fixture
def served(ship, monkeypatch):
    """Serve a body at 127.0.0.1 as the archive of the corpus `far`, and return the server."""
    monkeypatch.setattr(download, "PAUSE", 0.0)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()

    def serve(body=GOOD, *faults, sha256="", size=0, name="far.zip", head="", contents=""):
        server.body, server.faults, server.requests = body, list(faults), []
        archive = {
            "name": name,
            "address": f"http://127.0.0.1:{server.server_port}/{name}",
            "bytes": size,
            "sha256": sha256 or hashlib.sha256(body).hexdigest(),
        }
        if contents:
            del archive["sha256"]
        lines = "\n".join(f"{k} = {v!r}" for k, v in archive.items())
        ship(
            {
                "far/corpus.toml": f'name = "far"\nlicence = "CC0-1.0"\n{head}'
                f"[[archives]]\n{lines}\n{contents}"
            }
        )
        return server

    yield serve
    server.shutdown()
    server.server_close()
    thread.join()
