"""The protocol, as a page or a program speaks it."""

import io
import json

import numpy as np
import pytest
import soundfile
from starlette.websockets import WebSocketDisconnect

from symgen import notes
from symgen.serve.live.music import FRAMES, RATE
from symgen.serve.routes import ROUTES


def test_a_listener_hears_notes_and_sound(page):
    with page("model=piano&seed=7") as one:
        hello = one.until("hello")
        assert hello["model"] == "piano" and hello["seed"] == 7 and hello["rate"] == RATE
        sounds = [one.until("sound") for _ in range(8)]
        assert [each["frame"] for each in sounds] == [FRAMES * i for i in range(8)]
        sound = np.frombuffer(b"".join(each["sound"] for each in sounds), "<i2")
        assert len(sound) == 2 * 8 * FRAMES and np.abs(sound[:FRAMES].astype(int)).max() > 100
        assert len(one.rows) > 5
        assert one.until("state")["now"]["density"] > 0


def test_the_server_waits_for_the_listener(page, hub):
    with page("seed=7") as one:
        while len(one.frames) < 12:
            one.take()
        [seat] = hub.seats.values()
        assert seat.session.music.time <= 3.3
        one.say("played", at=1.0)
        while len(one.frames) < 16:
            one.take()


def test_set_cuts_what_is_not_played_yet(page):
    with page("seed=7") as one:
        while len(one.frames) < 12:
            one.take()
        one.say("set", values={"density": 12})
        cut = one.until("cut")
        answer = one.until("set")
        assert cut["at"] == answer["at"] <= 1.6
        assert answer["values"] == {"density": 12}
        assert one.until("sound")["frame"] == round(cut["at"] * RATE)
        assert one.until("state")["asked"] == {"density": 12}


@pytest.mark.parametrize(
    ("values", "said"), [({"density": -1}, "density"), ({"densty": 1}, "Did you mean 'density'")]
)
def test_a_bad_target_is_refused_and_the_music_goes_on(page, values, said):
    with page("seed=7") as one:
        one.until("sound")
        one.say("set", values=values)
        assert said in one.until("refused")["message"]
        assert one.until("sound")


@pytest.mark.parametrize(
    "text", ["no json", "[]", '{"type":"shout"}', '{"type":"played"}', "[" * 2000]
)
def test_a_message_that_makes_no_sense_ends_the_stream(page, hub, text):
    with page() as one:
        one.until("sound")
        one.socket.send_text(text)
        assert "no message of this server" in one.until("error")["message"]
        assert one.until("closed")["code"] == 1008
    assert not hub.seats


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("model=organ", "no model is called 'organ'"),
        ("seed=-1", "seed -1"),
        ("primer=/etc/passwd", "no parameter is called 'primer'"),
        ("density=lots", "density"),
        ("minutes=0", "minutes"),
        ("changes=[[1]]", "changes"),
        ("density=" + "1" * 300, "at most 200 characters"),
    ],
)
def test_a_bad_address_is_answered_with_one_line(page, hub, query, said):
    with page(query) as one:
        assert said in one.until("error")["message"]
        assert one.until("closed")["code"] == 1008
    assert not hub.seats


def test_changes_of_a_link_that_cannot_be_made_end_the_stream(page):
    with page('changes=[[0.5,{"density":-4}]]') as one:
        assert "density" in one.until("error")["message"]


def test_a_full_house_is_told_politely(page, client):
    with page() as one, page() as other:
        one.until("hello")
        other.until("hello")
        with page() as third:
            assert "2 listeners" in third.until("error")["message"]
            assert third.until("closed")["code"] == 1013
        answer = client.get("/api/events")
        assert answer.status_code == 503 and "--most" in answer.json()["error"]
    with page() as one:
        one.until("hello")


def test_who_leaves_is_forgotten(page, hub):
    with page() as one:
        one.until("sound")
        assert len(hub.seats) == 1
    assert not hub.seats


def test_a_favourite_plays_the_same_again(page):
    with page("seed=11&density=5") as one:
        while len(one.frames) < 12:
            one.take()
        one.say("set", values={"register": 70})
        one.until("set")
        while len(one.frames) < 12:
            one.take()
        one.say("favourite", at=3)
        found = one.until("favourite")
        frames = dict(one.frames)
    assert found["exact"] and found["link"]["seed"] == "11" and found["link"]["density"] == "5"
    query = "&".join(f"{key}={value}" for key, value in found["link"].items())
    with page(query) as again:
        while len(again.frames) < 12:
            again.take()
    common = frames.keys() & again.frames.keys()
    assert len(common) >= 11
    assert all(frames[frame] == again.frames[frame] for frame in common)


def test_what_was_heard_is_saved(page, client):
    with page("seed=7") as one:
        name = one.until("hello")["id"]
        empty = client.get(f"/api/streams/{name}/save?format=mid")
        while len(one.frames) < 12:
            one.take()
        one.say("played", at=2.5)
        while len(one.frames) < 16:
            one.take()
        saved = {
            kind: client.get(f"/api/streams/{name}/save?format={kind}&minutes=1")
            for kind in ("mid", "ogg", "musicxml", "exe")
        }
        told = [row for row in one.rows.values() if row[0] < 2.5]
    assert empty.status_code == 400 and "nothing was heard" in empty.json()["error"]
    assert saved["exe"].status_code == 400
    disposition = saved["mid"].headers["content-disposition"]
    assert disposition == 'attachment; filename="symgen-7-1min.mid"'
    [(_, music)] = notes.read_bytes(saved["mid"].content, "heard.mid")
    heard = [n for n in music.notes if n["start_time"] < 2.49]
    assert len(heard) == len(told)
    for note, row in zip(heard, sorted(told, key=lambda row: (row[0], row[2])), strict=True):
        assert abs(note["start_time"] - row[0]) < 0.01 and note["velocity"] == row[3]
    sound, rate = soundfile.read(io.BytesIO(saved["ogg"].content))
    assert rate == RATE and np.abs(sound).max() > 0.1
    assert b"<score-partwise" in saved["musicxml"].content


def test_a_theme_may_be_a_file_or_notes(page, client, tmp_path):
    from symgen.notes.sequence import NOTE, NoteSequence, table

    song = NoteSequence(notes=table(NOTE, pitch=[60, 64, 67], velocity=80, start_time=[0, 1, 2],
                                    end_time=[1, 2, 3]))  # fmt: skip
    notes.write(song, tmp_path / "song.mid")
    data = (tmp_path / "song.mid").read_bytes()
    rows = {"notes": [[0, 1, 60, 80], [1, 2, 64, 80]]}
    with page("seed=7") as one:
        path = f"/api/streams/{one.until('hello')['id']}/theme"
        one.until("sound")
        assert client.post(f"{path}?name=song.mid", content=data).json()["notes"] == 3
        assert client.post(f"{path}?format=json", json=rows).json()["notes"] == 2
        assert one.until("theme")["notes"] == 3
        refused = [
            client.post(f"{path}?name=song.mid", content=b"MThd and no more"),
            client.post(f"{path}?name=song.exe", content=data),
            client.post(f"{path}?format=json", json={"notes": [[0, 1, 600, 80]] * 2}),
            client.post(f"{path}?format=json", content=b"[" * 5000),
        ]
        assert [each.status_code for each in refused] == [400] * 4
        assert all("\n" not in each.json()["error"] for each in refused)
        assert one.until("sound")


def test_a_program_steers_over_http(client):
    with client.stream("GET", "/api/events?seed=3") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        assert next(lines) == "event: hello"
        name = json.loads(next(lines).removeprefix("data: "))["id"]
        answer = client.post(f"/api/streams/{name}/set", json={"density": 3})
        assert answer.json()["values"] == {"density": 3}
        bad = client.post(f"/api/streams/{name}/set", json={"density": "much"})
        assert bad.status_code == 400 and "density" in bad.json()["error"]
        assert client.delete(f"/api/streams/{name}").json() == {"closed": True}
        kinds = {line for line in lines if line.startswith("event:")}
    assert {"event: notes", "event: set", "event: end"} <= kinds
    assert client.delete(f"/api/streams/{name}").status_code == 404


def test_a_stream_that_is_closed_leaves_its_page(page, client):
    with page() as one:
        name = one.until("hello")["id"]
        client.delete(f"/api/streams/{name}")
        assert one.until("closed")["code"] == 1000


def test_a_stream_that_ends_says_so(page):
    with page("seed=7") as one:
        one.until("sound")
        one.say("finish", seconds=8)
        at = one.until("finish")["at"]
        while (message := one.take())["type"] != "end":
            if message["type"] == "sound":
                one.say("played", at=message["frame"] / RATE)
        assert at + 4 < message["at"] < at + 16
        one.say("played", at=message["at"])
        assert one.until("closed")["code"] == 1000


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("POST", "/api/judge?clips=nan", "clips nan: expected a whole number"),
        ("POST", "/api/judge?clips=2.7", "clips 2.7: expected a whole number"),
        ("POST", "/api/judge?clips=99", "clips 99: expected a whole number from 2 to 40"),
        ("POST", "/api/judge?seconds=inf", "seconds inf"),
        ("POST", "/api/judge", "start symgen serve with --real"),
        ("GET", "/api/judge/x/0", "there is no test 'x'"),
        ("GET", "/api/practice/file?level=2", "seed is missing"),
        ("GET", "/api/practice?width=5", "width 5: expected a whole number from 600 to 3000"),
    ],
)
def test_a_wish_for_a_test_or_a_sheet_that_cannot_be_is_one_line(client, method, path, message):
    answer = client.request(method, path)
    assert answer.status_code in (400, 404) and message in answer.json()["error"]


def test_an_end_within_no_number_of_seconds_is_refused(page, client):
    with page() as one:
        name = one.until("hello")["id"]
        for text in ("soon", "nan", "2"):
            answer = client.post(f"/api/streams/{name}/finish?seconds={text}")
            assert answer.status_code == 400 and f"seconds {text}" in answer.json()["error"]


def test_the_models_have_fields_for_a_form(client):
    piano, folk = client.get("/api/models").json()
    assert piano["name"] == "piano" and piano["labels"] == ["classical", "pop"]
    fields = {field["name"]: field for field in piano["controls"]}
    assert {"label", "key", "density", "register", "loudness", "calm"} <= fields.keys()
    assert "label" not in {field["name"] for field in folk["controls"]}
    for field in fields.values():
        if field["kind"] == "number":
            assert field["least"] < field["most"] and 0 < field["step"] < field["most"]
        elif field["kind"] in ("choice", "key"):
            assert len(field["values"]) > 1


def test_every_value_of_every_field_may_be_asked(client, listener, piano):
    [piano_fields, _] = client.get("/api/models").json()
    session = listener().session
    for field in piano_fields["controls"]:
        ends = [field[k] for k in ("least", "most") if k in field]
        for value in [*field.get("values", []), *ends]:
            if field["kind"] != "flag":
                session.music.source.set(session.music.touch.take({}, {field["name"]: value}))


def test_the_interface_is_described_from_the_table(client):
    found = client.get("/api").json()
    assert found["openapi"] == "3.1.0"
    listed = {(path, method) for path, each in found["paths"].items() for method in each}
    assert listed == {
        (route.path, "get" if route.method == "WS" else route.method.lower()) for route in ROUTES
    }
    ids = [each["operationId"] for path in found["paths"].values() for each in path.values()]
    assert len(set(ids)) == len(ids)
    assert all(
        each["summary"].endswith(".") for p in found["paths"].values() for each in p.values()
    )
    stream = found["paths"]["/api/streams/{id}/save"]["get"]
    assert [each["name"] for each in stream["parameters"]] == ["id", "minutes", "format"]


def test_what_is_not_there_is_a_line_of_json(client):
    for path in ("/nothing", "/api/streams/x/save", "/static/../app.py", "/static/%2e%2e/app.py"):
        answer = client.get(path)
        assert answer.status_code == 404
    assert client.get("/nothing").json()["error"].startswith("/nothing")
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/models"):
        pass
