#!/usr/bin/env bash
# verovio 6.4.1: a MusicXML note without <type> sounds as a quarter note, whatever its <duration>.
#
# MusicXML leaves <type> optional and says that <duration> is how long a note lasts. A bar of 4/4 with
# one note of 16 divisions of 4 lasts four quarter notes. In verovio's MIDI it lasts one, and nothing
# is said; with <type>whole</type> it lasts four. partitura 1.9.0 gives four for both. A program that
# writes scores for sound alone and leaves out the notation gets other music.
#
# Seen: "verovio 1.0 4.0", "partitura 4.0 4.0" (quarter notes without and with <type>).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check verovio==6.4.1 partitura==1.9.0 mido==1.3.3
"$folder/venv/bin/python" -W ignore - > "$folder/seen" << 'PYTHON'
import base64
import io
import pathlib
import tempfile

import mido
import partitura
import verovio

SCORE = """<?xml version="1.0"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>P</part-name></score-part>
</part-list><part id="P1"><measure number="1"><attributes><divisions>4</divisions>
<time><beats>4</beats><beat-type>4</beat-type></time></attributes>
<note><pitch><step>C</step><octave>5</octave></pitch><duration>16</duration>{type}</note>
</measure></part></score-partwise>"""


def by_verovio(score):
    """Return the length of the note in quarter notes."""
    toolkit = verovio.toolkit()
    toolkit.loadData(score)
    midi = mido.MidiFile(file=io.BytesIO(base64.b64decode(toolkit.renderToMIDI())))
    ticks, on = 0, 0
    for message in mido.merge_tracks(midi.tracks):
        ticks += message.time
        if message.type == "note_on" and message.velocity:
            on = ticks
        elif message.type in ("note_off", "note_on"):
            return round((ticks - on) / midi.ticks_per_beat, 1)


def by_partitura(score):
    """Return the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "score.musicxml")
        path.write_text(score)
        [note] = partitura.load_musicxml(path).parts[0].note_array()
    return float(note["duration_beat"])


scores = [SCORE.format(type=text) for text in ("", "<type>whole</type>")]
verovio.enableLog(verovio.LOG_OFF)
print("verovio", *(by_verovio(score) for score in scores))
print("partitura", *(by_partitura(score) for score in scores))
PYTHON
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
verovio 1.0 4.0
partitura 4.0 4.0
EXPECTED
echo "as found"
