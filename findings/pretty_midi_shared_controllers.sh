#!/usr/bin/env bash
# pretty_midi 0.2.11.post0: two instruments of one channel may share one list of control changes.
#
# A track with a note of program 0, a change of volume, then a note of program 48. If a controller
# comes before the first note of the channel, both instruments get the same list object: each has all
# controllers of the channel, and what is appended to one is in the other. Without that first
# controller each has a list of its own, and the later change belongs to one of them only. So whether
# a change of volume belongs to an instrument depends on a controller at the beginning of the file, and
# code that edits one instrument may change another.
#
# Seen: "with True 2 2", "without False 1 0" (same list, controllers of program 0 and of 48).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pretty_midi==0.2.11.post0 mido==1.3.3 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - > "$folder/seen" << 'PYTHON'
import io

import mido
import pretty_midi


def read(first):
    """Return the instruments of a file, with or without a controller before the first note."""
    track = mido.MidiTrack()
    note = [mido.Message("note_on", note=60, velocity=64),
            mido.Message("note_off", note=60, velocity=64, time=480)]
    volume = [mido.Message("control_change", control=7, value=value) for value in (30, 80)]
    program = mido.Message("program_change", program=48)
    track.extend([*volume[:first], *note, volume[1], program, *note])
    file, data = mido.MidiFile(ticks_per_beat=480), io.BytesIO()
    file.tracks.append(track)
    file.save(file=data)
    data.seek(0)
    return pretty_midi.PrettyMIDI(data).instruments


for name, first in (("with", 1), ("without", 0)):
    piano, strings = read(first)
    same = piano.control_changes is strings.control_changes
    print(name, same, len(piano.control_changes), len(strings.control_changes))
PYTHON
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
with True 2 2
without False 1 0
EXPECTED
echo "as found"
