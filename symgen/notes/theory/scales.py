"""Keys as people write them: `C`, `Am`, `F# minor`, `Bb`, `d dorian`.

The case of the tonic does not matter; that of a single letter after it does: `M` is major, `m` is
minor. A minor key has the natural scale and the raised sixth and seventh: music in minor uses all
nine. The other minor modes have only their own seven.
"""

from __future__ import annotations

import dataclasses
import functools
import re

import numpy as np

from symgen.errors import BadOption
from symgen.notes.theory.chords import FIFTHS
from symgen.types import Bools

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
"""How many sharps the signature has more than that of major on the same tonic."""

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


@dataclasses.dataclass(frozen=True)
class Key:
    """A key by its full name, such as "F# minor"; `scale` makes one from any spelling."""

    name: str

    @functools.cached_property
    def tonic(self) -> int:
        """The pitch class of the tonic, 0..11 from C."""
        spelled = self.name.partition(" ")[0]
        return (LETTERS[spelled[0]] + spelled.count("#") - spelled.count("b")) % 12

    @functools.cached_property
    def mask(self) -> Bools:
        """Bool `[12]`: the pitch classes of its scale, from C."""
        mask = np.zeros(12, bool)
        mask[[(self.tonic + step) % 12 for step in STEPS[self.scale]]] = True
        mask.flags.writeable = False
        return mask

    @property
    def scale(self) -> str:
        """The name of its scale, a key of STEPS."""
        return self.name.partition(" ")[2]

    @property
    def mode(self) -> int:
        """0 if its third is major, 1 if it is minor, as in `key_signatures`."""
        return 0 if self.mask[(self.tonic + 4) % 12] else 1

    @property
    def triad(self) -> tuple[int, int, int]:
        """The pitch classes of the chord on its tonic."""
        third = 3 if self.mode else 4
        fifth = 7 if self.mask[(self.tonic + 7) % 12] else 6
        return self.tonic, (self.tonic + third) % 12, (self.tonic + fifth) % 12

    @property
    def sharps(self) -> int:
        """The sharps of its signature, negative for flats; a rare spelling has more than seven."""
        tonic = self.name.partition(" ")[0]
        fifths = FIFTHS.index(tonic[0]) - 1 + 7 * (tonic.count("#") - tonic.count("b"))
        return fifths + SHARPS[self.scale]

    @property
    def chord_sharps(self) -> int:
        """The sharps by which its chords are named.

        In minor the raised seventh belongs to the key: G# in A minor, C# in D minor.
        """
        has = self.mask[(self.tonic + 3) % 12] and self.mask[(self.tonic + 11) % 12]
        return self.sharps + (1 if has else 0)


def scale(text: object) -> Key:
    """Return the key that `text` names; BadOption lists the forms that are read."""
    return _read(str(text))


@functools.lru_cache(1024)
def _read(text: str) -> Key:
    plain = text.strip()
    for sign, letter in SIGNS.items():
        plain = re.sub(rf"(?<=^[A-Ga-g])[\s-]*{sign}", letter, plain, flags=re.IGNORECASE)
    match = SPELLED.fullmatch(plain)
    mode = _mode(match[3]) if match else None
    if match is None or mode is None:
        raise BadOption(
            f"key {text!r}: expected a tonic and a mode, such as {FORMS}; modes: {', '.join(STEPS)}"
        )
    return Key(f"{match[1].upper()}{match[2]} {mode}")


def _mode(text: str) -> str | None:
    """Return the mode that follows a tonic; None if there is no such mode."""
    bare = text.strip(" \t-_:")
    if bare == "M":
        return "major"
    words = " ".join(re.split(r"[\s_-]+", bare.lower()))
    words = SAME.get(words, SHORT.get(words, words))
    return words if words in STEPS else None
