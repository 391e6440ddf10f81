"""Study time and sleep timer; the address makes them short."""

import pytest

from tests.serve.page.browsing import phase, plays_on, press, until

pytestmark = pytest.mark.slow  # they wait for music in real time


def test_a_study_time_begins_the_music_and_ends_softly(visit):
    page = visit("?study=0.05")
    assert page.inner_text("#study-left") == "0:03"
    page.click("#study-start")
    phase(page, "playing")
    assert page.inner_text("#study-start") == "Stop"
    until(page, "symgen.player.fade.gain.value < 0.9")  # the fade
    assert page.evaluate("symgen.player.phase") == "playing"
    phase(page, "paused")
    page.wait_for_selector("#study-note:text('Time for a break')")
    assert page.inner_text("#study-left") == "0:03"


def test_the_study_clock_stands_while_the_music_is_paused(visit):
    page = visit()
    page.click("#study-start")
    phase(page, "playing")
    page.wait_for_selector("#study-left:text('24:5')")
    page.click("#play")
    phase(page, "paused")
    held = page.inner_text("#study-left")
    page.wait_for_timeout(1200)
    assert page.inner_text("#study-left") == held


def test_a_study_time_that_is_stopped_leaves_the_music(visit):
    page = visit("?study=0.1")
    page.click("#study-start")
    phase(page, "playing")
    until(page, "symgen.player.fade.gain.value < 0.9", seconds=20)
    page.click("#study-start")
    until(page, "symgen.player.fade.gain.value > 0.99")
    plays_on(page)
    assert page.inner_text("#study-left") == "0:06"


def test_the_screen_stays_on_while_one_studies(visit):
    page = visit()
    page.evaluate(
        """() => {
            globalThis.lock = { held: false, release: async () => { lock.held = false; } };
            navigator.wakeLock.request = async () => { lock.held = true; return lock; };
        }"""
    )
    page.click("#study-start")
    until(page, "lock.held")
    page.click("#study-start")
    until(page, "!lock.held")


def test_the_sleep_timer_fades_the_music_out(visit):
    page = visit("?sleep=0.05")
    press(page)
    page.select_option("#sleep", "0.05")
    page.wait_for_selector("#sleep-left:text('left')")
    phase(page, "paused")
    assert page.input_value("#sleep") == ""
