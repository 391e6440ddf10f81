"""The page in a browser, on a phone and a desk, light and dark; screenshots in build/artefacts.

The page has no script, so it is loaded into a frame of the given width on a page that measures it.
"""

import html
import os
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from symgen.evaluation.document import Evaluation
from tests.report.documents import document, music, samples

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = os.environ.get("SYMGEN_TEST_BROWSER") or next(
    filter(None, map(shutil.which, NAMES)), None
)
KEPT = Path(__file__).parents[2] / "build" / "artefacts"
# Only the numbers behind a figure, which the reader has to open, may scroll sideways. Everything
# else that is folded is opened and measured.
FRAME = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe id="f" style="border:0;width:{width}px;height:{height}px" srcdoc="{page}"></iframe>
<p id="said"></p><script>f.onload = () => {{
  const d = f.contentDocument;
  d.querySelectorAll("details").forEach(e => e.open = {opened});
  const all = [...d.querySelectorAll("body *")].filter(e => !e.closest(".scroll, svg"));
  const beyond = e => e.getBoundingClientRect().right > {width} + 1;
  const wide = all.filter(e => beyond(e) || e.scrollWidth > e.clientWidth + 1 && e.clientWidth
    && getComputedStyle(e).overflowX != "visible");
  const named = wide.map(e => e.tagName + " " + e.textContent.slice(0, 30));
  said.textContent = "MEASURED " + d.documentElement.scrollWidth + " of {width}, too wide: "
    + named.join("; ") + " END"; }}</script>"""

pytestmark = pytest.mark.skipif(
    not BROWSER, reason=f"no browser: none of {', '.join(NAMES)} is installed"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of the invented evaluation as text."""
    path = tmp_path_factory.mktemp("browser") / "report.html"
    Evaluation(document(), samples(), music()).write(path)
    return path.read_text(encoding="utf-8")


def browse(address, folder, *options):
    command = [
        BROWSER,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--virtual-time-budget=3000",
        f"--user-data-dir={folder / 'profile'}",
        *options,
        address,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.mark.parametrize(
    ("width", "height", "theme", "opened"),
    [
        (390, 5200, "light", "false"),
        (390, 5200, "dark", "true"),
        (768, 3400, "light", "true"),
        (1280, 3400, "light", "false"),
    ],
)
def test_nothing_is_wider_than_the_screen(page, tmp_path, width, height, theme, opened):
    themed = page.replace('<html lang="en">', f'<html lang="en" data-theme="{theme}">')
    frame = tmp_path / "frame.html"
    text = FRAME.format(page=html.escape(themed), width=width, height=height, opened=opened)
    frame.write_text(text, encoding="utf-8")
    KEPT.mkdir(parents=True, exist_ok=True)
    picture = KEPT / f"report-{width}-{theme}.png"
    size = f"--window-size={max(width, 500)},{height}"  # a window cannot be narrower
    message = browse(frame.as_uri(), tmp_path, size, "--dump-dom", f"--screenshot={picture}")
    assert re.findall(r">MEASURED (.*?) END<", message) == [f"{width} of {width}, too wide: "]
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (max(width, 500), height)
    assert len(data) > 50_000  # it is not blank
