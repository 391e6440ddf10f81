"""A score as written: its parts along one line of time, on which repeats are not played yet."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import numpy as np

from symgen.errors import ReadError, shorten
from symgen.notes.musicxml import instruments
from symgen.notes.musicxml.attributes import units_of
from symgen.notes.musicxml.document import Document
from symgen.notes.musicxml.events import END, BadNumber, Event, Kind, Tally
from symgen.notes.musicxml.measures import Part, PartReader
from symgen.types import Ints

MOST_TIME = 1 << 52  # units, so that a float is exact

MARKS = frozenset({
    Kind.FORWARD, Kind.BACKWARD, Kind.ENDING, Kind.ENDING_STOP, Kind.SEGNO, Kind.CODA,
    Kind.TO_CODA, Kind.DA_CAPO, Kind.DAL_SEGNO, Kind.FINE,
})  # fmt: skip

Timed = tuple[int, Any]
"""Written time and a value."""


UNPLAYED = {
    "lyric": "lyric syllable",
    "trill-mark": "trill",
    "turn": "turn",
    "inverted-turn": "turn",
    "delayed-turn": "turn",
    "mordent": "mordent",
    "inverted-mordent": "mordent",
    "shake": "trill",
    "tremolo": "tremolo",
    "fermata": "fermata",
    "arpeggiate": "arpeggiated note",
    "glissando": "glissando",
    "slide": "slide",
    "wedge": "hairpin",
    "swing": "swing mark",
}
"""Elements that are counted and not played, by tag, and what they are called."""

ENDS = ("stop", "continue")
"""Types of elements that were counted where they began."""


@dataclasses.dataclass
class Score:
    """Parts, and `starts`: where each measure begins, and where the last ends, in units."""

    units: int  # of a quarter note
    parts: list[Part]
    starts: Ints
    implicit: list[bool]  # of each measure
    tally: Tally
    warnings: list[str]

    def time(self, event: Event) -> int:
        """Return the written time of an event.

        A segno is at the beginning of its measure unless it is at its end, and a coda in the
        middle of a measure at its end, where one leaves for the coda.
        """
        begin, end = int(self.starts[event.measure]), int(self.starts[event.measure + 1])
        if event.at == END:
            return end
        if event.kind in (Kind.SEGNO, Kind.CODA) and event.at:
            return end if event.kind is Kind.CODA or begin + event.at >= end else begin
        return begin + event.at

    def timed(self, part: Part, kind: Kind) -> list[Timed]:
        """Return the events of one kind in a part, by time; at one time in document order."""
        found = [(self.time(e), e.value) for e in part.events if e.kind is kind]
        return sorted(found, key=lambda row: row[0])

    def everywhere(self, *kinds: Kind) -> list[Timed]:
        """Return the values of some kinds in all parts; at one time, the first part's alone."""
        out: dict[int, Any] = {}
        for part in self.parts:
            mine = {self.time(e): e.value for e in part.events if e.kind in kinds}
            for time, value in mine.items():
                out.setdefault(time, value)
        return sorted(out.items(), key=lambda row: row[0])

    def marks(self) -> list[tuple[int, Kind, Any]]:
        """Return what decides the order of playing; what several parts say counts once."""
        found = {
            (self.time(event), event.kind, event.value): None
            for part in self.parts
            for event in part.events
            if event.kind in MARKS
        }
        return sorted(found, key=lambda mark: mark[0])

    def keys(self) -> list[Timed]:
        """Return the keys; where parts differ, that of most pitched parts counts."""
        votes: dict[int, Counter[tuple[int, int]]] = {}
        pitched = [part for part in self.parts if any(note[3] >= 0 for note in part.notes)]
        for part in pitched or self.parts:
            for time, key in self.timed(part, Kind.KEY):
                votes.setdefault(time, Counter())[key] += 1
        return [(time, found.most_common(1)[0][0]) for time, found in sorted(votes.items())]


def _count_unplayed(document: Document, tally: Tally) -> None:
    """Count what is printed and not played: lyrics, ornaments, hairpins and others."""
    printed = [one for one in document.root.iter() if one.tag in UNPLAYED]
    begun = [one for one in printed if one.get("type") not in ENDS]
    for what, count in Counter(UNPLAYED[one.tag] for one in begun).items():
        tally.add(f"{what}| left out", count)


def read(document: Document, name: str) -> Score:
    """Read all parts of a document; ReadError names the part and the measure of a bad number."""
    tally = Tally()
    _count_unplayed(document, tally)
    headers = {one.get("id", ""): one for one in document.root.iterfind("part-list/score-part")}
    parts: list[Part] = []
    try:
        units = units_of(document.root)
        for number, measures in document.parts.items():
            reader = PartReader(instruments.of_part(headers.get(number)), units, tally)
            try:
                reader.read(measures)
            except BadNumber as error:
                raise BadNumber(f"{error} of part {shorten(number, 20)}") from None
            parts.append(reader.part)
    except BadNumber as error:
        raise ReadError(name, f"{error}; export it again") from None
    starts = _starts(parts, units)
    if starts[-1] > MOST_TIME:
        raise ReadError(name, "lasts longer than can be counted; export it again")
    longest = max(document.parts.values(), key=len, default=[])
    implicit = [measure.implicit or measure.number == "0" for measure in longest]
    return Score(units, parts, starts, implicit, tally, list(document.warnings))


def _starts(parts: list[Part], units: int) -> Ints:
    """Return the beginning of each measure."""
    count = max((len(part.lengths) for part in parts), default=0)
    rows: list[list[int]] = [[] for _ in range(count)]
    sounding = [0] * count
    for part in parts:
        for i, (length, last) in enumerate(zip(part.lengths, part.sounding, strict=True)):
            rows[i].append(length)
            sounding[i] = max(sounding[i], last)
    meters: dict[int, tuple[int, int] | None] = {}
    for part in reversed(parts):
        meters.update({e.measure: e.value for e in part.events if e.kind is Kind.METER})
    meter: tuple[int, int] | None = (4, 4)
    lengths = []
    for i, (row, last) in enumerate(zip(rows, sounding, strict=True)):
        meter = meters.get(i, meter)
        nominal = 4 * units * meter[0] // meter[1] if meter else 0
        lengths.append(_length(row, last, nominal))
    return np.append(0, np.cumsum(np.array(lengths, np.int64)))


def _length(parts: list[int], last: int, nominal: int) -> int:
    """Return the length of a measure from those of its parts, and the end of its last note.

    It is that of the longest part, and one in which nothing lasts is as long as its meter. Rests
    beyond the meter do not count if parts differ: some programs write them into one voice.
    """
    length = max(parts)
    if not length:
        return nominal
    if nominal < length and last < length and min(filter(None, parts)) < length:
        return max(nominal, last)
    return length
