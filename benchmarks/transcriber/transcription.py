"""Recordings to notes: how many notes are right, processor time, and memory over hours.

python benchmarks/transcriber/transcription.py [--corpora FOLDER] [--clips 24] [--hours 3]

Clips of a minute are cut from real performances (one of each work) and rendered with two
soundfonts, as WAV and as MP3 of 64 kbit/s. A note is right if its pitch is and it begins within
50 ms (mir_eval); with its end, if that is within 50 ms or a fifth of its length. Notes last as
long as the pedal holds them. The judges of symgen learned from random playing alone, rendered with
the same soundfonts; their threshold was chosen on 12 other works. The peer is the same network with
its peaks taken as they are.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import symgen
from symgen.audio import reading
from symgen.audio.transcription import frames, transcribe, transcriber
from symgen.audio.transcription.basic_pitch import EARLY
from symgen.audio.transcription.network import network
from symgen.notes import transform
from symgen.notes.pedal import sustain
from symgen.rendering import render

sys.path.insert(0, str(Path(__file__).parents[1]))
import measure

FONTS = {
    "FluidR3": "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "TimGM6mb": "/usr/share/sounds/sf2/TimGM6mb.sf2",
}
KBITS_64 = 0.889  # the compression level of libsndfile that is about 64 kbit/s at 44,100 Hz
MINUTE = 60.0
PEAK, SOUNDS = 0.6, 0.3  # of the peer: the best of 0.3 to 0.7 on other clips


def works(folder):
    """Return one performance of each work, in a drawn order."""
    found = {}
    for path in sorted(folder.rglob("*.mid")):
        parts = path.stem.split("__")
        found.setdefault((path.parent.name, parts[0] + parts[1].split("_")[0]), []).append(path)
    order = sorted(found)
    random.Random(24).shuffle(order)
    return [random.Random(i).choice(sorted(found[work])) for i, work in enumerate(order)]


def clip(path, number):
    """Return a minute of a performance."""
    whole = symgen.read(path)
    begin = max(0, min(random.Random(number).uniform(5, 90), whole.total_time - MINUTE - 1))
    return transform.crop(whole, begin, begin + MINUTE)


def sounds(folder, number, piece):
    """Yield the soundfont, the format and the file of each rendering of a clip."""
    import soundfile

    for name, font in FONTS.items():
        if not Path(font).exists():
            continue
        path = folder / f"{number:02d}-{name}.wav"
        packed = path.with_suffix(".mp3")
        if not path.exists():
            render(piece, path, soundfont=font)
        if not packed.exists():
            sound, rate = soundfile.read(path)
            level = {"bitrate_mode": "CONSTANT", "compression_level": KBITS_64}
            soundfile.write(packed, sound.mean(1), rate, format="MP3", **level)
        yield from ((name, "WAV", path), (name, "MP3 64 kbit/s", packed))


def scores(truth, found, ends=False):
    """Return precision, recall and F1."""
    import mir_eval

    def parts(notes):
        begin = notes["start_time"]
        spans = np.stack([begin, np.maximum(notes["end_time"], begin + 0.01)], 1)
        return spans, 440 * 2 ** ((notes["pitch"] - 69) / 12)

    ratio = 0.2 if ends else None
    judged = mir_eval.transcription.precision_recall_f1_overlap(
        *parts(truth), *parts(found), offset_ratio=ratio
    )
    return judged[:3]


def peaks(path):
    """Return the notes of the peer: peaks of onsets, and what sounds after them."""
    blocks = (block[:, 0] for block in reading.blocks(path, frames.RATE))
    every = list(frames.frames(blocks, network()))
    keys = slice(frames.AROUND, frames.AROUND + frames.KEYS)
    onset, note = (
        np.concatenate([getattr(e, n)[:, keys] for e in every]) for n in ("onset", "note")
    )
    beside = np.pad(onset, ((1, 1), (0, 0)))
    at, key = np.nonzero((onset >= PEAK) & (onset > beside[:-2]) & (onset >= beside[2:]))
    silent = np.pad(note < SOUNDS, ((0, 1), (0, 0)), constant_values=True)
    length = [1 + int(silent[a + 1 :, k].argmax()) for a, k in zip(at, key, strict=True)]
    out = np.zeros(len(at), symgen.notes.sequence.NOTE)
    out["pitch"], out["start_time"] = key + frames.LOWEST, at * frames.HOP / frames.RATE - EARLY
    out["start_time"] = np.maximum(out["start_time"], 0)
    out["end_time"] = (at + length) * frames.HOP / frames.RATE
    return out


def quality(args, folder):
    """Yield the rows of right notes and of processor time."""
    made, table = transcriber(), {}
    corpus = args.corpora / "piano_performances"
    if not measure.there(corpus):
        return
    for number, path in enumerate(works(corpus)[: 3 if args.quick else args.clips]):
        piece = clip(path, number)
        truth = sustain(piece).notes
        for font, kind, sound in sounds(folder, number, piece):
            begin = time.process_time()
            found = transcribe(sound, made).notes
            spent = time.process_time() - begin
            row = [*scores(truth, found), scores(truth, found, ends=True)[2], MINUTE / spent]
            table.setdefault((font, kind), []).append(row)
            if kind == "WAV" and not args.no_peer:
                raw = peaks(sound)
                row = [*scores(truth, raw), scores(truth, raw, ends=True)[2]]
                table.setdefault(("peer", font), []).append(row)
    ours = [row for (font, _), some in table.items() if font != "peer" for row in some]
    for (font, kind), some in [*table.items(), (("all", ""), ours)]:
        mean = np.mean(some, axis=0)
        more = f"precision {mean[0]:.3f}, recall {mean[1]:.3f}, {len(some)} clips of a minute"
        name = f"peer: peaks, {kind}" if font == "peer" else f"{font} {kind}".strip()
        yield f"{name}: onset F1", mean[2], "", more
        yield f"{name}: note F1, with its end", mean[3], "", ""
        if font != "peer":
            yield f"{name}: speed", np.median([row[4] for row in some]), "x real time", "CPU time"


def memory(args, folder):
    """Yield the peak memory of the command on a short and on a long recording."""
    import soundfile

    for hours in (1 / 12, 0.25 if args.quick else args.hours):
        sources = sorted(folder.glob("*.wav"))
        path, left = folder / "long.flac", hours * 3600
        with soundfile.SoundFile(path, "w", 22050, 1) as file:
            for source in (sources[i % len(sources)] for i in range(1_000_000)):
                if left <= 0:
                    break
                for block in reading.blocks(source, 22050):
                    file.write(block)
                    left -= len(block) / 22050
        out = folder / "midi"
        words = ["transcribe", str(path), "-o", str(out), "--force", "--quiet"]
        _, spent, peak = measure.command([*measure.SYMGEN, *words])
        path.unlink()
        more = f"CPU {spent:.0f} s, {hours * 3600 / spent:.0f} x real time, start-up included"
        yield f"symgen transcribe, {hours * 60:,.0f} minutes: peak memory", peak, "MB", more


def rows(args):
    """Yield all rows."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(args.folder or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        yield from quality(args, folder)
        if args.hours and list(folder.glob("*.wav")):
            yield from memory(args, folder)


if __name__ == "__main__":
    args = measure.options(__doc__, clips=24, hours=3.0, folder="")
    measure.run(args, rows(args))
