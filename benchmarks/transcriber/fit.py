"""Fit the judges of symgen.audio.transcription, and write them to judges.npz.

python benchmarks/transcriber/fit.py [--clips 64] [--epochs 12] [--fonts A.sf2,B.sf2] [-o FILE]

They learn from random playing (playing.py) that is rendered with two soundfonts; no recording and
no music of others is in it. A clip takes about 8 seconds, the fit of 64 clips some minutes.
"""

import argparse
import sys
from pathlib import Path

import clips
import numpy as np
import perceptron

from symgen.audio.transcription import features, judges
from symgen.audio.transcription.basic_pitch import EARLY
from symgen.audio.transcription.decoder import LEAST
from symgen.audio.transcription.ends import DEAF
from symgen.audio.transcription.frames import AROUND, HOP, KEYS, LOWEST, RATE, silence

SECOND = RATE / HOP  # frames
NEAR = 0.05  # seconds between an onset and a candidate that is one
FONTS = "/usr/share/sounds/sf2/FluidR3_GM.sf2,/usr/share/sounds/sf2/TimGM6mb.sf2"
SHARE = 0.1  # of the candidates that the first judge thinks little of, for the second
DOUBTED = 0.005
LATE = 60  # frames after the end of a note that are looked at
MOST = 12_000  # moments of a clip for the judge of notes that sound


class Clip:
    """A clip: frames with silence around, candidates, and what is true of them."""

    def __init__(self, frames, notes):
        around = (silence(features.BEFORE), silence(features.AFTER))
        self.frames = around[0].then(frames).then(around[1])
        self.key = notes["pitch"].astype(int) - LOWEST
        self.begin = (notes["start_time"] + EARLY) * SECOND + features.BEFORE
        self.end = notes["end_time"] * SECOND + features.BEFORE
        self.velocity = notes["velocity"].astype(float)
        onset = frames.onset[:, AROUND : AROUND + KEYS]
        beside = np.pad(onset, ((1, 1), (0, 0)))
        at, self.at_key = np.nonzero(
            (onset >= LEAST) & (onset > beside[:-2]) & (onset >= beside[2:])
        )
        self.at = at + features.BEFORE
        self.true = self.truth()
        self.rows = features.onsets(self.frames, self.at, self.at_key)

    def truth(self):
        """Return 1 for the candidate nearest to a note, -1 for others near it, else 0."""
        out = np.zeros(len(self.at), int)
        for key in range(KEYS):
            mine = np.flatnonzero(self.at_key == key)
            for begin in self.begin[self.key == key]:
                apart = np.abs(self.at[mine] - begin)
                near = mine[apart < NEAR * SECOND]
                free = near[out[near] != 1]
                out[near] = np.where(out[near] == 0, -1, out[near])
                if len(free):
                    out[min(free, key=lambda one: abs(self.at[one] - begin))] = 1
        return out

    def among(self, first, rng):
        """Return rows and targets of the second judge, given what the first thinks."""
        seen = np.zeros_like(self.frames.onset)
        seen[self.at, AROUND + self.at_key] = first
        some = (self.true >= 0) & ((first > DOUBTED) | (rng.random(len(first)) < SHARE))
        rows = features.among(self.frames, seen, self.at[some], self.at_key[some])
        return rows, self.true[some].astype(np.float32)

    def sounding(self, rng):
        """Return rows and targets of the judge of notes that sound."""
        last = self.frames.length - features.AFTER - 8
        begin = np.round(self.begin).astype(int)
        order = np.lexsort((begin, self.key))
        order = order[begin[order] < last - DEAF]
        key, begin, end = self.key[order], begin[order], self.end[order]
        again = np.append(begin[1:], last)
        again[np.append(key[1:] != key[:-1], True)] = last
        limit = np.minimum(np.minimum(again, np.round(end).astype(int) + LATE), last)
        level = features.strength(self.frames, begin, key)
        count = np.maximum(limit - begin - DEAF, 0)
        note = np.repeat(np.arange(len(key)), count)
        at = np.concatenate(
            [np.arange(b + DEAF, b + DEAF + n) for b, n in zip(begin, count, strict=True)]
        )
        some = rng.permutation(len(at))[:MOST]
        at, note = at[some], note[some]
        rows = features.sounding(self.frames, at, key[note], at - begin[note], level[note])
        return rows, (at < end[note]).astype(np.float32)

    def strength(self):
        """Return levels and velocities, each less its mean in the clip."""
        begin = np.round(self.begin).astype(int)
        some = begin < self.frames.length - features.AFTER
        level = features.strength(self.frames, begin[some], self.key[some])
        place = (self.key[some] / KEYS - 0.5)[:, None]
        columns = np.concatenate([level, place, place**2], axis=1)
        velocity = self.velocity[some]
        return columns - columns.mean(0), velocity - velocity.mean()


def joined(pairs):
    return [np.concatenate(each) for each in zip(*pairs, strict=True)]


def fit(found, epochs, seed=0):
    """Return the table of arrays that `judges.of` takes, from clips."""
    rng = np.random.default_rng(seed)

    def first(some):
        rows = [each.rows[each.true >= 0] for each in some]
        targets = [each.true[each.true >= 0].astype(np.float32) for each in some]
        return perceptron.fit(np.concatenate(rows), np.concatenate(targets), epochs=epochs)

    halves = [judges.Judge(tuple(first(found[1 - i :: 2])[0])) for i in range(2)]
    seen = [halves[i % 2](each.rows) for i, each in enumerate(found)]  # of a clip not learned from
    table = {}
    add(table, "onset", *first(found))
    pairs = [each.among(one, rng) for each, one in zip(found, seen, strict=True)]
    add(table, "among", *perceptron.fit(*joined(pairs), epochs=epochs, seed=1))
    pairs = [each.sounding(rng) for each in found]
    add(table, "sounding", *perceptron.fit(*joined(pairs), (32, 16), epochs=epochs, seed=2))
    columns, velocity = joined([each.strength() for each in found])
    table["strength"] = np.linalg.lstsq(columns, velocity, rcond=None)[0]
    left = np.std(velocity - columns @ table["strength"])
    print(f"velocity: deviation {velocity.std():.1f}, unexplained {left:.1f}", flush=True)
    return table


def add(table, name, layers, loss):
    print(f"{name}: loss {loss:.4f} nats", flush=True)
    for i, (weights, biases) in enumerate(layers):
        table[f"{name}.weights.{i}"], table[f"{name}.biases.{i}"] = weights, biases


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--fonts", default=FONTS)
    parser.add_argument("--folder", type=Path, default=Path("build/transcriber"))
    parser.add_argument("-o", "--output", type=Path, default=judges.FILE)
    args = parser.parse_args(arguments)
    args.folder.mkdir(parents=True, exist_ok=True)
    fonts = args.fonts.split(",")
    found = []
    for number in range(args.clips):
        found.append(Clip(*clips.clip(args.folder, number, fonts, args.seconds)))
        print(f"clip {number}: {len(found[-1].key)} notes", flush=True)
    np.savez_compressed(args.output, **fit(found, args.epochs))


if __name__ == "__main__":
    main(sys.argv[1:])
