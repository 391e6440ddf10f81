"""Keys as signatures, and the accidentals that a measure needs."""

from __future__ import annotations

from symgen.notes.theory import chords

SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}


def fifths(tonic: int, mode: int) -> int:
    """Return the sharps (flats: < 0) of a key; `mode` is 1 in minor."""
    sharps = (tonic * 7 + 6 - mode * 3) % 12 - 6
    return 6 if sharps == -6 and not mode else sharps  # F sharp major, and E flat minor


def step(name: str) -> tuple[str, int]:
    """Return the letter and the alteration of a name such as Bb."""
    return name[0], name.count("#") - name.count("b")


class Speller:
    """The accidentals of one staff in a measure, in the order of its notes."""

    def __init__(self, sharps: int) -> None:
        self.sharps = sharps
        self.held: dict[tuple[str, int], int] = {}

    def sign(self, letter: str, alter: int, octave: int, tied: bool) -> str:
        """Return the accidental to print, or ""; a note that continues a tie needs none."""
        place = chords.FIFTHS.index(letter)
        signature = (self.sharps - 1 - place) // 7 + 1 if self.sharps > 0 else 0
        if self.sharps < 0:
            signature = -((-self.sharps - 1 - (6 - place)) // 7 + 1)
        printed = self.held.get((letter, octave), signature)
        if printed == alter or tied:
            return ""
        self.held[letter, octave] = alter
        return SIGNS[alter]
