"""What the tests of the page share: the server as a process, and what a person does."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = os.environ.get("SYMGEN_TEST_BROWSER") or next(
    filter(None, map(shutil.which, NAMES)), None
)
STATIC = Path(__file__).parents[3] / "symgen" / "serve" / "static"
STARTS, WAITS = 60.0, 15.0  # seconds


@contextlib.contextmanager
def serving(folder, *options, port=0):
    """Run `symgen serve` on a port, by default a free one; yield its address with a final slash."""
    log = folder / "serve.log"
    command = [sys.executable, "-m", "symgen", "serve", "--port", str(port), *options]
    own = {**os.environ, "XDG_DATA_HOME": str(folder)}  # what was played is remembered there
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=own)
    try:
        yield listening(process, log)
    finally:
        process.kill()
        process.wait()


def listening(process, log):
    """Return the address that the server says, once it listens."""
    until = time.monotonic() + STARTS
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"http://\S+/(\?token=[\w-]+)?", log.read_text()):
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"symgen serve does not listen: {log.read_text()}")


def until(page, expression, arg=None, seconds=WAITS):
    """Return the value of an expression in the page, once it is true.

    Playwright's own way evaluates text in the page, which the page's security policy forbids.
    """
    last = time.monotonic() + seconds
    while not (value := page.evaluate(expression, arg)):
        assert time.monotonic() < last, f"{expression} was never true"
        page.wait_for_timeout(25)
    return value


def press(page):
    """Press play; return the milliseconds until the first sample that is not silence."""
    page.click("#play")
    until(page, "symgen.player.report.heard > 0")
    return page.evaluate("symgen.player.report.heard - symgen.player.pressed")


def phase(page, wanted):
    """Wait until the player is in a phase."""
    until(page, "wanted => symgen.player.phase === wanted", arg=wanted)


def position(page):
    """Return the seconds of the stream that are heard."""
    return page.evaluate("symgen.player.position")


def plays_on(page, seconds=0.5):
    """Wait until the music has gone on by that much."""
    until(
        page,
        "([from, more]) => symgen.player.position > from + more",
        arg=[position(page), seconds],
    )


def move(page, name, key="ArrowRight"):
    """Move a slider by a key; return seconds from what was heard then to where it is followed."""
    page.evaluate(
        """name => {
            const { player } = symgen;
            const slider = document.getElementById(name);
            globalThis.moved = globalThis.answered = null;
            slider.addEventListener("input", () => { moved = player.position; }, { once: true });
            player.on("set", ({ at }) => { answered = at; }, { once: true });
            slider.focus();
        }""",
        f"control-{name}",
    )
    page.keyboard.press(key)
    until(page, "answered !== null")
    return page.evaluate("answered - moved")
