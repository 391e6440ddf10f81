"""The page of a blind test, answered in a real browser."""

import io
import json

import numpy as np
import pytest
import soundfile

from symgen.evaluation.blind import Clip, share
from symgen.notes.sequence import NoteSequence, notes_of
from symgen.report.blind import LOUD, audio, level, page

SOFT = NoteSequence(notes_of([(60, 20, 0.0, 1.0), (64, 20, 0.5, 1.5)]))
HARD = NoteSequence(notes_of([(50, 120, 0.0, 1.5), (54, 120, 0.0, 1.5), (57, 120, 0.0, 1.5)]))
CLIPS = [
    Clip(SOFT, False, "piece <b>a</b> at 1.0 s"),
    Clip(HARD, True, "sample 1 of seed 0 at 2.0 s"),
    Clip(HARD, True, "sample 2 of seed 0 at 0.0 s"),
]


@pytest.fixture(scope="module")
def test_page(tmp_path_factory):
    path = tmp_path_factory.mktemp("blind") / "test.html"
    path.write_text(page(CLIPS, "A person or <tiny>?"), encoding="utf-8")
    return path


def test_all_clips_are_equally_loud_and_as_long_as_their_music():
    powers = []
    for clip in CLIPS[:2]:
        frames, rate = soundfile.read(io.BytesIO(audio(clip)), always_2d=True)
        assert len(frames) / rate == pytest.approx(1.5, abs=0.15)
        powers.append(np.sqrt(np.mean(np.square(frames))))
    assert powers == pytest.approx([LOUD, LOUD], rel=0.1)


def test_a_clip_fades_in_and_out_and_silence_stays():
    frames = level(np.ones((1000, 2), np.float32), 1000)
    assert frames[0].max() == frames[-1].max() == 0
    assert frames[500] == pytest.approx([LOUD, LOUD])
    assert not level(np.zeros((10, 2), np.float32), 1000).any()


def test_the_answers_are_not_read_by_chance(test_page):
    text = test_page.read_text(encoding="utf-8")
    assert "sample 1 of seed 0" not in text and "generated&quot;" not in text
    assert "A person or &lt;tiny&gt;?" in text


def test_a_listener_answers_and_is_told_the_share(test_page, chromium):
    complaints, asked = [], []
    tab = chromium.new_page(viewport={"width": 390, "height": 800})
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(test_page.as_uri())
    assert tab.inner_text("#place") == "Clip 1 of 3"
    tab.wait_for_function("document.getElementById('player').duration > 1.3")
    tab.click("#real")  # right
    tab.keyboard.press("m")  # right
    tab.keyboard.press("p")  # wrong
    low, high = (round(100 * end) for end in share(2, 3)[1:])
    assert tab.inner_text("#share") == "2 of 3 right: 67 %"
    assert f"in {low} to {high} % of such clips" in tab.inner_text("#meaning")
    assert "piece <b>a</b> at 1.0 s" in tab.inner_text("#rows")
    assert tab.eval_on_selector_all(".wrong", "rows => rows.length") == 1
    saved = tab.get_attribute("#save", "href")
    told = tab.evaluate("text => decodeURIComponent(text.split(',').slice(1).join(','))", saved)
    assert json.loads(told)["given"] == ["a person", "the model", "a person"]
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.click("#again")
    assert tab.inner_text("#place") == "Clip 1 of 3"
    tab.close()
    assert complaints == []
    assert all(url.startswith(("file:", "data:")) for url in asked)
