"""Clefs by range: those whose staff needs the fewest ledger lines."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Clef(NamedTuple):
    """A clef: its sign, its line, octaves that it shifts, and the pitches of its outer lines."""

    sign: str
    line: int
    octaves: int
    low: int
    high: int


TREBLE = Clef("G", 2, 0, 64, 77)
BASS = Clef("F", 4, 0, 43, 57)
ALTO = Clef("C", 3, 0, 53, 67)
TREBLE_8 = Clef("G", 2, -1, 52, 65)
BASS_8 = Clef("F", 4, -1, 31, 45)
USUAL = {41: (ALTO, TREBLE), **dict.fromkeys(range(24, 32), (TREBLE_8,)),
         **dict.fromkeys((*range(32, 40), 43), (BASS_8,))}  # fmt: skip
"""The clefs of General MIDI programs that are not written in treble and bass clefs."""
LOW = 55  # a part whose median pitch is below may have a bass clef
LINE = 3.5  # semitones between ledger lines
CHANGE = 14.0  # what another clef costs, in squared ledger lines


def of_part(pitches: Sequence[int], program: int) -> Clef:
    """Return the clef of a part of one staff."""
    if not pitches:
        return USUAL.get(program, (TREBLE,))[0]
    choices = USUAL.get(program, (TREBLE, BASS))
    if choices[0] is TREBLE and median(pitches) >= LOW:
        return TREBLE
    return min(choices, key=lambda clef: _cost(clef, pitches))


def of_measures(measures: Sequence[Sequence[int]], first: Clef) -> list[Clef]:
    """Return the clef of each measure of a piano staff, from the pitches in it.

    A change pays where it saves many ledger lines; `first` is the clef at no cost.
    """
    choices = (TREBLE, BASS)
    totals = [0.0 if clef is first else CHANGE for clef in choices]
    back: list[list[int]] = []
    for pitches in measures:
        best = totals.index(min(totals))
        row = [k if totals[k] <= totals[best] + CHANGE else best for k in range(len(choices))]
        totals = [
            totals[row[k]] + CHANGE * (row[k] != k) + _cost(clef, pitches)
            for k, clef in enumerate(choices)
        ]
        back.append(row)
    at = totals.index(min(totals))
    out = []
    for row in reversed(back):
        out.append(choices[at])
        at = row[at]
    return out[::-1]


def _cost(clef: Clef, pitches: Sequence[int]) -> float:
    """Return the squares of the ledger lines beyond the first one, of all pitches."""
    lines = [max(clef.low - pitch, pitch - clef.high, 0) / LINE for pitch in pitches]
    return sum(max(0.0, count - 1.0) ** 2 for count in lines)
