"""How much a chord and a pitch class speak for a key, measured on tunes, for models of a melody and its chords.

A key is more than its scale: the tunes of D minor and of F major share one, and differ in which chords and notes they dwell
on. By the rule of Bayes a chord is p(chord | key) / p(chord) times as likely in a key as without one; p(chord) is that of
its kind, alike at every root. Of that logarithm chords take TRUST, strikes, which the chord under them steers too, TRUST_PITCH.

The shares are of the time in 876 major and 94 minor tunes of the Nottingham collection (modes by their third) in one key, those
held out left aside; the chords reduced to triads and sevenths.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from symgen.notes.theory.chords import KINDS
from symgen.notes.theory.scales import Key

Floats = npt.NDArray[np.float64]

CHORDS = {
    "major": {
        "": {
            0: 0.4729,
            2: 0.0036,
            3: 0.0007,
            4: 0.0015,
            5: 0.1191,
            7: 0.0794,
            9: 0.0010,
            10: 0.0082,
        },
        "m": {2: 0.0619, 4: 0.0050, 5: 0.0012, 7: 0.0016, 9: 0.0481},
        "7": {0: 0.0075, 2: 0.0189, 4: 0.0047, 5: 0.0008, 7: 0.1584, 9: 0.0043},
    },
    "minor": {
        "": {0: 0.0179, 3: 0.0862, 5: 0.0100, 7: 0.0127, 8: 0.0221, 10: 0.1512},
        "m": {0: 0.4755, 2: 0.0022, 5: 0.0516, 7: 0.0399, 10: 0.0015},
        "7": {0: 0.0026, 2: 0.0068, 3: 0.0013, 5: 0.0136, 7: 0.0809, 10: 0.0232},
    },
}
"""By mode and kind of chord: the share of each root, in semitones above the tonic."""

PITCHES = {
    "major": (
        0.2336,
        0.0014,
        0.1328,
        0.0025,
        0.1713,
        0.0806,
        0.0043,
        0.1949,
        0.0015,
        0.1048,
        0.0042,
        0.0681,
    ),
    "minor": (
        0.2357,
        0.0015,
        0.1234,
        0.1382,
        0.0028,
        0.1162,
        0.0033,
        0.2000,
        0.0367,
        0.0175,
        0.1081,
        0.0166,
    ),
}
"""By mode: the share of each pitch class of the melody, in semitones above the tonic."""

RARE = 0.0005  # the share of what is not listed
TRUST = 1.0
TRUST_PITCH = 0.5


def lean(values: Any, key: Key) -> Floats:
    """Return float64 `[size]`: nats on each value of a field of melody or of chords in `key`.

    `values` is the field's table. 0 for a value that is neither strike nor chord, and in modes of which nothing is known.
    """
    mode = key.name.split()[-1]
    if mode not in CHORDS:
        return np.zeros(len(values))
    classes = values["classes"].astype(np.int64)
    if (values["kind"] == "chord").any():
        known = _masks(mode, key.tonic)
        return TRUST * np.array(
            [
                known.get(int(c), np.log(12 * RARE)) if k == "chord" else 0.0
                for c, k in zip(classes, values["kind"], strict=True)
            ]
        )
    shares = np.roll(np.maximum(PITCHES[mode], RARE), key.tonic)
    return np.asarray(
        TRUST_PITCH * np.where(values["pitch"] >= 0, np.log(12 * shares[values["pitch"] % 12]), 0.0)
    )


def usual(seen: Mapping[str, int], seed: int) -> str | None:
    """Return a key, drawn by `seed` in proportion to the pieces that were `seen` in each; None where none was.

    A model that learned its music in every key would else play in any.
    """
    known = {key: n for key, n in sorted(seen.items()) if n > 0}
    if not known:
        return None
    place = np.random.Generator(
        np.random.Philox(key=np.array([seed, 0x6B6579], np.uint64))
    ).random() * sum(known.values())
    return list(known)[int(np.searchsorted(np.cumsum(list(known.values())), place, "right"))]


def _masks(mode: str, tonic: int) -> dict[int, float]:
    """Return log p(chord | key) / p(chord) of the chords that are listed, by the mask of their pitch classes."""
    out = {}
    for kind, roots in CHORDS[mode].items():
        mean = max(sum(roots.values()), RARE) / 12
        for root in range(12):
            mask = sum(1 << (tonic + root + step) % 12 for step in KINDS[kind])
            out[mask] = float(np.log(max(roots.get(root, 0.0), RARE) / mean))
    return out
