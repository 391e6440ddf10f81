"""Expand repeats: from the marks in the music to the spans that are played, in order.

The end of a repeat goes back to the last start; without one, to the last end of a repeat or an
ending, or to the beginning. In the standard a double bar counts too (4.8); old collections write it
inside strains, so it does not count here. If it did, 60 tunes of the books of Ryan, Aird, O'Neill
and Nottingham would differ from abc2midi's that are equal now, and 14 the other way round. abcjs
and music21 never count it; abc2midi does where another repeat was before it. Starts do not nest;
the inner one counts. Time is linear in the written and the played music.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from symgen.notes.abc.voice import Kind, Mark, Position

Span = tuple[Position, Position]


@dataclasses.dataclass
class _Ending:
    passes: tuple[int, ...]
    begin: Position
    end: Position | None = None


class Unroll:
    """Expands the marks between two places; `played` is the result.

    With `only`, endings are played for that pass alone. `skipped` are all endings but the last of
    each repeat: what is left out where repeats are not played.
    """

    def __init__(
        self,
        begin: Position,
        end: Position,
        marks: list[Mark],
        warn: Callable[[str], None],
        only: int | None = None,
    ) -> None:
        self.played: list[Span] = []
        self.skipped: list[Span] = []
        self.warn, self.only = warn, only
        self.start, self.started, self.times = begin, False, 2
        self.body: Position | None = None  # where the endings of this repeat begin
        self.endings: list[_Ending] = []
        self.repeated = False  # whether a repeat end closed one of them
        steps = {
            Kind.START: self._on_start,
            Kind.END: self._on_end,
            Kind.ENDING: self._on_ending,
            Kind.DOUBLE: self._on_double,
        }
        for mark in marks:
            if mark.kind in steps:
                steps[mark.kind](mark)
        self._finish(end)
        if self.started and self.start != end:
            self.warn("a repeat is not closed; it is played once")
        self._play(self.start, end)

    def _play(self, begin: Position, end: Position) -> None:
        if begin != end:
            self.played.append((begin, end))

    def _on_start(self, mark: Mark) -> None:
        self._finish(mark.at)
        if self.started:
            self.warn("a repeat begins inside another; the inner one counts")
        self._play(self.start, mark.at)
        self.start, self.started, self.times = mark.at, True, mark.times

    def _on_end(self, mark: Mark) -> None:
        if self.body is not None:
            last = self.endings[-1]
            if last.end is None or (not self.repeated and len(self.endings) == 1):
                last.end, self.repeated = mark.at, True
                return
            self._finish(mark.at)
        for _ in range(max(self.times, mark.times) if mark.at != self.start else 0):
            self._play(self.start, mark.at)
        self.start, self.started, self.times = mark.at, False, 2

    def _on_ending(self, mark: Mark) -> None:
        if not mark.passes:
            return
        known = {number for ending in self.endings for number in ending.passes}
        if self.body is not None and known.intersection(mark.passes):
            self._finish(mark.at)
        if self.body is None:
            if 1 not in mark.passes:
                self.warn(f"an ending {mark.passes[0]} without a first one")
                return
            self.body, self.repeated = mark.at, False
        elif self.endings[-1].end is None:
            self.endings[-1].end = mark.at
        self.endings.append(_Ending(mark.passes, mark.at))

    def _on_double(self, mark: Mark) -> None:
        if self.body is not None and self.endings[-1].end is None:
            self.endings[-1].end = mark.at

    def _finish(self, at: Position) -> None:
        """Play the repeat with its endings; the next span begins after the last ending."""
        if self.body is None:
            return
        last = self.endings[-1]
        last.end = last.end or at
        passes = max(max(e.passes) for e in self.endings)
        passes = max(passes, 2) if self.repeated else passes
        if passes == 1:
            self.warn("a first ending without the end of a repeat")
        self.skipped += [(e.begin, e.end or at) for e in self.endings[:-1]]
        for number in range(1, passes + 1) if self.only is None else (self.only,):
            self._play(self.start, self.body)
            chosen = next((e for e in self.endings if number in e.passes), None)
            if chosen and chosen.end:
                self._play(chosen.begin, chosen.end)
        self.start, self.started, self.times, self.body, self.endings = last.end, False, 2, None, []
