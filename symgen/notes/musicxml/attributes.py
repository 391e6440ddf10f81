"""<attributes>: divisions, keys, meters and transposition, in force until the next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from symgen.notes.musicxml.events import BadNumber, Kind
from symgen.notes.musicxml.harmony import Shift

UNITS = 480  # of a quarter note, at least; times the divisions that do not divide it
MOST_UNITS = 1 << 24
MOST = 1e6  # of divisions, and of any number that is written

# of each mode: its tonic in fifths from the tonic of major, and 1 if its third is minor
MODES = {
    "major": (0, 0), "ionian": (0, 0), "mixolydian": (1, 0), "lydian": (-1, 0), "minor": (3, 1),
    "aeolian": (3, 1), "dorian": (2, 1), "phrygian": (4, 1), "locrian": (5, 1),
}  # fmt: skip


def number(text: str | None, what: str) -> float:
    """Return a finite number of at most MOST; BadNumber says what was found instead."""
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not abs(value) <= MOST:  # false for nan too
        raise BadNumber(f"{what} {(text or '').strip()[:20]!r} is no number up to {MOST:,.0f}")
    return value


def units_of(root: Element) -> int:
    """Return the units of a quarter note that all divisions of a score divide, if possible."""
    units = UNITS
    for element in root.iter("divisions"):
        value = number(element.text, "the divisions")
        whole = round(value)
        if whole > 0 and math.lcm(units, whole) <= MOST_UNITS:
            units = math.lcm(units, whole)
    return units


class Attributes:
    """The state of one part. `scale` is the units of one division."""

    def __init__(self, units: int) -> None:
        self.units = units
        self.scale: float = units
        self.sharps = 0  # of the key as it sounds
        self._written = (0, "major")
        self._shifts: dict[str, tuple[Shift, int, int]] = {}  # of a staff; "" is all staves

    def transposition(self, staff: str) -> tuple[Shift, int, int]:
        """Return the shift of chords, that of notes, and the interval of a doubling or 0."""
        return self._shifts.get(staff) or self._shifts.get("") or ((0, 0), 0, 0)

    def update(self, attributes: Element) -> Iterator[tuple[Kind, object]]:
        """Take over the changes, and yield the keys and meters."""
        moved = keyed = False
        for child in attributes:
            if child.tag == "divisions":
                value = number(child.text, "the divisions")
                if value <= 0:
                    raise BadNumber(f"the divisions {value:g} are not above 0")
                self.scale = self.units / value
            elif child.tag == "transpose":
                self._transpose(child)
                moved = True
            elif child.tag == "key" and not keyed:  # further ones are of other staves
                keyed = self._key(child)
            elif child.tag == "time" and child.get("number", "1") == "1":
                yield Kind.METER, _meter(child)
        if moved or keyed:
            yield from self._sounding(keyed)

    def _key(self, key: Element) -> bool:
        fifths = key.findtext("fifths")
        if fifths is None:  # a signature of single alterations
            return False
        value = round(number(fifths, "the key's fifths"))
        if abs(value) > 14:
            raise BadNumber(f"a key of {value} fifths; the limit is 14")
        self._written = (value, (key.findtext("mode") or "major").strip())
        return True

    def _sounding(self, keyed: bool) -> Iterator[tuple[Kind, object]]:
        """Yield the key as it sounds; a transposition alone changes nothing that sounds."""
        shift, _, _ = self.transposition("1")
        written, mode = self._written
        self.sharps = (written + shift[1] + 6) % 12 - 6 if shift[0] % 12 else written
        tonic, minor = MODES.get(mode, (0, 0))
        if keyed and mode != "none":
            yield Kind.KEY, ((7 * (self.sharps + tonic)) % 12, minor)

    def _transpose(self, transpose: Element) -> None:
        semitones = round(number(transpose.findtext("chromatic") or "0", "the transposition"))
        octaves = round(number(transpose.findtext("octave-change") or "0", "the octave change"))
        steps = transpose.findtext("diatonic")
        # without its diatonic part, the interval is the usual one: a major second, not a
        # diminished third
        fifths = (7 * semitones + 5) % 12 - 5
        if steps is not None and steps.strip():
            fifths = 7 * semitones - 12 * round(number(steps, "the transposition"))
        double = transpose.find("double")
        doubling = 0
        if double is not None:
            doubling = 12 if double.get("above") == "yes" else -12
        if abs(semitones) > 60 or abs(octaves) > 5:
            raise BadNumber(f"a transposition by {semitones} semitones and {octaves} octaves")
        shift = (semitones, fifths if abs(fifths) <= 12 else (7 * semitones + 5) % 12 - 5)
        staff = transpose.get("number", "")
        if not staff:
            self._shifts.clear()
        self._shifts[staff] = (shift, semitones + 12 * octaves, doubling)


def _meter(time: Element) -> tuple[int, int] | None:
    """Return numerator and denominator; those of 3/8 + 2/4 are 7/8. None without a meter."""
    if time.find("senza-misura") is not None:
        return None
    pairs = []
    for beats, kind in zip(time.iterfind("beats"), time.iterfind("beat-type"), strict=False):
        parts = (beats.text or "").split("+")
        pairs.append((sum(number(p, "the beats") for p in parts), number(kind.text, "beat-type")))
    if not pairs:
        return None
    denominator = math.lcm(*(max(1, min(round(kind), 1 << 10)) for _, kind in pairs))
    total = sum(beats * denominator / kind for beats, kind in pairs if kind > 0)
    if not (0 < total < 1000 and denominator <= 1 << 10):
        raise BadNumber(f"the meter {total:g}/{denominator}")
    return round(total) or 1, denominator
