"""Chord symbols as <harmony>: a kind of the standard and the degrees that lead to the chord."""

from __future__ import annotations

import functools
import re
from xml.etree.ElementTree import Element, SubElement

from symgen.notes.musicxml.harmony import KINDS
from symgen.notes.theory import chords, kinds

BASES = {text: value for value, text in reversed(KINDS.items()) if value.islower()}
"""The kinds of the standard by the text after the root."""
_DEGREES = {1: (9, -1), 2: (9, 0), 3: (9, 1), 4: (3, 0), 5: (11, 0), 6: (11, 1), 7: (5, 0),
            8: (13, -1), 9: (13, 0), 10: (7, 0), 11: (7, 1)}  # fmt: skip
_THIRDS, _FIFTHS = (3, 4), (6, 7, 8)
_NAME = r"([A-G](?:#|b)*)"
_ROOT, _BASS = re.compile(_NAME), re.compile(rf"/{_NAME}$")

Degree = tuple[int, int, str]


def element(symbol: str, sharps: int) -> Element | None:
    """Return the <harmony> of a chord symbol; None where there is none for it."""
    harmony = Element("harmony")
    if chords.known_as_none(symbol):
        SubElement(harmony, "kind", text="N.C.").text = "none"
        return harmony
    chord, root = chords.parse(symbol), _ROOT.match(symbol.strip("( "))
    if root is None:
        return None
    _named(harmony, "root", root[1])
    if chord is None:  # a kind that symgen does not know
        SubElement(harmony, "kind", text=symbol[root.end() :]).text = "other"
        return harmony
    base, degrees = spelled_out(chord.kind)
    SubElement(harmony, "kind", text=chord.kind).text = base
    bass = _BASS.search(symbol)
    if chord.bass != chord.root:
        _named(harmony, "bass", bass[1] if bass else chords.spelled(chord.bass, sharps))
    for value, alter, how in degrees:
        degree = SubElement(harmony, "degree")
        SubElement(degree, "degree-value").text = str(value)
        SubElement(degree, "degree-alter").text = str(alter)
        SubElement(degree, "degree-type").text = how
    return harmony


@functools.cache
def spelled_out(kind: str) -> tuple[str, tuple[Degree, ...]]:
    """Return the standard kind that needs the fewest degrees, and these."""
    if kind in BASES:
        return BASES[kind], ()
    found = [(BASES[base], _degrees(base, kind)) for base in BASES if _possible(base, kind)]
    return min(found, key=lambda row: len(row[1]))


def _possible(base: str, kind: str) -> bool:
    gone = set(kinds.KINDS[base]) - set(kinds.KINDS[kind])
    return gone <= {*_THIRDS, *_FIFTHS}


def _degrees(base: str, kind: str) -> tuple[Degree, ...]:
    before, after = set(kinds.KINDS[base]), set(kinds.KINDS[kind])
    gone, added = sorted(before - after), sorted(after - before)
    return (
        *((3 if tone in _THIRDS else 5, 0, "subtract") for tone in gone),
        *((*_DEGREES[tone], "add") for tone in added),
    )


def _named(harmony: Element, which: str, name: str) -> None:
    place = SubElement(harmony, which)
    SubElement(place, f"{which}-step").text = name[0]
    alter = name.count("#") - name.count("b")
    if alter:
        SubElement(place, f"{which}-alter").text = str(alter)
