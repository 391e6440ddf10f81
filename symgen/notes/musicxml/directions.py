"""What stands between the notes: tempo, dynamics, pedal, jumps, repeats.

A mark takes effect where it is printed, and its <sound>, which comes first, at its place in the
measure, unless its offset says that it is for the sound too. Jumps and `Fine` take effect at the
end of their measure, as they are written under its last note; signs at the beginning of theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

from symgen.notes.musicxml.events import END, Kind

FORTE = 90  # the velocity of 100 per cent, by the standard
# the velocities that MuseScore plays and writes as <sound dynamics>
LEVELS = {
    "pppppp": 2, "ppppp": 4, "pppp": 8, "ppp": 16, "pp": 33, "p": 49, "mp": 64, "mf": 80, "f": 96,
    "ff": 112, "fff": 126, "ffff": 127, "fffff": 127, "ffffff": 127, "n": 1,
}  # fmt: skip
STROKES = {"sf": 112, "sfz": 112, "fz": 112, "rf": 112, "rfz": 112, "sffz": 126, "fp": 96,
           "sfp": 112, "sfpp": 112, "sfzp": 112, "pf": 96}  # fmt: skip
AFTER = {"fp": "p", "sfp": "p", "sfpp": "pp", "sfzp": "p", "pf": "f"}
MOST_TIMES = 100  # that a repeat is played
PEDALS = {"damper-pedal": 64, "sostenuto-pedal": 66, "soft-pedal": 67}
_PEDAL_MARKS = {
    "start": ((64, 127),),
    "resume": ((64, 127),),
    "stop": ((64, 0), (66, 0)),
    "discontinue": ((64, 0),),
    "change": ((64, 0), (64, 127)),
    "sostenuto": ((66, 127),),
}
UNITS: dict[str, int | Fraction] = {
    "1024th": 256, "512th": 128, "256th": 64, "128th": 32, "64th": 16, "32nd": 8, "16th": 4,
    "eighth": 2, "quarter": 1, "half": Fraction(1, 2), "whole": Fraction(1, 4),
    "breve": Fraction(1, 8), "long": Fraction(1, 16), "maxima": Fraction(1, 32),
}  # fmt: skip
"""The types of notes and how many of each make a quarter note."""

_TO = r"(?:\W*(?:al|alla|e poi|then)\W+.*)?\W*"
_WORDS = [
    (Kind.DA_CAPO, re.compile(rf"(?:d\.? ?c\b\.?|da capo){_TO}", re.I)),
    (Kind.DAL_SEGNO, re.compile(rf"(?:d\.? ?s\b\.?|dal segno){_TO}", re.I)),
    (Kind.TO_CODA, re.compile(r"(?:to|al|alla) coda\W*\d?", re.I)),
    (Kind.CODA, re.compile(r"coda\W*", re.I)),
    (Kind.FINE, re.compile(r"fine\W*", re.I)),
]
_JUMPS = {"dacapo": Kind.DA_CAPO, "dalsegno": Kind.DAL_SEGNO, "tocoda": Kind.TO_CODA,
          "fine": Kind.FINE}  # fmt: skip
_NUMBERS = re.compile(r"(\d+)(?:\s*-\s*(\d+))?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")

Found = tuple[bool, Kind, Any]
"""Whether it is sound (else a mark), the kind and the value."""


def of_direction(direction: Element) -> Iterator[Found]:
    """Yield what a <direction> says; its <sound> replaces marks of the same kind."""
    sound = direction.find("sound")
    heard = list(of_sound(sound)) if sound is not None else []
    known = {kind for _, kind, _ in heard}
    level = next((value for _, kind, value in heard if kind is Kind.DYNAMIC), None)
    marks = [m for inside in direction.iterfind("direction-type") for m in _marks(inside, level)]
    printed = {kind for _, kind, _ in marks}
    if Kind.TO_CODA in printed | known:
        marks = [m for m in marks if m[1] is not Kind.CODA]
    if Kind.STROKE in printed:
        heard = [h for h in heard if h[1] is not Kind.DYNAMIC]
    yield from heard
    if Kind.TEMPO in known:
        known |= {Kind.PRINTED_TEMPO, Kind.RELATIVE_TEMPO}
    yield from (mark for mark in marks if mark[1] not in known)


def at_measure_edge(kind: Kind) -> int | None:
    """Return END for what takes effect at the end of its measure, else None."""
    return END if kind in _JUMPS.values() else None


def of_sound(sound: Element) -> Iterator[Found]:
    """Yield what a <sound> says, without its changes of instrument."""
    for name, value in sound.attrib.items():
        number = _percent(value)
        if name == "tempo" and number:
            yield True, Kind.TEMPO, number
        elif name == "dynamics" and number is not None:
            yield True, Kind.DYNAMIC, max(1, min(127, round(number * FORTE / 100)))
        elif name in PEDALS and (value in ("yes", "no") or number is not None):
            pressed = {"yes": 127, "no": 0}.get(value)
            pressed = min(127, round((number or 0) * 1.27)) if pressed is None else pressed
            yield True, Kind.CONTROL, (PEDALS[name], pressed)
        elif name in _JUMPS and value != "no":
            yield True, _JUMPS[name], value if name in ("dalsegno", "tocoda") else None
        elif name in ("segno", "coda"):
            yield True, Kind[name.upper()], value
        elif name == "forward-repeat" and value == "yes":
            yield True, Kind.FORWARD, None


def _percent(text: str) -> float | None:
    """Return a number that is not negative, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e5 else None


def _marks(inside: Element, level: int | None) -> Iterator[Found]:
    for mark in inside:
        if mark.tag == "dynamics":
            yield from dynamics(mark, level)
        elif mark.tag == "metronome":
            yield from _metronome(mark)
        elif mark.tag == "wedge":
            yield False, Kind.WEDGE, (mark.get("type", ""), mark.get("number", "1"))
        elif mark.tag == "pedal":
            for control in _PEDAL_MARKS.get(mark.get("type", ""), ()):
                yield False, Kind.CONTROL, control
        elif mark.tag in ("segno", "coda"):
            yield False, Kind[mark.tag.upper()], ""
        elif mark.tag == "words":
            words = " ".join((mark.text or "").split())
            for kind, pattern in _WORDS if words else ():
                if pattern.fullmatch(words):
                    yield False, kind, "" if kind.name.endswith(("SEGNO", "CODA")) else None
                    break


def dynamics(mark: Element, level: int | None = None) -> Iterator[Found]:
    """Yield the velocity of a <dynamics>; a stroke such as sfz is for the notes there only."""
    for name in (child.tag for child in mark):
        if name in STROKES:
            yield False, Kind.STROKE, STROKES[name] if level is None else level
            if name in AFTER:
                yield False, Kind.DYNAMIC, LEVELS[AFTER[name]]
        elif name in LEVELS:
            yield False, Kind.DYNAMIC, LEVELS[name]


def _metronome(mark: Element) -> Iterator[Found]:
    """Yield the tempo of a <metronome>: a note and a number, or a note as long as another."""
    lengths: list[Fraction] = []
    dot = Fraction(0)
    for child in mark:
        if child.tag == "beat-unit" and (child.text or "").strip() in UNITS:
            lengths.append(1 / Fraction(UNITS[(child.text or "").strip()]))
            dot = lengths[-1]
        elif child.tag == "beat-unit-dot" and lengths:
            dot /= 2
            lengths[-1] += dot
    number = _NUMBER.search(mark.findtext("per-minute") or "")
    if number and len(lengths) == 1:
        qpm = float(number[0].replace(",", ".")) * float(lengths[0])
        if 0 < qpm < 1e5:
            yield False, Kind.PRINTED_TEMPO, qpm
    elif len(lengths) == 2:  # a note of the old tempo is as long as one of the new
        yield False, Kind.RELATIVE_TEMPO, float(lengths[1] / lengths[0])


def of_barline(barline: Element, at: int) -> Iterator[tuple[int, Kind, Any]]:
    """Yield (place, kind, value); `at` is the place of a bar line in the middle of a measure."""
    location = barline.get("location", "right")
    place = {"left": 0, "right": END}.get(location, at)
    for child in barline:
        if child.tag == "repeat" and child.get("direction") == "forward":
            yield place, Kind.FORWARD, None
        elif child.tag == "repeat" and child.get("direction") == "backward":
            times = child.get("times", "")
            count = min(int(times), MOST_TIMES) if times.isascii() and times.isdigit() else 0
            yield place, Kind.BACKWARD, (count, child.get("after-jump") == "yes")
        elif child.tag == "ending":
            if child.get("type") == "start":
                numbers = _endings(child.get("number", "")) or _endings(child.text or "")
                if numbers:
                    yield 0 if place == END else place, Kind.ENDING, numbers
            else:
                yield place, Kind.ENDING_STOP, None
        elif child.tag in ("segno", "coda"):
            yield place, Kind[child.tag.upper()], barline.get(child.tag, "")


def _endings(text: str) -> tuple[int, ...]:
    """Return the numbers in "1", "1, 2" or "1-3"."""
    numbers: set[int] = set()
    for first, last in _NUMBERS.findall(text[:100]):
        low = min(int(first[:4]), MOST_TIMES)
        numbers.update(range(low, min(int((last or first)[:4]), MOST_TIMES) + 1))
    return tuple(sorted(numbers - {0}))
