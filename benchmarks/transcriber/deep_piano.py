"""Ten seconds of piano, recorded, become three minutes in one command.

python benchmarks/transcriber/deep_piano.py [--corpora FOLDER] [--clips 10] [--folder CACHE]

Of clips from real performances, rendered as in transcription.py (soundfonts in turn), the first
ten seconds are the primer of `symgen sample --model piano --primer CLIP --seconds 180 --render`.
The beginning of the sample is compared with the notes that were played (onset F1, 50 ms). The whole
has to last 180 s. What comes after the clip has to stay inside the range of piano's training music,
with room for what the clip has: pitches, notes at once, lengths of notes and rests.
"""

import tempfile
from pathlib import Path

import numpy as np
import transcription  # it says where `measure` is

import symgen
from symgen.notes import transform
from symgen.notes.pedal import sustain
from symgen.sampling.extent import Extent

measure = transcription.measure
SECONDS, PRIMER = 180.0, 10.0
NEAR = 0.05  # seconds


def recorded(args, folder, number, path):
    """Write the first seconds of a clip as WAV; return the file and the notes played in it."""
    import soundfile

    piece = transcription.clip(path, number)
    every = [s for _, kind, s in transcription.sounds(folder, number, piece) if kind == "WAV"]
    sound, rate = soundfile.read(every[number % len(every)], frames=round(PRIMER * 44_100))
    target = folder / f"primer-{number:02d}.wav"
    soundfile.write(target, sound, rate)
    return target, sustain(transform.crop(piece, 0, PRIMER)).notes


def inside(notes, primer, extent):
    """Return what leaves the range of the training music after the primer, in words."""
    pitch = np.append(primer["pitch"], (extent.lowest, extent.highest))
    new = notes[notes["start_time"] > PRIMER]
    out = []
    if new["pitch"].min() < pitch.min() or new["pitch"].max() > pitch.max():
        out.append("pitch")
    if (new["end_time"] - new["start_time"]).max() > extent.longest + NEAR:
        out.append("length")
    edges = np.concatenate([notes["start_time"], notes["end_time"]])
    steps = np.repeat([1, -1], len(notes))
    order = np.lexsort((steps, np.round(edges, 3)))
    count, at = np.cumsum(steps[order]), edges[order]
    if count[at > PRIMER].max() > max(extent.most, count[at <= PRIMER].max()):
        out.append("notes at once")
    ended = np.maximum.accumulate(notes["end_time"])[:-1]
    if (notes["start_time"][1:] - ended).max() > extent.rest + NEAR:
        out.append("rest")
    return out


def rows(args):
    """Yield all rows."""
    corpus = args.corpora / "piano_performances"
    if not measure.there(corpus):
        return
    extent = Extent.of(symgen.Bundle.open("piano").training.music)
    found, lasted, stayed, walls = [], 0, 0, []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(args.folder or scratch)
        chosen = transcription.works(corpus)[: 2 if args.quick else args.clips]
        for number, path in enumerate(chosen):
            primer, truth = recorded(args, folder, number, path)
            out = folder / f"sample-{number:02d}.mid"
            words = ["sample", "--model", "piano", "--primer", str(primer), "--seconds", "180"]
            words += ["--seed", str(number), "--render", "-f", "-q", "-o", str(out)]
            wall, _, peak = measure.command([*measure.SYMGEN, *words])
            notes = symgen.read(out).notes
            begin = notes[notes["start_time"] < PRIMER]
            found.append(transcription.scores(truth, begin)[2])
            seconds = Path(out).with_suffix(".wav").stat().st_size / (4 * 44_100)
            least = SECONDS - extent.rest  # it may end in a rest
            lasted += least <= notes["end_time"].max() < SECONDS + 1 and seconds >= least
            left = inside(notes, begin, extent)
            stayed += not left
            walls.append(wall)
            yield (
                f"{path.stem[:40]}: onset F1",
                found[-1],
                "",
                f"{len(truth)} notes in the clip; {', '.join(left) or 'inside'}, {peak:.0f} MB",
            )
            out.with_suffix(".wav").unlink()
    yield "onset F1 of the beginning, mean", float(np.mean(found)), "", f"least {min(found):.3f}"
    yield "samples that last 180 s", lasted, f"of {len(found)}", ""
    yield "samples inside the range of piano", stayed, f"of {len(found)}", ""
    yield "one command", float(np.median(walls)), "s", "clip to MIDI and WAV"


if __name__ == "__main__":
    args = measure.options(__doc__, clips=10, folder="")
    measure.run(args, rows(args))
