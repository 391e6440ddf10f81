"""Who may ask the server, and how much."""

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from symgen.serve.app import application
from symgen.serve.guard import LOOPBACK, MOST_BODY, hostname

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def local(hub):
    with TestClient(application(hub), base_url="http://127.0.0.1:8765") as made:
        yield made


@pytest.fixture
def house(hub):
    """A server for the house: any name, and a token."""
    with TestClient(application(hub, None, TOKEN), base_url="http://10.0.0.5:8765") as made:
        yield made


def test_names_of_this_computer_are_answered(local):
    for host in ("127.0.0.1:8765", "localhost:8765", "[::1]:8765", "localhost"):
        assert local.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "10.0.0.5:8765"])
def test_a_name_that_was_made_to_point_here_is_refused(local, host):
    answer = local.get("/api/models", headers={"host": host})
    assert answer.status_code == 421 and "this server is not" in answer.json()["error"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_picture_or_frame_of_another_site_is_refused(local, site):
    headers = {"sec-fetch-site": site}  # browsers send no Origin with a plain GET
    for path in ("/api/practice", "/api/events", "/static/main.js"):
        assert local.get(path, headers=headers).status_code == 403
    assert local.get("/", headers=headers).status_code == 200  # a link to the page


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://[", ""]
)
def test_another_site_is_refused(local, origin):
    headers = {"host": "127.0.0.1:8765", "origin": origin}
    assert local.post("/api/streams/x/set", json={}, headers=headers).status_code == 403
    with pytest.raises(WebSocketDisconnect) as refused:
        local.websocket_connect("/api/stream", headers=headers).__enter__()
    assert refused.value.code == 1008


def test_this_site_is_not(local):
    headers = {"host": "127.0.0.1:8765", "origin": "http://127.0.0.1:8765"}
    assert local.get("/healthz", headers=headers).status_code == 200
    with local.websocket_connect("/api/stream?seed=1", headers=headers) as socket:
        assert socket.receive_json()["type"] == "hello"


def test_beyond_this_computer_the_token_is_needed(house):
    assert house.get("/api/models").status_code == 401
    assert house.get("/api/models?token=wrong").status_code == 401
    with pytest.raises(WebSocketDisconnect):
        house.websocket_connect("ws://10.0.0.5:8765/api/stream").__enter__()
    first = house.get(f"/?token={TOKEN}")
    assert first.status_code == 200
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert house.get("/static/main.js").status_code == 200  # with the cookie


def test_a_server_for_anyone_without_a_token_is_not_made(hub):
    with pytest.raises(AssertionError), TestClient(application(hub, None)) as client:
        client.get("/")


def test_every_answer_has_the_policy(local):
    for path in ("/", "/api/models", "/nothing", "/static/main.js"):
        headers = local.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    refused = local.get("/", headers={"host": "evil.example"})
    assert "default-src 'none'" in refused.headers["content-security-policy"]


def test_a_long_body_is_refused_whether_it_says_so_or_not(local, page, client):
    long = b"x" * (MOST_BODY + 1)
    assert local.post("/api/streams/x/theme?name=a.mid", content=long).status_code == 413
    with page() as one:
        path = f"/api/streams/{one.until('hello')['id']}/theme?name=a.mid"
        parts = (long[i : i + 65536] for i in range(0, len(long), 65536))
        answer = client.post(path, content=parts)
    assert answer.status_code == 413


def test_a_long_address_is_refused(local):
    assert local.get("/api/models?x=" + "y" * 60_001).status_code == 414


@pytest.mark.parametrize(
    ("header", "name"),
    [("localhost:80", "localhost"), ("localhost", "localhost"), ("[::1]:80", "::1"), ("", "")],
)
def test_the_name_in_a_host_header(header, name):
    assert hostname(header) == name
    assert (name in LOOPBACK) == bool(name)
