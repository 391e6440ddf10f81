"""A sheet at one press, engraved, with its sound and its files; another one is another."""

import json
import urllib.error
import urllib.request

import pytest

from tests.serve.page.browsing import until


@pytest.fixture(autouse=True)
def _engraver():
    pytest.importorskip("verovio", reason="the extra `sheets` is not installed")


def sheet(page):
    """Press and wait; return the seed of the sheet that came."""
    before = page.text_content(".sheet") or ""
    page.click("text=New sheet")
    until(page, "before => document.querySelector('.sheet').textContent !== before", before)
    return page.inner_text(".sheet .note")


def test_a_new_sheet_at_one_press(visit):
    page = visit(width=390)
    page.click("#tab-practise")
    page.select_option(".room select[name=level]", "3")
    page.select_option(".room select[name=hands]", "right")
    page.select_option(".room select[name=key]", "D")
    first = sheet(page)
    assert page.inner_text(".sheet h2").startswith("Sight reading, level 3: D major")
    until(
        page, "[...document.querySelectorAll('.sheet img')].every(each => each.naturalWidth > 300)"
    )
    assert page.evaluate("document.querySelectorAll('.sheet img').length") >= 1
    assert sheet(page) != first
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_download() as download:
        page.click(".sheet >> text=MusicXML")
    assert download.value.suggested_filename.endswith(".musicxml")
    page.evaluate("document.querySelector('.sheet audio').play()")
    until(page, "document.querySelector('.sheet audio').currentTime > 0.2")


def test_the_music_is_silent_while_a_sheet_sounds(visit):
    page = visit()
    page.click("#play")
    until(page, "symgen.player.phase === 'playing'")
    page.click("#tab-practise")
    sheet(page)
    page.evaluate("document.querySelector('.sheet audio').play()")
    until(page, "symgen.player.phase === 'paused'")


def answered(address):
    try:
        with urllib.request.urlopen(address, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_seed_makes_the_sheet_again_and_a_bad_wish_is_refused(server):
    address = f"{server}api/practice?level=2&bars=8"
    code, first = answered(address)
    assert code == 200, first
    assert first["level"] == 2 and first["bars"] == 8
    again = answered(f"{address}&seed={first['seed']}")[1]
    assert again["pages"] == first["pages"] and again["about"] == first["about"]
    for wish, message in (
        ("level=9", "level 9: expected a whole number from 1 to 8"),
        ("bars=64", "bars 64: expected a whole number from 4 to 32"),
        ("seed=x", "seed x: expected a whole number"),
        ("width=5", "width 5: expected a whole number from 600 to 3000"),
        ("hands=feet", "hands 'feet'"),
    ):
        code, told = answered(f"{server}api/practice?{wish}")
        assert code == 400 and message in told["error"]
