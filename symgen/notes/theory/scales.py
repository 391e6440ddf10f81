"""Keys as people write them: `C`, `Am`, `F# minor`, `Bb`, `d dorian` -> a tonic and the pitch classes of its scale.

The case of the tonic says nothing; what follows it does: `M` is major, `m` is minor. A minor key takes the natural
scale and the raised sixth and seventh, all nine of which music in minor uses; its other modes take their own seven.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.errors import BadOption
from symgen.notes.theory.chords import FIFTHS

STEPS = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 9, 10, 11),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
}
"""Semitones above the tonic, by mode."""

SHARPS = {
    "lydian": 1,
    "major": 0,
    "mixolydian": -1,
    "dorian": -2,
    "minor": -3,
    "harmonic minor": -3,
    "aeolian": -3,
    "phrygian": -4,
    "locrian": -5,
}
"""How many sharps its signature has more than that of major on the same tonic."""

SAME = {
    "": "major",
    "maj": "major",
    "ionian": "major",
    "ion": "major",
    "dur": "major",
    "m": "minor",
    "min": "minor",
    "moll": "minor",
    "natural minor": "aeolian",
    "melodic minor": "minor",
}
SHORT = {mode[:3]: mode for mode in STEPS if mode not in ("major", "minor", "harmonic minor")}
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SPELLED = re.compile(r"([A-Ga-g])\s*([#b]{0,2})(.*)", re.DOTALL)
SIGNS = {"♯": "#", "♭": "b", "♮": "", "sharp": "#", "flat": "b", "𝄪": "##", "𝄫": "bb"}
FORMS = "C, Am, F# minor, Bb, D dorian"


class Key(NamedTuple):
    """A key: its name as symgen writes it, the tonic 0..11 from C, and bool `[12]`: the pitch classes it takes."""

    name: str
    tonic: int
    mask: npt.NDArray[np.bool_]

    @property
    def triad(self) -> tuple[int, int, int]:
        """The pitch classes of the chord on its tonic."""
        third, fifth = (
            (4 if self.mask[(self.tonic + 4) % 12] else 3),
            (7 if self.mask[(self.tonic + 7) % 12] else 6),
        )
        return self.tonic, (self.tonic + third) % 12, (self.tonic + fifth) % 12

    @property
    def sharps(self) -> int:
        """The sharps of its signature, flats where negative; more than seven where it is spelled so."""
        tonic, _, mode = self.name.partition(" ")
        return FIFTHS.index(tonic[0]) - 1 + 7 * (tonic.count("#") - tonic.count("b")) + SHARPS[mode]

    @property
    def names(self) -> int:
        """The sharps by which its chords are named: in minor those of its raised seventh are its own (G# in A minor, C# in D)."""
        return self.sharps + (
            1 if self.mask[(self.tonic + 3) % 12] and self.mask[(self.tonic + 11) % 12] else 0
        )


def scale(text: str) -> Key:
    """Read a key; BadOption names the forms that there are."""
    plain = str(text).strip()
    for sign, letter in SIGNS.items():
        plain = re.sub(rf"(?<=^[A-Ga-g])[\s-]*{sign}", letter, plain, flags=re.IGNORECASE)
    match = SPELLED.fullmatch(plain)
    mode = _mode(match[3]) if match else None
    if match is None or mode is None:
        raise BadOption(
            f"key {text!r}: expected a tonic and a mode, such as {FORMS}; modes: {', '.join(STEPS)}"
        )
    letter, signs = match[1].upper(), match[2]
    tonic = (LETTERS[letter] + signs.count("#") - signs.count("b")) % 12
    mask = np.zeros(12, bool)
    mask[[(tonic + step) % 12 for step in STEPS[mode]]] = True
    mask.flags.writeable = False
    return Key(f"{letter}{signs} {mode}", tonic, mask)


def _mode(text: str) -> str | None:
    """Return the mode that stands behind a tonic, or None where it is none."""
    bare = text.strip(" \t-_:")
    if bare == "M":
        return "major"
    words = " ".join(re.split(r"[\s_-]+", bare.lower()))
    words = SAME.get(words, SHORT.get(words, words))
    return words if words in STEPS else None
