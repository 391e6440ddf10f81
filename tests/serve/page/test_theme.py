"""A theme of one's own: dropped, chosen, played on the keys of the screen."""

import numpy as np
import pytest

import symgen
from tests.serve.page.browsing import phase, press, until

pytestmark = pytest.mark.slow  # they wait for music in real time

TUNE = "X:1\nT:Mine\nM:4/4\nL:1/4\nK:C\nCDEF|GABc|cBAG|FEDC|\n"
DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    for (const kind of ["dragover", "drop"]) {
        const options = { dataTransfer: data, bubbles: true, cancelable: true };
        document.getElementById("drop").dispatchEvent(new DragEvent(kind, options));
    }
}"""


def answered(page, name):
    page.wait_for_selector(f"#theme-said:text('The music answers {name}')")


def test_a_dropped_theme_is_answered(visit):
    page = visit("#model=piano")
    press(page)
    page.evaluate(DROP, ["mine.abc", TUNE])
    answered(page, "mine.abc")
    phase(page, "playing")


def test_a_chosen_file_begins_the_music(visit, tmp_path):
    path = tmp_path / "mine.abc"
    path.write_text(TUNE)
    page = visit("#model=piano")
    page.set_input_files("#theme-file", path)
    answered(page, "mine.abc")
    phase(page, "playing")


def test_what_is_no_music_is_refused_by_name_and_the_music_goes_on(visit):
    page = visit("#model=piano")
    press(page)
    page.evaluate(DROP, ["mine.mid", "no music"])
    until(page, "document.querySelector('#theme-said').textContent.includes('mine.mid')")
    until(page, "!/Reading/.test(document.querySelector('#theme-said').textContent)")
    assert "answers" not in page.inner_text("#theme-said")
    phase(page, "playing")
    visit.complaints.clear()  # the browser says that the server refused


def test_what_is_played_on_the_keys_becomes_the_theme_after_a_pause(visit):
    page = visit("#model=piano")
    press(page)
    page.click("#record summary")
    page.focus(".keys button")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.keyboard.press(" ", delay=60)
    answered(page, "your theme.mid")


def test_a_midi_keyboard_is_heard(visit):
    page = visit("#model=piano")
    press(page)
    page.evaluate(
        """() => {
            globalThis.input = { name: "Clavier" };
            const access = { inputs: new Map([["1", input]]) };
            navigator.requestMIDIAccess = async () => access;
        }"""
    )
    page.click("#record summary")
    page.click("#midi")
    page.wait_for_selector("#midi-said:text('Clavier')")
    for pitch in (60, 64, 67):
        page.evaluate("pitch => input.onmidimessage({ data: [0x90, pitch, 90] })", pitch)
        page.evaluate("pitch => input.onmidimessage({ data: [0x90, pitch, 0] })", pitch)
    page.click("#record-use")
    answered(page, "your theme.mid")


def test_a_played_theme_is_a_midi_file(visit, tmp_path):
    page = visit()
    played = [(0.5, 1.0, 60, 80), (1.0, 1.25, 64, 90), (1.0, 3.5, 67, 1)]
    data = page.evaluate(
        """async notes => {
            const { midiFile } = await import("/static/theme/smf.js");
            const names = ["start", "end", "pitch", "velocity"];
            const named = note => Object.fromEntries(names.map((name, i) => [name, note[i]]));
            return [...midiFile(notes.map(named))];
        }""",
        played,
    )
    path = tmp_path / "played.mid"
    path.write_bytes(bytes(data))
    notes = symgen.read(path).notes
    assert notes["pitch"].tolist() == [60, 64, 67]
    assert notes["velocity"].tolist() == [80, 90, 1]
    np.testing.assert_allclose(notes["start_time"], [0, 0.5, 0.5], atol=0.002)
    np.testing.assert_allclose(notes["end_time"], [0.5, 0.75, 3.0], atol=0.002)
