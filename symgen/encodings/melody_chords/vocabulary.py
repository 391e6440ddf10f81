"""The chords that a melody_chords encoding has values for: learned from the counts of a corpus, looked up, and moved.

Value 0 is no chord; value v is entry v - 1 of the vocabulary, whose order depends on what is in it alone.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.theory import chords
from symgen.notes.theory.chords import Chord

NO_CHORD = 0
SIMPLER = "chord out of the vocabulary, for a simpler one that is in it"
OUTSIDE = "chord out of the vocabulary, and so no chord"
UNKNOWN = "chord symbol that is not understood, and so no chord"

_ORDER = {kind: k for k, kind in enumerate(chords.KINDS)}


class Found(NamedTuple):
    """The value of a chord symbol, and the reason where it is not that of the chord itself."""

    value: int
    lost: str = ""


class Vocabulary:
    """`symbols` as `chords.symbol` spells them, and the reduction that chords undergo before they are looked up."""

    def __init__(self, symbols: tuple[str, ...], reduction: str) -> None:
        self.symbols, self.reduction = symbols, reduction
        self.chords = [chord for chord in map(chords.parse, symbols) if chord is not None]
        self.classes = np.array([0, *(chord.classes for chord in self.chords)], np.uint16)
        self._value = {chord: v for v, chord in enumerate(self.chords, 1)}
        self._found: dict[str, Found] = {}
        self._moved: dict[int, npt.NDArray[np.int32]] = {}

    def find(self, symbol: str) -> Found:
        """Return the value of a chord symbol: its own, that of its seventh or its triad, or no chord."""
        if symbol not in self._found:
            self._found[symbol] = self._look(symbol)
        return self._found[symbol]

    def _look(self, symbol: str) -> Found:
        chord = chords.parse(symbol)
        if chord is None:
            return Found(NO_CHORD, "" if chords.known_as_none(symbol) else UNKNOWN)
        value = self._nearest(chord)
        exact = self._value.get(chords.reduce(chord, self.reduction)) == value
        return Found(value, "" if exact else SIMPLER if value else OUTSIDE)

    def _nearest(self, chord: Chord) -> int:
        ways = (chords.reduce(chord, to) for to in (self.reduction, "sevenths", "triads"))
        return next((self._value[way] for way in ways if way in self._value), NO_CHORD)

    def moved(self, semitones: int) -> npt.NDArray[np.int32]:
        """Return for each value the one of the chord `semitones` higher, or of the nearest to it, int32 `[size]`."""
        steps = semitones % 12
        if steps not in self._moved:
            self._moved[steps] = np.array(
                [0, *(self._nearest(chords.transpose(c, steps)) for c in self.chords)], np.int32
            )
        return self._moved[steps]


@functools.lru_cache(64)
def vocabulary(symbols: tuple[str, ...], reduction: str) -> Vocabulary:
    """Return the vocabulary of `symbols`; equal ones are one object, which remembers what was looked up."""
    return Vocabulary(symbols, reduction)


@functools.lru_cache(1 << 12)
def canonical(symbol: str, reduction: str) -> str | None:
    """Return the symbol of the reduced chord as the vocabulary spells it; None for no chord."""
    chord = chords.parse(symbol)
    return None if chord is None else chords.symbol(chords.reduce(chord, reduction))


def learn(counts: Mapping[str, int], cutoff: int, every_root: bool) -> tuple[str, ...]:
    """Return the vocabulary of a corpus from the uses of each canonical symbol.

    A chord that is used `cutoff` times or more is in it; with `every_root` the uses of a kind (with its bass) at all roots
    are added together, and it is in the vocabulary at all twelve.
    """
    uses: dict[Chord, int] = {}
    for symbol, count in counts.items():
        chord = chords.parse(symbol)
        if chord is not None:
            kind = chords.transpose(chord, -chord.root) if every_root else chord
            uses[kind] = uses.get(kind, 0) + count
    kept = sorted(
        (c for c, n in uses.items() if n >= cutoff),
        key=lambda c: (_ORDER[c.kind], (c.bass - c.root) % 12, c.root),
    )
    roots = range(12) if every_root else range(1)
    return tuple(chords.symbol(chords.transpose(chord, root)) for chord in kept for root in roots)
