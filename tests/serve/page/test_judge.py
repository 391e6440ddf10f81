"""The blind test of the page, with music by people from a folder."""

import numpy as np
import pytest

from symgen.notes import write
from symgen.notes.sequence import NoteSequence, notes_of
from tests.serve.page import browsing
from tests.serve.page.browsing import until


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """The address of a server that has three pieces by people."""
    folder = tmp_path_factory.mktemp("judge")
    for k in range(3):
        rng = np.random.default_rng(k)
        times = np.arange(0, 40, 0.25).tolist()
        pitches = 60 + np.cumsum(rng.integers(-2, 3, len(times))) % 24
        piece = [(int(p), 70, t, t + 0.3) for p, t in zip(pitches, times, strict=True)]
        write(NoteSequence(notes=notes_of(piece)), folder / "music" / f"piece{k}.mid")
    options = ["--model", "piano", "--real", str(folder / "music")]
    with browsing.serving(folder, *options) as address:
        yield address


def test_a_listener_judges_every_clip_and_is_told_the_share(visit, judged):
    page = visit(address=judged)
    fewer = lambda route: route.continue_(url=f"{route.request.url}&clips=4")  # noqa: E731
    page.route("**/api/judge?*", fewer)
    page.click("#tab-judge")
    page.click("text=Begin")
    for k in range(1, 5):
        until(page, "title => document.body.textContent.includes(title)", f"Clip {k} of 4", 60)
        page.click("button.choice >> text=The model")
        until(page, "title => !document.body.textContent.includes(title)", f"Clip {k} of 4")
    assert page.inner_text("#judge-section h2") == "2 of 4 right: 50 %"
    lines = page.eval_on_selector_all(".told", "all => all.map(each => each.textContent)")
    assert sorted(line.partition(":")[0] for line in lines) == [
        *["a person (wrong)"] * 2,
        *["the model (right)"] * 2,
    ]
    assert sum("piece" in line for line in lines) == 2


def test_without_music_by_people_the_page_says_how(visit):
    page = visit()
    page.click("#tab-judge")
    until(page, "document.body.textContent.includes('symgen serve --real my-music')")
