"""Pitches as steps, alterations and octaves, with the accidentals that a measure needs."""

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
    """Spells pitches in order; call `bar` where a measure begins."""

    def __init__(self, sharps: int) -> None:
        self.sharps = sharps
        self.bar()

    def bar(self, sharps: int | None = None) -> None:
        """Begin a measure, in a new key if there is one: the signature holds again."""
        self.sharps = self.sharps if sharps is None else sharps
        self.held: dict[tuple[str, int], int] = {}

    def note(self, pitch: int, tied: bool) -> tuple[str, int, int, str]:
        """Return step, alteration, octave and the accidental to print, or "".

        A note that continues a tie needs none.
        """
        letter, alter = step(chords.spelled(pitch % 12, self.sharps))
        octave = (pitch - alter - chords.LETTERS[letter]) // 12 - 1
        place = chords.FIFTHS.index(letter)
        signature = (self.sharps - 1 - place) // 7 + 1 if self.sharps > 0 else 0
        if self.sharps < 0:
            signature = -((-self.sharps - 1 - (6 - place)) // 7 + 1)
        printed = self.held.get((letter, octave), signature)
        if printed == alter or tied:
            return letter, alter, octave, ""
        self.held[letter, octave] = alter
        return letter, alter, octave, SIGNS[alter]
