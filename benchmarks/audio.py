"""Recordings: how fast MP3 is read and measured, and that memory does not grow with the length.

python benchmarks/audio.py [--seconds 600] [--hours 2] [--repeats 3]

The MP3 is a minute of chords and noise in stereo, 44,100 frames per second, repeated frame by
frame. Speed is seconds of sound for a CPU second, in one process. The peer decodes the whole file
with soundfile and resamples it with soxr. The mix of --hours is read, cut
into tracks and checked by commands of their own, whose memory is measured, as a playlist is made
and the mix and as many hours of songs become a dataset.
"""

import io
import sys
import tempfile
from pathlib import Path

import measure
import numpy as np

from symgen.audio.fingerprint import Fingerprint
from symgen.audio.measures import Measures
from symgen.audio.reading import blocks, info, mpeg

RATE = 44_100
READ = """
import sys
from symgen.audio.reading import blocks
for path in sys.argv[2:]:
    for block in blocks(path, int(sys.argv[1])):
        pass
"""
CUT = """
import sys
from symgen.audio import tracks
print(len(tracks(sys.argv[1], 600.0)))
"""


def minute():
    """Return a minute of music as MP3: chords that fade, and noise."""
    import soundfile

    rng = np.random.default_rng(0)
    time = np.arange(RATE) / RATE
    sound = 0.002 * rng.standard_normal((61 * RATE, 2))
    for begin in np.arange(0, 60, 0.25):
        pitch = 440 * 2 ** (rng.integers(-24, 18) / 12)
        note = sum(np.sin(2 * np.pi * pitch * h * time) / h for h in range(1, 6))
        at = int(begin * RATE)
        sound[at : at + RATE] += (np.exp(-3 * time) * note)[:, None] * rng.uniform(0.02, 0.1, 2)
    file = io.BytesIO()
    soundfile.write(file, sound[: 60 * RATE], RATE, format="MP3")
    return file.getvalue()


def song(path, one, minutes):
    """Write `minutes` times the frames of `one`, behind a Xing header with the right count."""
    found = mpeg.scan(io.BytesIO(one))
    frames = one[len(found.head) :]
    whole = io.BytesIO(one[: len(found.head)] + frames * minutes)
    path.write_bytes(mpeg.mended(whole, mpeg.scan(whole)).read())
    return path


def read(path, rate):
    for _ in blocks(path, rate):
        pass


def peer(path, rate):
    import soundfile
    import soxr

    sound, own = soundfile.read(path, dtype="float32", always_2d=True)
    return soxr.resample(sound.mean(axis=1), own, rate)


def measured(path):
    known = info(path)
    some = Measures(known.rate, known.channels, more=[Fingerprint(Fingerprint.rate, 1)])
    for _ in some.feed(blocks(path, None, None)):
        pass


def rows(args):
    with tempfile.TemporaryDirectory() as folder:
        one = minute()
        path = song(Path(folder) / "song.mp3", one, max(1, args.seconds // 60))
        seconds, size = info(path).seconds, path.stat().st_size
        for rate in (8000, 16_000):
            spent = measure.cpu(lambda rate=rate: read(path, rate), args.repeats)
            more = f"{seconds:.0f} s, {size * 8 / seconds / 1000:.0f} kbit/s"
            yield f"MP3 to mono {rate} Hz", seconds / spent, "x real time", more
            if not args.no_peer:
                theirs = measure.cpu(lambda rate=rate: peer(path, rate), args.repeats)
                more = f"{measure.ratio(theirs, spent)} as long, the whole in memory"
                yield f"peer: soundfile and soxr, {rate} Hz", seconds / theirs, "x real time", more
        spent = measure.cpu(lambda: measured(path), args.repeats)
        yield "all measures of corpus stats", seconds / spent, "x real time", ""
        hours = 1 if args.quick else args.hours
        mix = song(Path(folder) / "mix.mp3", one, round(60 * hours))
        long = 3600 * hours
        python = [sys.executable, "-c"]
        _, cpu, peak = measure.command([*python, READ, "8000", path])
        yield f"memory: reading {seconds / 60:.0f} minutes", peak, "MB", ""
        _, cpu, peak = measure.command([*python, READ, "8000", mix])
        yield f"memory: reading a mix of {hours} h", peak, "MB", f"{long / cpu:.0f} x real time"
        _, cpu, peak = measure.command([*python, READ, "16000", *[mix] * 3])
        yield f"memory: reading {3 * hours} h", peak, "MB", f"{3 * long / cpu:.0f} x real time"
        _, cpu, peak = measure.command([*python, CUT, mix])
        yield "memory: cutting the mix", peak, "MB", f"{long / cpu:.0f} x real time"
        check = [*measure.SYMGEN, "corpus", "check", mix, "-q", "--workers", "1"]
        _, cpu, peak = measure.command(check)
        yield "memory: symgen corpus check", peak, "MB", f"{long / cpu:.0f} x real time"
        songs = Path(folder) / "songs"
        songs.mkdir()
        for number in range(round(6 * hours)):
            song(songs / f"{number:03d}.mp3", one, 10)
        encode = [*measure.SYMGEN, "convert", songs, mix, "--encoding", "mu_law", "-q"]
        _, cpu, peak = measure.command([*encode, "--workers", "2", "-o", f"{folder}/data"])
        more = f"{2 * long / cpu:.0f} x real time for a core"
        yield f"memory: symgen convert to mu_law, {2 * hours} h, 2 processes", peak, "MB", more
        render = [*measure.SYMGEN, "render", *[path] * 3, "--playlist", "--format", "flac", "-q"]
        _, cpu, peak = measure.command([*render, "-o", f"{folder}/out"])
        more = f"{3 * seconds / cpu:.0f} x real time, as FLAC"
        yield f"memory: render --playlist, {3 * seconds / 60:.0f} minutes", peak, "MB", more


if __name__ == "__main__":
    args = measure.options(__doc__, seconds=600, hours=2)
    measure.run(args, rows(args))
