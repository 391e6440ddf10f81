#!/usr/bin/env bash
# note-seq 0.0.5: NotePerformance.num_steps is not the length of the music.
#
# It adds the shifts and the duration of the LAST note. Where an earlier note rings longer, which is
# the rule under a pedal, the length comes out too short: two notes that last 400 steps together are
# 150 steps long. Performance, of the same quantized sequence, says 400, and to_sequence() of both says
# 4 seconds. Whoever stops generation, pads or crops by num_steps is wrong with this class alone.
#
# Second: a note of 10.01 seconds raises TooManyDurationStepsError (the limit, 1,000 steps, is an
# argument of the constructor that the pipeline leaves alone), so one long note loses a whole piece.
# Performance takes the same note.
#
# Seen: "150 400 4.0 4.0", "10.0 kept", "10.01 TooManyDurationStepsError".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check note-seq==0.0.5 numpy==2.4.6 protobuf==7.35.1 setuptools==80.9.0
"$folder/venv/bin/python" -W ignore - > "$folder/seen" << 'PYTHON'
from note_seq import performance_lib, sequences_lib
from note_seq.protobuf import music_pb2


def quantized(*notes):
    sequence = music_pb2.NoteSequence(total_time=max(end for _, _, end in notes))
    for pitch, start, end in notes:
        sequence.notes.add(pitch=pitch, velocity=80, start_time=start, end_time=end)
    return sequences_lib.quantize_note_sequence_absolute(sequence, 100)


music = quantized((60, 0.0, 4.0), (64, 1.0, 1.5))
both = performance_lib.NotePerformance(music, 32), performance_lib.Performance(music, num_velocity_bins=32)
print(*(each.num_steps for each in both), *(each.to_sequence().total_time for each in both))
for end in (10.0, 10.01):
    try:
        performance_lib.NotePerformance(quantized((60, 0.0, end)), 32)
        print(end, "kept")
    except performance_lib.TooManyDurationStepsError as error:
        print(end, type(error).__name__)
PYTHON
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
150 400 4.0 4.0
10.0 kept
10.01 TooManyDurationStepsError
EXPECTED
echo "as found"
