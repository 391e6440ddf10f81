"""Play, see and steer, as a person would."""

import pytest

from tests.serve.page.browsing import move, phase, plays_on, position, press, serving, until

SANE = 10  # seconds on a busy machine; benchmarks/listening.py measures against 1 second


def test_music_soon_after_the_press(visit):
    assert press(visit()) < 1000 * SANE


@pytest.mark.slow
def test_music_after_each_of_20_presses(visit):
    for _ in range(20):
        page = visit()
        assert press(page) < 1000 * SANE
        page.context.close()


def test_a_slider_is_heard_soon(visit):
    page = visit()
    press(page)
    plays_on(page, 1.0)
    assert 0 < move(page, "density") < SANE


@pytest.mark.slow
def test_each_of_20_moves_of_a_slider_is_heard(visit):
    page = visit()
    press(page)
    for trial in range(20):
        plays_on(page, 1.0)
        assert 0 < move(page, "register", "ArrowRight" if trial % 3 else "ArrowLeft") < SANE


def test_a_slider_changes_what_comes(visit):
    page = visit("#model=piano&seed=5&register=50")
    mean = """since => {
        const pitches = [...symgen.score.notes.values()].filter(n => n[0] > since).map(n => n[2]);
        return pitches.length > 8 ? pitches.reduce((a, b) => a + b) / pitches.length : null;
    }"""
    press(page)
    low = until(page, mean, arg=0)
    move(page, "register", "End")
    since = page.evaluate("answered") + 0.5
    high = until(page, mean, arg=since)
    assert low + 10 < high
    assert "84" in page.inner_text(".control.number.on output")


def test_a_control_can_be_let_go(visit):
    page = visit("#density=9")
    press(page)
    page.evaluate("symgen.player.on('set', ({ values }) => { globalThis.values = values; })")
    page.click("text=let go")
    until(page, "globalThis.values !== undefined")
    assert page.evaluate("values") == {"density": None}
    assert page.locator(".control.on").count() == 0


def test_a_preset_sets_the_controls_that_the_model_has(visit):
    page = visit()
    press(page)
    page.evaluate("symgen.player.on('set', ({ values }) => { globalThis.values = values; })")
    page.click("text=Calm")
    until(page, "globalThis.values !== undefined")
    assert page.evaluate("values") == {"calm": 0.8}


def test_every_model_has_its_own_form(visit):
    page = visit()
    names = "[...document.querySelectorAll('.control [name]')].map(e => e.name)"
    piano = page.evaluate(names)
    page.select_option("#model", "folk")
    folk = page.evaluate(names)
    models = page.evaluate("fetch('/api/models').then(answer => answer.json())")
    assert [piano, folk] == [[c["name"] for c in model["controls"]] for model in models]
    assert piano != folk


def test_another_model_takes_over_while_music_plays(visit):
    page = visit()
    press(page)
    page.select_option("#model", "folk")
    until(page, "document.querySelector('#detail').textContent.startsWith('Folk')")
    phase(page, "playing")
    plays_on(page)


def test_pause_holds_the_music_and_play_goes_on_from_there(visit):
    page = visit()
    press(page)
    plays_on(page)
    page.click("#play")
    phase(page, "paused")
    until(page, "symgen.player.context.state === 'suspended'")
    held = position(page)
    page.wait_for_timeout(600)
    assert position(page) == held
    page.click("#play")
    phase(page, "playing")
    assert held - 0.1 < position(page) < held + 1  # it is estimated between two reports
    plays_on(page)


def test_volume_and_mute_change_the_sound(visit):
    page = visit()
    press(page)
    gain = "level => Math.abs(symgen.player.volume.gain.value - level) < 0.01"
    until(page, gain, arg=0.64)
    page.focus("#volume")
    page.keyboard.press("Home")
    until(page, gain, arg=0)
    page.keyboard.press("End")
    until(page, gain, arg=1)
    page.click("#mute")
    until(page, gain, arg=0)
    assert page.get_attribute("#mute", "aria-pressed") == "true"


def test_the_picture_moves_with_the_sound(visit):
    page = visit()
    press(page)
    plays_on(page, 1.0)
    ink = "document.getElementById('roll').toDataURL()"
    before = page.evaluate(ink)
    plays_on(page)
    assert page.evaluate(ink) != before
    assert page.wait_for_selector("#sounding:not(:text('nothing'))").inner_text()


def test_a_busy_tab_does_not_stutter(visit):
    page = visit()
    press(page)
    plays_on(page, 1.0)
    begin = position(page)
    page.evaluate("() => { const until = Date.now() + 1500; while (Date.now() < until); }")
    plays_on(page, 0.1)
    assert position(page) > begin + 1.0


@pytest.mark.slow
def test_a_full_server_says_so_and_one_that_goes_away_is_found_again(visit, tmp_path):
    options = ("--model", "folk", "--most", "1")
    with serving(tmp_path, *options) as address:
        page = visit(address=address)
        press(page)
        other = visit(address=address)
        other.click("#play")
        phase(other, "over")
        assert "1 listener" in other.inner_text("#status")
        other.context.close()
    port = int(address.rstrip("/").rpartition(":")[2])
    phase(page, "lost")
    assert "connection was lost" in page.inner_text("#status")
    with serving(tmp_path, *options, port=port):
        phase(page, "playing")
        plays_on(page)
    visit.complaints.clear()  # the browser says that it could not connect


def test_a_wish_that_cannot_be_met_is_said(visit):
    page = visit("#seed=abc")
    page.click("#play")
    phase(page, "over")
    assert page.inner_text("#status") not in ("", "Playing")


def test_a_phone_without_an_audio_thread_hears_it_too(visit):
    """Pages that come over plain http from another computer have none."""
    page = visit()
    page.evaluate(
        "Object.defineProperty(AudioContext.prototype, 'audioWorklet', { value: undefined })"
    )
    assert press(page) < 1000 * SANE
    plays_on(page, 1.0)
    assert page.evaluate("symgen.player.speaker.node.constructor.name") == "ScriptProcessorNode"
    page.click("#play")
    phase(page, "paused")
    held = position(page)
    page.click("#play")
    phase(page, "playing")
    assert position(page) >= held
    visit.complaints.clear()  # the browser says that this way is old


def test_sound_that_the_browser_stops_is_said(visit):
    page = visit()
    press(page)
    page.evaluate("symgen.player.context.suspend()")
    phase(page, "paused")
    assert page.inner_text("#status") == "Paused"
    page.click("#play")
    phase(page, "playing")
    plays_on(page)


@pytest.mark.slow
def test_music_that_was_to_end_is_heard_to_its_end(visit):
    page = visit("#model=piano&minutes=0.2")
    press(page)
    until(page, "symgen.player.ends < Infinity")
    end = page.evaluate("symgen.player.ends")
    until(page, "symgen.player.phase === 'over'", seconds=30)
    assert position(page) >= end - 0.2
    assert page.inner_text("#status") == "This music has ended."


def test_the_music_is_told_in_words(visit):
    page = visit("#key=Am&density=6")
    press(page)
    until(page, "/Am/.test(document.querySelector('#readout').innerText)")
    assert "6 notes per second" in page.inner_text("#readout")
    until(page, "!document.querySelector('#readout td').textContent.includes('–')")
    assert "Passages refused because they were heard before: " in page.inner_text("#passages")
    assert "None came twice" in page.inner_text("#passages")


def test_the_controls_that_most_want_come_first_with_names_for_people(visit):
    page = visit("#model=piano")
    names = "[...document.querySelectorAll('#controls label')].map(e => e.textContent)"
    assert page.evaluate(names)[:4] == ["Style", "Key", "Only notes of the key", "Density"]
    assert {"Loudness", "Calm"} < set(page.evaluate(names))


@pytest.mark.slow
def test_a_page_that_others_may_open_plays_with_its_token(visit, tmp_path):
    with serving(tmp_path, "--model", "folk", "--host", "0.0.0.0") as address:
        address = address.replace("0.0.0.0", "127.0.0.1")
        assert "?token=" in address
        page = visit(address=address)
        press(page)
        plays_on(page)
        link = page.evaluate(
            "import('/static/keep/share.js').then(({ linkTo }) => linkTo({ model: 'folk' }))"
        )
        assert "token" not in link


@pytest.mark.slow
def test_a_browser_without_sound_is_said(visit):
    page = visit()
    page.evaluate(
        """() => {
            AudioContext.prototype.resume = () => new Promise(() => {});
            Object.defineProperty(AudioContext.prototype, "state", { value: "suspended" });
        }"""
    )
    page.click("#play")
    phase(page, "waiting")
    assert "gives no sound" in page.inner_text("#status")
