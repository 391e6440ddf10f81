#!/usr/bin/env bash
# MidiTok 3.1.0: the Structured tokenizer shortens long gaps without a word, and all that follows moves.
#
# A note at beat 0 and one at beat 40: Structured has one TimeShift a note, the gap becomes its largest
# value, 12 beats with the default TokenizerConfig, and the second note comes back at beat 12. TSD, of
# the same configuration, adds TimeShift tokens up to the whole gap and gives beat 40 back. So the time
# of everything after a rest differs between two tokenizers of one library, and nothing is raised or
# logged. A note of 40 beats is 12 beats long in both.
#
# Seen: "Structured 0.0 12.0", "TSD 0.0 40.0", "Structured 12.0", "TSD 12.0".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check miditok==3.1.0 symusic==0.6.0 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - > "$folder/seen" << 'PYTHON'
from miditok import TSD, Structured, TokenizerConfig
from symusic import Note, Score, Tempo, Track

TICKS = 480  # a beat


def round_trip(tokenizer, *notes):
    """Return the notes that (pitch, beat, length in beats) become."""
    score, track = Score(TICKS), Track(program=0)
    for pitch, beat, length in notes:
        track.notes.append(Note(beat * TICKS, length * TICKS, pitch, 80))
    score.tracks.append(track)
    score.tempos.append(Tempo(0, 120))
    back = tokenizer.decode(tokenizer(score))
    return [(note.start / back.ticks_per_quarter, note.duration / back.ticks_per_quarter)
            for part in back.tracks for note in part.notes]


tokenizers = [kind(TokenizerConfig()) for kind in (Structured, TSD)]
for tokenizer in tokenizers:
    gap = round_trip(tokenizer, (60, 0, 1), (62, 40, 1))
    print(type(tokenizer).__name__, *(start for start, _ in gap))
for tokenizer in tokenizers:
    [(_, length)] = round_trip(tokenizer, (60, 0, 40))
    print(type(tokenizer).__name__, length)
PYTHON
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
Structured 0.0 12.0
TSD 0.0 40.0
Structured 12.0
TSD 12.0
EXPECTED
echo "as found"
