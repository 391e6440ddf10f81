"""The page for everyone: keyboard, readers of the screen, small screens, less motion; weight."""

import pytest

from tests.serve.page.browsing import STATIC, phase, press

KEPT = STATIC.parents[2] / "build" / "artefacts"
BEYOND = """() => {
    const all = [...document.querySelectorAll("body *")].filter(e => e.checkVisibility());
    const wide = all.filter(e => e.getBoundingClientRect().right > innerWidth + 1);
    return [document.documentElement.scrollWidth - innerWidth, wide.map(e => e.id || e.className)];
}"""


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (390, "light"),
        (1280, "dark"),
        pytest.param(390, "dark", marks=pytest.mark.slow),
        pytest.param(1280, "light", marks=pytest.mark.slow),
    ],
)
def test_nothing_serious_for_axe_and_nothing_too_wide(visit, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = visit("#model=piano&density=5", width=width, color_scheme=scheme)
    press(page)
    page.wait_for_timeout(2000)  # so that there is a picture of music
    page.click("#record summary")
    KEPT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=KEPT / f"page-{width}-{scheme}.png", full_page=True)
    found = axe.Axe().run(page).response["violations"]
    assert [
        (v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")
    ] == []
    assert page.evaluate(BEYOND) == [0, []]


def test_the_keyboard_does_everything(visit):
    page = visit()
    page.keyboard.press(" ")
    phase(page, "playing")
    page.keyboard.press(" ")
    phase(page, "paused")
    page.keyboard.press("m")
    assert page.inner_text("#mute") == "Muted"
    page.keyboard.press("-")
    assert page.input_value("#volume") == "75"
    page.keyboard.press("?")
    assert "play or pause" in page.inner_text("#shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    assert page.get_attribute("html", "data-scheme") == "dark"


def test_tab_reaches_every_control_and_shows_where_it_is(visit):
    page = visit()
    wanted = set(
        page.evaluate(
            """[...document.querySelectorAll("main button, main select, main input")]
            .filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0)
            .map(e => e.id || e.textContent)"""
        )
    )
    seen = set()
    for _ in range(len(wanted) + 8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break  # beyond the last one
        name, outline = page.evaluate(
            """(() => { const e = document.activeElement;
            const shown = e.closest("label.button") ?? e;
            return [e.id || e.textContent, getComputedStyle(shown).outlineStyle]; })()"""
        )
        seen.add(name)
        assert outline != "none", name
    assert wanted <= seen


def test_a_letter_in_a_field_is_no_shortcut(visit):
    page = visit()
    page.focus("#model")
    page.keyboard.press("m")
    assert page.inner_text("#mute") == "Mute"


def test_shortcuts_can_be_switched_off(visit):
    page = visit()
    page.click("#help")
    page.uncheck("#shortcuts input")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    assert page.inner_text("#mute") == "Mute"


def test_states_are_said_and_nothing_more(visit):
    page = visit()
    page.evaluate(
        """() => {
            globalThis.said = [];
            for (const live of document.querySelectorAll("[role=status]")) {
                const hear = new MutationObserver(() => said.push(live.textContent));
                hear.observe(live, { childList: true, characterData: true, subtree: true });
            }
        }"""
    )
    press(page)
    page.wait_for_timeout(1500)
    page.click("#play")
    phase(page, "paused")
    assert page.evaluate("said") == ["Starting …", "Playing", "Paused"]


def test_with_less_motion_the_roll_turns_pages(visit):
    pages = {}
    for motion in ("reduce", "no-preference"):
        page = visit(reduced_motion=motion)
        pages[motion] = page.evaluate(
            """async () => {
                const { Roll } = await import("/static/see/roll.js");
                const { score } = symgen;
                const roll = new Roll(document.getElementById("roll"), score);
                roll.fit();
                return [3, 4, 5, 30].map(at => roll.begin(at));
            }"""
        )
    first, second, third, far = pages["reduce"]
    assert first == second == third == 0 < far
    assert len(set(pages["no-preference"])) == 4


def test_the_choice_of_light_or_dark_is_kept(visit):
    page = visit(color_scheme="light")
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(paper)
    page.click("#scheme")
    dark = page.evaluate(paper)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate(paper) == dark != light


def test_the_page_is_light_and_shows_soon(visit):
    page = visit()
    sizes = page.evaluate(
        """["resource", "navigation"].flatMap(kind => performance.getEntriesByType(kind))
        .map(entry => entry.decodedBodySize)"""
    )
    assert 20_000 < sum(sizes) < 200_000
    assert sum(path.stat().st_size for path in STATIC.rglob("*") if path.is_file()) < 200_000
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    assert page.evaluate(paint) < 5000  # benchmarks/listening.py measures it


def test_the_page_needs_nothing_inline():
    page = (STATIC / "index.html").read_text(encoding="utf-8")
    assert " style=" not in page
    assert "<style" not in page
    assert " on" not in {
        text[:3] for text in page.split("<") if "=" in text and text.startswith(" on")
    }
    assert page.count("<script") == page.count("<script src=") + page.count(
        '<script type="module" src='
    )
