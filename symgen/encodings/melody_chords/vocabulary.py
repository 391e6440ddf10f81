"""The chords that a melody_chords encoding has values for: learned, looked up and transposed.

Value 0 is no chord; value v is entry v - 1 of the vocabulary. The order depends only on the set of
chords.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from symgen.notes.theory import chords, kinds
from symgen.notes.theory.chords import Chord

NO_CHORD = 0
SIMPLER = "chord outside the vocabulary, replaced by a simpler one"
OUTSIDE = "chord outside the vocabulary, replaced by no chord"
UNKNOWN = "chord symbol that cannot be read, replaced by no chord"

_ORDER = {kind: k for k, kind in enumerate(kinds.KINDS)}


class Found(NamedTuple):
    """The value of a chord symbol, and a reason if it is not that of the chord itself."""

    value: int
    lost: str = ""


class Vocabulary:
    """Chord symbols as `chords.symbol` spells them; chords are reduced before the lookup."""

    def __init__(self, symbols: tuple[str, ...], reduction: str) -> None:
        self.symbols, self.reduction = symbols, reduction
        self.chords = [chord for chord in map(chords.parse, symbols) if chord is not None]
        self.harmony = (None, *self.chords)  # by value
        self.classes = np.array([0, *(chord.classes for chord in self.chords)], np.uint16)
        self._value = {chord: v for v, chord in enumerate(self.chords, 1)}
        self._found: dict[str, Found] = {}
        self._moved: dict[int, npt.NDArray[np.int32]] = {}

    def find(self, symbol: str) -> Found:
        """Return the value of a chord symbol: its own, its seventh's, its triad's, or no chord."""
        if symbol not in self._found:
            self._found[symbol] = self._look(symbol)
        return self._found[symbol]

    def _look(self, symbol: str) -> Found:
        chord = chords.parse(symbol)
        if chord is None:
            return Found(NO_CHORD, "" if chords.known_as_none(symbol) else UNKNOWN)
        value = self._nearest(chord)
        if self._value.get(chords.reduce(chord, self.reduction)) == value:
            return Found(value)
        return Found(value, SIMPLER if value else OUTSIDE)

    def _nearest(self, chord: Chord) -> int:
        ways = (chords.reduce(chord, to) for to in (self.reduction, "sevenths", "triads"))
        return next((self._value[way] for way in ways if way in self._value), NO_CHORD)

    def moved(self, semitones: int) -> npt.NDArray[np.int32]:
        """Return int32 `[size]`: for each value that of the chord transposed, or the nearest."""
        steps = semitones % 12
        if steps not in self._moved:
            values = [self._nearest(chords.transpose(c, steps)) for c in self.chords]
            self._moved[steps] = np.array([0, *values], np.int32)
        return self._moved[steps]


@functools.lru_cache(64)
def vocabulary(symbols: tuple[str, ...], reduction: str) -> Vocabulary:
    """Return the vocabulary of `symbols`; equal vocabularies are one object with one cache."""
    return Vocabulary(symbols, reduction)


@functools.lru_cache(1 << 12)
def canonical(symbol: str, reduction: str) -> str | None:
    """Return the symbol of the reduced chord as the vocabulary spells it; None for no chord."""
    chord = chords.parse(symbol)
    return None if chord is None else chords.symbol(chords.reduce(chord, reduction))


def learn(counts: Mapping[str, int], cutoff: int, every_root: bool) -> tuple[str, ...]:
    """Return the vocabulary of a corpus from the uses of each canonical symbol.

    It has the chords that are used `cutoff` times or more. With `every_root` the uses of a kind
    (with its bass) at all roots are added, and the vocabulary has it at all twelve.
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
