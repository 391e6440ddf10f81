"""The levels of sight reading, from five notes in quarter notes to the whole of the model's music.

They follow the order in which schools of the piano teach: first the place of the hand, then eighth
notes, the thumb passing under, sixteenth notes, and syncopation; keys gain one sign at a time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from symgen.checks import whole
from symgen.notes.theory.scales import scale

QUARTER, EIGHTH, SIXTEENTH = Fraction(1), Fraction(1, 2), Fraction(1, 4)
RHYTHMS = {"quarters": QUARTER, "eighths": EIGHTH, "sixteenths": SIXTEENTH}
"""The shortest notes by name, in quarter notes."""

KEYS = (
    *("C", "G", "F", "Am", "D", "Bb", "Em", "Dm", "A", "Eb", "Bm", "Gm"),
    *("E", "Ab", "F#m", "Cm", "B", "Db", "C#m", "Fm", "F#", "Gb", "G#m", "Bbm"),
)
"""Keys in the order in which they are learned, by the signs of their signature."""

LEAST, MOST = 1, 8


@dataclasses.dataclass(frozen=True)
class Level:
    """What a level asks.

    `below` and `above` are the range in semitones from the tonic near the middle of the staff.
    `leap` is in semitones, `shortest` in quarter notes, `signs` the most sharps or flats of a key.
    With `diatonic` the melody has only notes of the key. `left` names the pattern of the left hand
    (see `hands`), `tempo` is in beats per minute.
    """

    about: str
    below: int
    above: int
    leap: int
    shortest: Fraction
    signs: int
    meters: Sequence[str]
    left: str
    tempo: int
    diatonic: bool = True
    rests: bool = False
    syncopation: bool = False
    bar_chords: bool = True

    def keys(self) -> list[str]:
        """Return the keys of this level."""
        return [name for name in KEYS if signs(name) <= self.signs]


def signs(key: str) -> int:
    """Return the number of sharps or flats in the signature of a key; BadOption for no key."""
    return abs(scale(key).sharps)


def _after(before: Level, about: str, **changes: Any) -> Level:
    """Return a level that differs from the one before in `changes`."""
    return dataclasses.replace(before, about=about, **changes)


FIRST = Level(
    "five notes, steps and thirds, quarter notes",
    below=0,
    above=7,
    leap=4,
    shortest=QUARTER,
    signs=1,
    meters=("4/4", "3/4"),
    left="held",
    tempo=72,
)
SECOND = _after(FIRST, "an octave, quarter notes", below=-1, above=12, leap=7, tempo=80)
THIRD = _after(
    SECOND,
    "eighth notes",
    shortest=EIGHTH,
    signs=2,
    meters=("4/4", "3/4", "2/4"),
    left="fifths",
)
FOURTH = _after(
    THIRD,
    "dotted quarter notes, rests",
    below=-3,
    above=14,
    leap=9,
    signs=3,
    meters=("4/4", "3/4", "2/4", "6/8"),
    left="blocks",
    tempo=88,
    rests=True,
)
FIFTH = _after(
    FOURTH,
    "syncopation, accidentals",
    below=-5,
    above=16,
    leap=12,
    left="broken",
    tempo=92,
    diatonic=False,
    syncopation=True,
)
SIXTH = _after(FIFTH, "sixteenth notes", above=19, shortest=SIXTEENTH, signs=4, bar_chords=False)
SEVENTH = _after(
    SIXTH,
    "two octaves, leaps of the left hand",
    below=-7,
    above=21,
    leap=14,
    signs=5,
    left="bass and chord",
    tempo=104,
)
LAST = _after(
    SEVENTH, "any key, the widest range", below=-12, above=24, leap=19, signs=6, tempo=120
)

LEVELS = dict(enumerate((FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH, LAST), start=LEAST))


def level(number: int) -> Level:
    """Return a level; BadOption for a number outside 1..8."""
    return LEVELS[whole("level", number, LEAST, MOST)]
