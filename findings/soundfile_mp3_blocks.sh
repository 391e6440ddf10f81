#!/usr/bin/env bash
# soundfile 0.14.0 (libsndfile 1.2.2): MP3 that is read in blocks is not the MP3 that is read at once.
#
# SoundFile.read and .blocks seek to where they are after every read, if the file can be sought. In
# MP3 a frame may take its bits from the frames before it (the bit reservoir), and libmpg123 decodes
# again only a few of those after a seek. With frames of a low bit rate that is not enough, so the
# beginning of each block is wrong: of the file below a fifth of all samples in blocks of 5,000
# frames. The only sign are lines of libmpg123 on stderr (part2_3_length ... too large for available
# bit count). A SoundFile that says that it cannot be sought gives the same sound in any blocks, and
# is faster. symgen reads so.
#
# Without a Xing header, libsndfile takes the length from the bit rate of the first frame and reads no
# further: of a file of variable bit rate that begins loud, a part is left.
#
# Seen, as the share of samples that differ by more than 0.01 from the whole read at once, and as the
# share of a file without its header that is read: the lines under EXPECTED.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check soundfile==0.14.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - > "$folder/seen" 2> /dev/null << 'PYTHON'
import numpy as np
import soundfile as sf

RATE = 16_000
noise = np.random.default_rng(0).uniform(-0.5, 0.5, 10 * RATE)
tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(5 * RATE) / RATE)
options = dict(bitrate_mode="VARIABLE", compression_level=0.5)
sf.write("a.mp3", np.concatenate([np.zeros(5 * RATE), tone, noise]), RATE, **options)


def read(block, seekable):
    with sf.SoundFile("a.mp3") as file:
        if not seekable:
            file.seekable = lambda: False
        parts = []
        while len(part := file.read(block)):
            parts.append(part)
    return np.concatenate(parts)


whole = read(20 * RATE, True)
for seekable in (True, False):
    for block in (5_000, 65_536):
        share = (np.abs(read(block, seekable) - whole) > 0.01).mean()
        print("seekable" if seekable else "not seekable", block, "wrong" if share else "right", f"{share:.1f}")

sf.write("b.mp3", np.concatenate([noise, tone, np.zeros(5 * RATE)]), RATE, **options)
data = open("b.mp3", "rb").read()
second = data.index(b"\xff\xf3", 4)
open("b.mp3", "wb").write(data[second:])
print("without its header, of 20 s:", "less than 19" if sf.info("b.mp3").duration < 19 else "all")
PYTHON
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
seekable 5000 wrong 0.2
seekable 65536 wrong 0.0
not seekable 5000 right 0.0
not seekable 65536 right 0.0
without its header, of 20 s: less than 19
EXPECTED
