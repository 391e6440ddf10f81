"""Keep: files of what was heard, favourites that play again, links."""

import json

import pytest

import symgen
from tests.serve.page.browsing import move, phase, plays_on, press, until

pytestmark = pytest.mark.slow  # they wait for music in real time

NOTES = """until => [...symgen.score.notes.values()].filter(n => n[0] <= until)
    .map(([start, , pitch, velocity]) => [start, pitch, velocity])"""


@pytest.mark.parametrize(
    ("kind", "begin"), [("mid", b"MThd"), ("ogg", b"OggS"), ("musicxml", b"<?xml")]
)
def test_the_last_minutes_are_saved(visit, tmp_path, kind, begin):
    page = visit("#model=piano&seed=3")
    press(page)
    plays_on(page, 3.0)
    page.select_option("#save-minutes", "1")
    page.select_option("#save-format", kind)
    with page.expect_download() as waiting:
        page.click("#save")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.read_bytes().startswith(begin)
    assert path.suffix == f".{kind}"
    if kind == "mid":
        assert len(symgen.read(path).notes) > 3
    page.wait_for_selector(f"#keep-said:text('Saved {path.name}')")


def test_nothing_can_be_saved_before_there_is_music(visit):
    page = visit()
    assert page.is_disabled("#save")
    assert page.is_disabled("#favour")


def test_a_favourite_plays_again_note_for_note(visit):
    page = visit("#model=piano&seed=11")
    press(page)
    plays_on(page, 1.0)
    move(page, "register", "End")
    plays_on(page, 2.0)
    page.click("#favour")
    page.wait_for_selector(".again")
    first = page.evaluate(NOTES, page.evaluate("symgen.player.position"))
    page.reload()
    page.wait_for_selector("html[data-ready]")
    page.click(".again")
    phase(page, "playing")
    last = max(first)[0]
    until(page, "last => symgen.player.position > last + 0.2", arg=last)
    assert sorted(page.evaluate(NOTES, last)) == sorted(first)


def test_favourites_are_named_removed_and_exported(visit, tmp_path):
    page = visit("#model=piano&seed=11")
    press(page)
    page.click("#favour")
    name = page.wait_for_selector(".again").inner_text()
    assert name.startswith("Piano 11, 0:0")
    with page.expect_download() as waiting:
        page.click("#favourites-export")
    waiting.value.save_as(tmp_path / "kept.json")
    [kept] = json.loads((tmp_path / "kept.json").read_text())
    assert kept["name"] == name
    assert kept["link"]["seed"] == "11"
    page.click("text=Remove")
    assert page.inner_text("#favourites") == "None yet."
    assert page.is_hidden("#favourites-export")


def test_a_link_begins_with_the_same_model_seed_and_controls(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.select_option("#model", "piano")
    press(page)
    plays_on(page, 1.0)
    page.select_option("#control-key", "Am")
    page.click("#share")
    page.wait_for_selector("#keep-said:text('Copied')")
    link = page.evaluate("navigator.clipboard.readText()")
    seed = page.evaluate("document.querySelector('#detail').textContent").rpartition(" ")[2]
    other = visit(link.partition("/#")[2] and "#" + link.partition("#")[2])
    assert other.input_value("#control-key") == "Am"
    press(other)
    other.wait_for_selector(f"#detail:text('seed {seed}')")
