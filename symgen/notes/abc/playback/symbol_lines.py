"""Symbol lines (s:, ABC 2.1, 4.15): chord symbols and decorations under a line of music.

They are aligned as lyrics are (5.1): from the first note that no earlier symbol line has passed,
one symbol a note, * for none, and | for the next bar. Rests and grace notes have no symbol.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from symgen.notes.abc.voice import Voice

_TOKENS = re.compile(r'"[^"]*"|![^!]*!|\+[^+\s]+\+|[~.H-Wh-w]|[*|]')

Note = tuple[int, int]  # index of the first note of a chord, and its time


def notes(voice: Voice, first: int, last: int) -> list[list[Note]]:
    """Return the notes and chords from index `first` to `last`, in groups of one bar."""
    bars: dict[int, list[Note]] = {}
    before = -1
    for index in range(first, last):
        time = voice.starts[index]
        if not voice.layers[index] and time != before:
            bars.setdefault(bisect_right(voice.bars, time), []).append((index, time))
            before = time
    return list(bars.values())


def aligned(text: str, bars: list[list[Note]]) -> Iterator[tuple[str, Note]]:
    """Yield each symbol of a line with its note; symbols without one are passed over."""
    bar = at = 0
    for symbol in _TOKENS.findall(text):
        if symbol == "|":
            bar, at = bar + 1, 0
            continue
        while bar < len(bars) and at >= len(bars[bar]):
            bar, at = bar + 1, 0
        if bar >= len(bars):
            return
        if symbol != "*":
            yield symbol, bars[bar][at]
        at += 1
