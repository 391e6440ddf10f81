"""Parse the fields for meter, unit note length and tempo, and the text of others.

Lengths are in ticks; a whole note has WHOLE ticks, so that every time is an exact integer.
"""

from __future__ import annotations

import html
import re
import unicodedata
from fractions import Fraction
from typing import NamedTuple

from symgen.notes.theory.meter import compound

WHOLE = 1024 * 27 * 5 * 7 * 11 * 13  # for 1/1024 notes and tuplets of 3, 5, 7, 9, 11, 13
QUARTER = WHOLE // 4
LARGEST_METER = 128  # numerator and denominator
TEMPI = (1.0, 2000.0)  # lowest and highest, in quarters per minute

_ACCENTS = dict(zip("'`^\"~,", "\u0301\u0300\u0302\u0308\u0303\u0327", strict=True))
_ACCENT = re.compile(r"\\(['`^\"~,])([A-Za-z])")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
_FRACTION = re.compile(r"([\d+\s()]*\d[\s)]*)/\s*(\d{1,4})")
_BEAT = re.compile(r"(\d{1,4})\s*/\s*(\d{1,4})")
_UNITS = re.compile(r"C\s*(\d{0,4})\s*=\s*(\d{1,6}(?:\.\d{1,6})?)")
_EQUALS = re.compile(r"=\s*(\d{1,6}(?:\.\d{1,6})?)")
_PLAIN = re.compile(r"\d{1,6}(?:\.\d{1,6})?")


class Meter(NamedTuple):
    """A meter: beats per bar, and the note value of a beat."""

    numerator: int
    denominator: int

    @property
    def ticks(self) -> int:
        """The length of a bar."""
        return WHOLE * self.numerator // self.denominator

    @property
    def compound(self) -> bool:
        """Whether it is compound for ABC: 6/8, 9/8, 12/8, but not 3/8."""
        return self.numerator > 3 and compound(*self)


COMMON, CUT = Meter(4, 4), Meter(2, 2)


def meter(text: str) -> Meter | None:
    """Return the meter in an M: field, None for free meter; ValueError if it is invalid.

    Supports 6/8, C, C|, none, and sums such as 2+3/8 and (2+3)/8. Of several meters, the first
    counts.
    """
    text = text.strip()
    if text.lower() in ("none", "free", ""):
        return None
    if text[0] == "C":
        return CUT if text.startswith("C|") else COMMON
    found = _FRACTION.match(text)
    if not found:
        raise ValueError(text)
    beats = sum(int(n) for n in re.findall(r"\d{1,4}", found[1]))
    made = Meter(beats, int(found[2]))
    if not 1 <= beats <= LARGEST_METER or made.denominator not in (1, 2, 4, 8, 16, 32, 64, 128):
        raise ValueError(text)
    return made


def unit(text: str) -> int:
    """Return the ticks of the unit note length in an L: field; ValueError if it is invalid."""
    found = re.match(r"\s*(\d{1,4})(?:\s*/\s*(\d{1,4}))?\s*$", text)
    top, bottom = (int(found[1]), int(found[2] or 1)) if found else (0, 1)
    if not top or not bottom or top > 16 * bottom or WHOLE * top % bottom:
        raise ValueError(text)
    return WHOLE * top // bottom


def default_unit(measure: Meter | None) -> int:
    """Return the unit note length without L:, an eighth, or a sixteenth in meters below 3/4."""
    short = measure is not None and 4 * measure.numerator < 3 * measure.denominator
    return WHOLE // 16 if short else WHOLE // 8


def tempo(text: str, unit_ticks: int) -> float | None:
    """Return the quarters per minute of a Q: field, None if it has only words.

    Supports 1/4=120, 1/4 3/8=40 (the beat is the sum), quoted words beside it, and the old forms
    120 and C3=40, which count unit notes. Raises ValueError if it is invalid.
    """
    text = re.sub(r'"[^"]*"?', " ", text).strip()
    if not text:
        return None
    if units := _UNITS.search(text):
        beat, count = Fraction(unit_ticks * int(units[1] or 1), QUARTER), units[2]
    elif equals := _EQUALS.search(text):
        parts = [(int(a), int(b)) for a, b in _BEAT.findall(text[: equals.start()])]
        if not parts or not all(b for _, b in parts):
            raise ValueError(text)
        beat, count = sum((Fraction(4 * a, b) for a, b in parts), Fraction(0)), equals[1]
    elif plain := _PLAIN.match(text):
        beat, count = Fraction(unit_ticks, QUARTER), plain[0]
    else:
        raise ValueError(text)
    qpm = float(Fraction(count) * beat)
    if not TEMPI[0] <= qpm <= TEMPI[1]:
        raise ValueError(text)
    return qpm


def text(value: str) -> str:
    """Return a text string with its accents and entities as characters."""
    made = _ACCENT.sub(lambda m: m[2] + _ACCENTS[m[1]], html.unescape(value))
    made = unicodedata.normalize("NFC", re.sub(r"\\([\\%&])", r"\1", made))
    return _CONTROLS.sub(" ", made)  # an entity may be a line feed or an escape
