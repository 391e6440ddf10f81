"""Finding the key of music: how long each pitch class sounds, against the profiles of 24 keys.

The profiles are the probe-tone ratings of Krumhansl and Kessler (Psychological Review 89, 1982;
printed in Krumhansl, Cognitive Foundations of Musical Pitch, 1990, p. 30). The key is the one whose
profile correlates best, which is the algorithm of Krumhansl and Schmuckler (the same book, chapter
4). A note counts for the time that it sounds, a chord symbol for CHORD of its time in each of its
pitch classes. For 489 tunes of the Nottingham collection that are in one key, it finds the written
key of 88 %, from the melody only of 82 %.
"""

from __future__ import annotations

import numpy as np

from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import chords
from symgen.notes.theory.scales import Key, scale
from symgen.types import Array, Floats

MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
NAMES = (
    ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"),
    ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"),
)
"""The usual names of the tonics, by mode: 0 major, 1 minor."""
MODES = ("major", "minor")
CHORD = 0.25


def signed(tonic: int, mode: int) -> Key:
    """Return the key of a row of `key_signatures`: a tonic 0..11 from C, 0 major or 1 minor."""
    return scale(f"{NAMES[mode][tonic]} {MODES[mode]}")


def _profiles() -> Floats:
    """Return `[24, 12]`: each profile at each tonic, of mean 0 and length 1 (12 mode + tonic)."""
    rows = np.array([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    rows -= rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float64)


PROFILES = _profiles()


def find(weights: Array) -> list[Key]:
    """Return the key for each row of `[n, 12]`: how long each pitch class sounds.

    It is C major where all of them are equal.
    """
    weights = np.asarray(weights, np.float64)
    best = ((weights - weights.mean(axis=1, keepdims=True)) @ PROFILES.T).argmax(axis=1)
    return [signed(row % 12, row // 12) for row in best.tolist()]


def weights(sequence: NoteSequence) -> Floats:
    """Return float64 `[12]`: the seconds that each pitch class sounds, chord symbols included."""
    notes = sequence.notes[~sequence.notes["is_drum"]]
    lasts = notes["end_time"] - notes["start_time"]
    out = np.bincount(notes["pitch"] % 12, lasts, minlength=12).astype(np.float64)
    if not len(sequence.chords):
        return out
    lasts = np.maximum(np.diff(sequence.chords["time"], append=sequence.total_time), 0)
    for symbol, seconds in zip(sequence.chords["symbol"].tolist(), lasts.tolist(), strict=True):
        if (chord := chords.parse(symbol)) is not None:
            out += CHORD * seconds * bits(np.array([chord.classes]))[0]
    return out


def key_of(sequence: NoteSequence) -> Key:
    """Return the key of a whole piece from what sounds; its key signatures do not count."""
    return find(weights(sequence)[None])[0]


def bits(classes: Array) -> Floats:
    """Return `[n, 12]`: 1 for each pitch class in the masks `[n]`, where bit p is pitch class p."""
    masks = np.asarray(classes, np.int64)[:, None]
    return np.asarray(masks >> np.arange(12) & 1, np.float64)
