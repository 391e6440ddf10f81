#!/usr/bin/env bash
# music21 10.5.1: a section of ABC that ends in :| without |: repeats the whole tune, and the earlier
# repeats in it once more; and `:|:` does not begin a section.
#
# Tune books often leave out the |: of a second section: `|:A:|B:|`. The ABC standard 2.1 (4.8) says
# where such a repeat begins: at the latest double bar line or end of a repeated section, so the tune
# is A A B B. music21 reads the ABC, and expandRepeats goes back to the first bar and plays the
# repeats on the way again: A A B A A B. A double bar line before the section changes nothing. `:|:`,
# the end of one section and the beginning of the next, becomes the end of a repeat and a dotted bar
# line, so that it goes wrong in the same way; `:|]|:` is read as meant. Every such tune of a book
# gets half as long again, without a message.
#
# Seen, for sections of two bars each: the lines under EXPECTED.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check music21==10.5.1
"$folder/venv/bin/python" -W ignore - > "$folder/seen" << 'PYTHON'
from music21 import converter

TUNES = {
    "without |:": "|:CDEF|CDEF:|GABc|GABc:|",
    "after ||": "|:CDEF|CDEF:||GABc|GABc:|",
    "after :|:": "|:CDEF|CDEF:|:GABc|GABc:|",
    "after :|]|:": "|:CDEF|CDEF:|]|:GABc|GABc:|",
}
for name, bars in TUNES.items():
    score = converter.parse(f"X:1\nM:4/4\nL:1/4\nK:C\n{bars}\n", format="abc")
    played = score.parts[0].expandRepeats().getElementsByClass("Measure")
    sections = ["A" if bar.notes[0].name == "C" else "B" for bar in played]
    print(name, "".join(sections[::2]))
PYTHON
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
without |: AABAAB
after || AABAAB
after :|: AABAAB
after :|]|: AABB
EXPECTED
echo "as found"
