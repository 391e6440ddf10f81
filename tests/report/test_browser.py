"""The page in a browser: on a phone and on a desk, light and dark, with screenshots kept in build/artefacts.

A page has no script, so it is put into a frame of the wanted width on a page that has one and measures it.
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
from tests.report.documents import document, samples

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = os.environ.get("SYMGEN_TEST_BROWSER") or next(
    filter(None, map(shutil.which, NAMES)), None
)
KEPT = Path(__file__).parents[2] / "build" / "artefacts"
FRAME = """<!doctype html><body style="margin:0"><iframe id="f" style="border:0;width:{width}px;height:{height}px" srcdoc="{page}"></iframe>
<p id="said"></p><script>f.onload = () => {{
  const d = f.contentDocument, wide = [...d.querySelectorAll("body *")].filter(e => !e.closest(".scroll, pre, svg")
    && e.getBoundingClientRect().right > {width} + 1).map(e => e.tagName + " " + e.textContent.slice(0, 30));
  said.textContent = "MEASURED " + d.documentElement.scrollWidth + " of {width}, too wide: " + wide.join("; ") + " END"; }}</script>"""

pytestmark = pytest.mark.skipif(
    not BROWSER, reason=f"no browser: none of {', '.join(NAMES)} is installed"
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The text of the made-up evaluation's page."""
    path = tmp_path_factory.mktemp("browser") / "report.html"
    Evaluation(document(), samples()).write(path)
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
    ("width", "height", "theme"), [(390, 5200, "light"), (390, 5200, "dark"), (1280, 3400, "light")]
)
def test_nothing_is_wider_than_the_screen(page, tmp_path, width, height, theme):
    themed = page.replace('<html lang="en">', f'<html lang="en" data-theme="{theme}">')
    frame = tmp_path / "frame.html"
    frame.write_text(
        FRAME.format(page=html.escape(themed), width=width, height=height), encoding="utf-8"
    )
    KEPT.mkdir(parents=True, exist_ok=True)
    picture = KEPT / f"report-{width}-{theme}.png"
    size = f"--window-size={max(width, 500)},{height}"  # a window cannot be narrower
    said = browse(frame.as_uri(), tmp_path, size, "--dump-dom", f"--screenshot={picture}")
    assert re.findall(r">MEASURED (.*?) END<", said) == [f"{width} of {width}, too wide: "]
    data = picture.read_bytes()
    assert struct.unpack(">II", data[16:24]) == (max(width, 500), height)
    assert len(data) > 50_000  # it is not blank
