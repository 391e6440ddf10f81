"""Parse keys: a tonic, a mode and explicit accidentals become the alteration of each letter."""

from __future__ import annotations

import re
from typing import NamedTuple

FIFTHS = "FCGDAEB"
LETTERS = "CDEFGAB"
NATURAL = (0, 2, 4, 5, 7, 9, 11)  # the pitch classes of LETTERS
SIGNS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
MODES = {
    "maj": 0,
    "ion": 0,
    "mix": -1,
    "dor": -2,
    "min": -3,
    "aeo": -3,
    "phr": -4,
    "loc": -5,
    "lyd": 1,
}  # sharps more than in major
MINOR = ("min", "aeo", "dor", "phr", "loc")  # with a minor third

_TONIC = re.compile(r"([A-G])([#b♯♭]?)\s*([A-Za-z]*)")
_ALTERED = re.compile(r"(\^\^|\^|__|_|=)([A-Ga-g])")
_OPTION = re.compile(
    r"\b(clef|octave|transpose|t|middle|m|stafflines|name|nm|snm|subname|style|stem|staff|gstem"
    r"|dyn)"
    r'\s*=\s*("[^"]*"?|\S*)'
)
_CLEF = re.compile(r"\b(treble|bass|alto|tenor|perc|none)(\d?)([+-]8)?(?![\w])")


class Key(NamedTuple):
    """A key. `altered` has the semitones for each of LETTERS.

    `tonic` is a pitch class, or -1 without one; `mode` is 1 with a minor third, else 0.
    """

    altered: tuple[int, ...]
    tonic: int = -1
    mode: int = 0


NONE = Key((0,) * 7)
C_MAJOR = Key((0,) * 7, 0, 0)


class Shift(NamedTuple):
    """What moves the notes of a voice: octaves of the clef and of octave=, semitones of transpose=.

    Each is independent of the others (ABC 2.1, 4.6); None is not given. `drums` says whether the
    clef is that of percussion: abcjs plays drums then, abc2midi pitches. Drums are not transposed.
    """

    clef: int | None = None
    octave: int | None = None
    transpose: int | None = None
    drums: bool | None = None

    @property
    def semitones(self) -> int:
        """The semitones in all."""
        transpose = 0 if self.drums else self.transpose or 0
        return 12 * ((self.clef or 0) + (self.octave or 0)) + transpose

    def over(self, other: Shift) -> Shift:
        """Return this shift, with what it does not give from `other`."""
        given = {name: value for name, value in self._asdict().items() if value is not None}
        return other._replace(**given)


class KeyField(NamedTuple):
    """The contents of a K: field; `key` is None if it has only a clef or a shift."""

    key: Key | None
    shift: Shift


def parse(text: str) -> KeyField:
    """Read a K: field; ValueError if it has no key and no clef."""
    shift, rest = options(text)
    rest = rest.strip()
    if not rest:
        return KeyField(None if text.strip() else NONE, shift)
    if rest[:2] in ("HP", "Hp"):
        # 3.1.14: both sound as pipes do, with F and C sharp; HP only prints no signature
        return KeyField(Key(_explicit(_signature(2), rest[2:]), 9, 0), shift)
    if rest.lower().startswith("none"):
        return KeyField(Key(_explicit(NONE.altered, rest[4:])), shift)
    found = _TONIC.match(rest)
    if not found:
        if _ALTERED.match(rest):
            return KeyField(Key(_explicit(NONE.altered, rest)), shift)
        raise ValueError(text)
    return KeyField(_named(found, rest[found.end() :], text), shift)


def _named(found: re.Match[str], rest: str, text: str) -> Key:
    letter, sign, word = found[1], found[2], found[3].lower()
    alter = {"#": 1, "♯": 1, "b": -1, "♭": -1, "": 0}[sign]
    tonic = (NATURAL[LETTERS.index(letter)] + alter) % 12
    if word == "exp" or re.match(r"\s*exp\b", rest):
        return Key(_explicit(NONE.altered, rest), tonic, 0)
    mode = "min" if word == "m" else word[:3] or "maj"
    if mode not in MODES:
        raise ValueError(text)
    fifths = FIFTHS.index(letter) - 1 + 7 * alter + MODES[mode]
    return Key(_explicit(_signature(fifths), rest), tonic, int(mode in MINOR))


def _signature(fifths: int) -> tuple[int, ...]:
    """Return the alterations of a signature with `fifths` sharps (flats if negative).

    Beyond seven, they are double sharps or flats.
    """
    return tuple((fifths + 6 - FIFTHS.index(letter)) // 7 for letter in LETTERS)


def _explicit(altered: tuple[int, ...], text: str) -> tuple[int, ...]:
    out = list(altered)
    for sign, letter in _ALTERED.findall(text):
        out[LETTERS.index(letter.upper())] = SIGNS[sign]
    return tuple(out)


def options(text: str) -> tuple[Shift, str]:
    """Return the shift by the options of a K: or V: field, and the other text."""
    found = dict(_OPTION.findall(text))
    rest = _OPTION.sub(" ", text)
    clef = found.get("clef")
    if not rest.strip().lower().startswith("none"):  # the key, not the clef
        named = _CLEF.findall(rest)
        clef = "".join(named[-1]) if named else clef
        rest = _CLEF.sub(" ", rest)
    octave = None if clef is None else {"+8": 1, "-8": -1}.get(clef.strip('"')[-2:], 0)
    transpose = _whole(found.get("transpose", found.get("t")))
    drums = None if clef is None else "perc" in clef
    return Shift(octave, _whole(found.get("octave")), transpose, drums), rest


def _whole(text: str | None) -> int | None:
    """Return the number of an option, if it is one of at most two digits."""
    return int(text) if text and re.fullmatch(r"[+-]?\d{1,2}", text) else None
