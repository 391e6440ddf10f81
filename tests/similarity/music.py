"""Tunes made in the test, and the ways in which a variant differs from its tune."""

import numpy as np

from symgen.notes.sequence import NOTE, NoteSequence

EIGHTH = 0.25


def tune(seed, strains=2, notes=32, repeat=True):
    """Return (pitches, beats in eighths): random walks over a major scale, each played twice."""
    random = np.random.default_rng(seed)
    scale = np.array([0, 2, 4, 5, 7, 9, 11])
    parts = []
    for _ in range(strains):
        degrees = 7 + np.cumsum(random.integers(-3, 4, notes)) % 14
        pitches = 60 + scale[degrees % 7] + 12 * (degrees // 7 - 1)
        parts += [(pitches, random.choice([1, 1, 1, 2, 3], notes))] * (1 + repeat)
    return np.concatenate([p for p, _ in parts]), np.concatenate([b for _, b in parts])


def sequence(pitches, beats, eighth=EIGHTH, pickup=0.0):
    """Return the NoteSequence of a melody."""
    notes = np.zeros(len(pitches), NOTE)
    ends = np.cumsum(beats) * eighth + pickup
    notes["pitch"], notes["velocity"] = pitches, 80
    notes["start_time"], notes["end_time"] = np.append(pickup, ends[:-1]), ends
    return NoteSequence(notes)


def changed(pitches, share, seed=0):
    """Return the pitches with a share of them moved by a step or two."""
    random = np.random.default_rng(seed)
    moved = random.random(len(pitches)) < share
    return np.where(moved, pitches + random.choice([-3, -2, 2, 3], len(pitches)), pitches)
