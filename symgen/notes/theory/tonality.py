"""How strongly a chord and a pitch class suggest a key; for models of a melody and its chords.

A key is more than its scale: tunes in D minor and in F major share one, and differ in the chords
and notes that they dwell on. By Bayes' rule a chord is p(chord | key) / p(chord) times as likely in
a key as without one; p(chord) is that of its kind, equal at every root. Chords get that logarithm
times TRUST, note-ons times TRUST_PITCH, since the chord under them steers them too.

The shares are of the time in 876 major and 94 minor tunes of the Nottingham collection (by their
third) that are in one key, without the held-out tunes; chords are reduced to triads and sevenths.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from symgen.notes.theory.kinds import KINDS
from symgen.notes.theory.scales import Key
from symgen.types import Floats

# fmt: off
CHORDS = {
    "major": {
        "": {
            0: 0.4729, 2: 0.0036, 3: 0.0007, 4: 0.0015, 5: 0.1191, 7: 0.0794, 9: 0.0010, 10: 0.0082,
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
        0.2336, 0.0014, 0.1328, 0.0025, 0.1713, 0.0806,
        0.0043, 0.1949, 0.0015, 0.1048, 0.0042, 0.0681,
    ),
    "minor": (
        0.2357, 0.0015, 0.1234, 0.1382, 0.0028, 0.1162,
        0.0033, 0.2000, 0.0367, 0.0175, 0.1081, 0.0166,
    ),
}
"""By mode: the share of each pitch class of the melody, in semitones above the tonic."""
# fmt: on

RARE = 0.0005  # the share of a chord or pitch class that is not listed
TRUST = 1.0
TRUST_PITCH = 0.5


def key_bias(values: Any, key: Key) -> Floats:
    """Return float64 `[size]`: the bias in nats of each value of a field in `key`.

    `values` is the table of a field of melody or chords. A value that is neither note-on nor chord
    gets 0, and so does everything in modes without tables.
    """
    mode = key.name.split()[-1]
    if mode not in CHORDS:
        return np.zeros(len(values))
    if (values["kind"] == "chord").any():
        known = _masks(mode, key.tonic)
        rare = np.log(12 * RARE)
        found = np.array([known.get(int(classes), rare) for classes in values["classes"]])
        return TRUST * np.where(values["kind"] == "chord", found, 0.0)
    shares = np.log(12 * np.roll(np.maximum(PITCHES[mode], RARE), key.tonic))
    found = np.where(values["pitch"] >= 0, shares[values["pitch"] % 12], 0.0)
    return np.asarray(TRUST_PITCH * found)


def usual(seen: Mapping[str, int], seed: int) -> str | None:
    """Return a key, drawn by `seed` in proportion to the pieces `seen` in each; None without any.

    A model that learned its music in every key would otherwise play in any.
    """
    known = {key: n for key, n in sorted(seen.items()) if n > 0}
    if not known:
        return None
    stream = np.random.Generator(np.random.Philox(key=np.array([seed, 0x6B6579], np.uint64)))
    place = stream.random() * sum(known.values())
    return list(known)[int(np.searchsorted(np.cumsum(list(known.values())), place, "right"))]


def _masks(mode: str, tonic: int) -> dict[int, float]:
    """Return log p(chord | key) / p(chord) of the listed chords, by the mask of their classes."""
    out = {}
    for kind, roots in CHORDS[mode].items():
        mean = max(sum(roots.values()), RARE) / 12
        for root in range(12):
            mask = sum(1 << (tonic + root + step) % 12 for step in KINDS[kind])
            out[mask] = float(np.log(max(roots.get(root, 0.0), RARE) / mean))
    return out
