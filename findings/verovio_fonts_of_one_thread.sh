#!/usr/bin/env bash
# verovio 6.4.1: engraves only in the thread that imported it; in any other thread loadData is False.
#
# The Python package tells the library where its fonts are when it is imported, and the library keeps
# that place for each thread. A toolkit that is made in another thread, as in a web server that
# works in a pool of threads, finds no fonts: with the log on it prints "Failed to load font and
# glyph bounding boxes"; with it off, loadData returns False as it does for a file that is no music,
# and getPageCount is 0. A second toolkit in the first thread is not affected. In the other thread
# toolkit(False) and setResourcePath with the folder `data` of the package give a toolkit that works.
#
# Seen: "first thread: True, 1 page", "another thread: False, 0 pages", "with its path: True, 1 page".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check verovio==6.4.1
"$folder/venv/bin/python" - > "$folder/seen" << 'PYTHON'
import threading
from pathlib import Path

import verovio

SCORE = """<?xml version="1.0"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>P</part-name></score-part>
</part-list><part id="P1"><measure number="1"><attributes><divisions>1</divisions>
<time><beats>4</beats><beat-type>4</beat-type></time><clef><sign>G</sign><line>2</line></clef>
</attributes><note><pitch><step>C</step><octave>5</octave></pitch><duration>4</duration>
<type>whole</type></note></measure></part></score-partwise>"""


def engrave(name, with_path=False):
    """Print whether the score is loaded, and its pages."""
    toolkit = verovio.toolkit(not with_path)
    if with_path:
        toolkit.setResourcePath(str(Path(verovio.__file__).parent / "data"))
    loaded, pages = toolkit.loadData(SCORE), toolkit.getPageCount()
    print(f"{name}: {loaded}, {pages} page{'s' * (pages != 1)}")


def elsewhere(*arguments):
    """Do the same in another thread."""
    thread = threading.Thread(target=engrave, args=arguments)
    thread.start()
    thread.join()


verovio.enableLog(verovio.LOG_OFF)
engrave("first thread")
elsewhere("another thread")
elsewhere("with its path", True)
PYTHON
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
first thread: True, 1 page
another thread: False, 0 pages
with its path: True, 1 page
EXPECTED
echo "as found"
