"""The page of `symgen serve` in a browser, in real time: first paint, sound, gaps, sliders.

python benchmarks/listening.py [--minutes 20] [--model piano] [--json FILE]

It starts the server and a headless Chromium, presses play, and goes on for `--minutes` of real
time. Meanwhile the tab scrolls all the time, and a slider moves every 20 seconds. A gap is time in
which there was nothing to play; one of more than 50 ms is heard. "Late" is the longest time between
two calls of the audio thread; the sound card's own buffer covers it. This needs the extra `serve`,
playwright and Chromium. It is no part of `make bench`, which it would outlast.
"""

import re
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import measure

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PRESSES = 20
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
SCROLL = """() => {
    let down = true;
    setInterval(() => {
        scrollBy(0, down ? 40 : -40);
        if (scrollY + innerHeight >= document.body.scrollHeight - 1) down = false;
        if (scrollY <= 0) down = true;
    }, 16);
}"""
SLIDER = """value => {
    const slider = document.getElementById("control-density");
    globalThis.moved = symgen.player.position;
    globalThis.answered = null;
    symgen.player.on("set", ({ at }) => { answered = at; }, { once: true });
    slider.value = String(value);
    slider.dispatchEvent(new Event("input"));
}"""


@contextmanager
def server(model):
    """Start `symgen serve` on a free port; yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as out:
            command = [*measure.SYMGEN, "serve", "--model", model, "--port", "0"]
            process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            while not (found := re.search(r"http://\S+/", log.read_text())):
                if process.poll() is not None:
                    raise SystemExit(log.read_text())
                time.sleep(0.1)
            yield found[0]
        finally:
            process.kill()
            process.wait()


def until(page, expression):
    """Wait until an expression in the page is true."""
    while not page.evaluate(expression):
        page.wait_for_timeout(25)


def press(page, address):
    """Open the page and press play; return the milliseconds until something is heard."""
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    page.click("#play")
    until(page, "symgen.player.report.heard > 0")
    return page.evaluate("symgen.player.report.heard - symgen.player.pressed")


def listen(page, minutes):
    """Scroll and steer for that long; return the seconds from each slider to where it is heard."""
    page.evaluate(SCROLL)
    waits, last = [], time.monotonic() + 60 * minutes
    while time.monotonic() < last:
        page.wait_for_timeout(min(20_000, 1000 * max(last - time.monotonic(), 1)))
        page.evaluate(SLIDER, 2 + len(waits) % 8)
        until(page, "answered !== null")
        waits.append(page.evaluate("answered - moved"))
    return waits


def rows(args):
    """Yield the figures of one listener."""
    from playwright.sync_api import sync_playwright

    minutes = 0.5 if args.quick else args.minutes
    browser = next(filter(None, map(shutil.which, NAMES)))
    with server(args.model) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield "press to sound, the first", press(chromium.new_page(), address), "ms", args.model
        times, paints = [], []
        for _ in range(2 if args.quick else PRESSES):
            chromium.contexts[0].close()
            page = chromium.new_page()
            times.append(press(page, address))
            paints.append(page.evaluate(PAINT))
        yield "press to sound, after that", statistics.median(times), "ms", "median"
        yield "press to sound, the longest", max(times), "ms", f"of {len(times)}"
        yield "first paint", statistics.median(paints), "ms", f"longest {max(paints):.0f} ms"
        waits = listen(page, minutes)
        found = page.evaluate("symgen.player.report")
        yield "played", found["at"] / 60, "minutes", f"of {minutes:g}, in real time"
        yield "gaps", found["gaps"], "", "times in which there was nothing to play"
        yield "the longest gap", 1000 * found["longest"], "ms", f"at {found['where']:.1f} s"
        yield "late", found["late"], "ms", "longest time between two calls of the audio thread"
        yield "slider to music", max(waits), "s", f"the longest of {len(waits)}"
        chromium.close()


if __name__ == "__main__":
    args = measure.options(__doc__, minutes=20.0, model="piano")
    measure.pin(0, 1)
    measure.run(args, rows(args))
