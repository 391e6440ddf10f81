#!/usr/bin/env bash
# verovio 6.4.1: what other packages make of its pages in SVG: no staff lines (skia-python 144.1), or
# an empty page (fpdf2 2.8.9).
#
# A page by verovio holds the music in an <svg> inside the <svg>, and its staff lines, stems and bar
# lines are <path> elements without a stroke: a rule in <style>, `path {stroke:currentColor}`, draws
# them. Browsers do both. Skia's reader of SVG knows no <style>: the page has clefs and note heads,
# which are filled shapes, and no line at all, without a message. fpdf2 logs that it ignores the tag
# <svg>, and goes on: the page of the PDF has no drawing operator. So a score that looks right in a
# browser may be blank or unreadable in a PDF. Whoever draws such pages has to follow the rule of
# <style> and the inner <svg>.
#
# Seen, for one bar whose five staff lines are 288 pixels long: "skia: widest dark row 61 of 288",
# "fpdf2: 0 drawing operators".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    verovio==6.4.1 fpdf2==2.8.9 skia-python==144.1 numpy
"$folder/venv/bin/python" -W ignore - > "$folder/seen" << 'PYTHON'
import io
import logging
import re

import fpdf
import skia
import verovio

logging.disable()
SCORE = """<?xml version="1.0"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>P</part-name></score-part>
</part-list><part id="P1"><measure number="1"><attributes><divisions>1</divisions>
<time><beats>4</beats><beat-type>4</beat-type></time><clef><sign>G</sign><line>2</line></clef>
</attributes><note><pitch><step>C</step><octave>5</octave></pitch><duration>4</duration>
<type>whole</type></note></measure></part></score-partwise>"""


def by_skia(page):
    """Return the dark pixels of the row that has the most."""
    picture = skia.SVGDOM.MakeFromStream(skia.MemoryStream(page.encode()))
    size = picture.containerSize()
    surface = skia.Surface(int(size.width()), int(size.height()))
    surface.getCanvas().clear(skia.ColorWHITE)
    picture.render(surface.getCanvas())
    pixels = surface.makeImageSnapshot().toarray()[..., :3]
    return int((pixels.max(axis=2) < 128).sum(axis=1).max())


def by_fpdf2(page):
    """Return how many operators draw something on the page."""
    document = fpdf.FPDF()
    document.set_compression(False)
    document.add_page()
    document.image(io.BytesIO(page.encode()), x=0, y=0, w=200)
    content = bytes(document.output()).split(b"stream\n")[1]
    return len(re.findall(rb"(?:^|\s)(?:[mlcfSBbs]|re|f\*|Do|Tj)(?=\s)", content))


verovio.enableLog(verovio.LOG_OFF)
toolkit = verovio.toolkit()
toolkit.setOptions({"footer": "none"})
toolkit.loadData(SCORE)
page = toolkit.renderToSVG(1)
lines = re.findall(r'<path d="M(\d+) (\d+) L(\d+) \2" stroke-width="\d+" />', page)
assert len(lines) == 5 and "stroke:currentColor" in page
length = (int(lines[0][2]) - int(lines[0][0])) // 10  # the inner <svg> has ten units a pixel
print(f"skia: widest dark row {by_skia(page)} of {length}")
print(f"fpdf2: {by_fpdf2(page)} drawing operators")
PYTHON
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
skia: widest dark row 61 of 288
fpdf2: 0 drawing operators
EXPECTED
echo "as found"
