"""The measures of a part: what is in each, and their elements in the order of the standard."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from symgen.notes.abc.writer.time import TICKS, Group, Score
from symgen.notes.musicxml.writer import beams, clefs, grid, harmony, notes, rhythm
from symgen.notes.musicxml.writer.clefs import Clef
from symgen.notes.musicxml.writer.grid import Grid
from symgen.notes.musicxml.writer.parts import Part
from symgen.notes.musicxml.writer.pitch import fifths
from symgen.notes.musicxml.writer.rhythm import Event

LASTS = 2  # bars that a tempo lasts, if its change is printed
CHANGE = 0.03  # share by which it changes
VOICES = 4  # numbers of voices of a staff, as notation programs count them


class Laid(NamedTuple):
    """A measure: its grid, and by staff its voices, which are empty where they are silent."""

    grid: Grid
    staves: list[list[list[Event]]]

    def ticks(self) -> set[int]:
        """Return the ticks at which something begins or ends."""
        events = [one for staff in self.staves for voice in staff for one in voice]
        return {self.grid.begin, self.grid.end, *(tick for one in events for tick in one[:2])}


def lay(part: Part, lines: list[int]) -> list[Laid]:
    """Return the measures between bar lines, the first and the last included."""
    staves = [
        [(voice, [g.begin for g in voice], [g.end for g in voice]) for voice in staff]
        for staff in part.staves
    ]
    out = []
    for begin, end in pairwise(lines):
        origin = begin if begin or not part.score.pickup else part.score.pickup
        of = grid.of_bar(begin, end, origin, *meter_at(part.score, begin))
        out.append(
            Laid(
                of,
                [
                    [
                        _voice(of, voice[bisect_right(ends, begin) : bisect_left(begins, end)], at)
                        for at, (voice, begins, ends) in enumerate(staff)
                    ]
                    for staff in staves
                ],
            )
        )
    return out


def _voice(of: Grid, inside: list[Group], place: int) -> list[Event]:
    """Return what a voice has in a measure; of voices but the first, no rests at the edges."""
    if not inside:
        return []
    found = rhythm.events(of, inside)
    if not place:
        return found
    sounding = [row for row, one in enumerate(found) if one.pitches]
    first, last = found[sounding[0]], found[sounding[-1]]
    begin = first.tuplet.begin if first.tuplet else rhythm.beat_of(of, first.begin)
    end = last.tuplet.end if last.tuplet else last.end
    return [one for one in found if one.pitches or (begin <= one.begin and one.end <= end)]


def ends_of(whole: Score, end: int) -> list[int]:
    """Return the bar lines with the beginning and the end, whose last measure is filled up.

    It is not where it makes a full measure together with the pickup.
    """
    lines = [0, *(line for line in whole.bars if line < end)]
    numerator, denominator = meter_at(whole, lines[-1])
    full = 4 * TICKS * numerator // denominator
    pickup = whole.pickup if len(lines) > 1 else 0
    if end - lines[-1] + pickup != full:
        end = max(end, lines[-1] + full)
    return [*lines, end]


def meter_at(whole: Score, tick: int) -> tuple[int, int]:
    """Return numerator and denominator of the meter at a tick."""
    row = bisect_right(whole.meters, tick, key=lambda row: row[0]) - 1
    _, numerator, denominator = whole.meters[max(row, 0)]
    return numerator, denominator


def voice_number(staff: int, place: int) -> int:
    """Return the number of a voice: 1 to 4 on the first staff, 5 to 8 on the second one."""
    return 2 * VOICES * (place // VOICES) + VOICES * staff + place % VOICES + 1


class MeasureWriter:
    """Writes the measures of one part, in order; the first part has chords and tempos."""

    def __init__(
        self,
        part: Part,
        laid: list[Laid],
        divisions: int,
        first: bool,
        marks: Sequence[tuple[int, str]] = (),
    ) -> None:
        self.part, self.divisions = part, divisions
        self.keys = {tick: (tonic, mode) for tick, tonic, mode in part.score.keys}
        first_meter = part.score.meters[0][0]  # it holds for the pickup too
        self.meters = {
            0 if tick == first_meter else tick: (n, d) for tick, n, d in part.score.meters
        }
        self.before = -1  # where the measure before begins
        tonic, mode = part.score.keys[0][1:]
        self.sharps = fifths(tonic, mode)
        self.clefs = _clefs(part, laid)
        self.shown: list[Clef | None] = [None] * len(part.staves)
        self.ties: dict[tuple[int, int], dict[int, int]] = {}  # staff and voice: pitch to end
        self.directions = sorted(self._directions(first, marks), key=lambda row: row[0])

    def write(self, place: int, number: int, laid: Laid, implicit: bool) -> Element:
        """Return one measure; `place` counts all, and `number` is printed."""
        measure = Element("measure", number=str(number))
        if implicit:
            measure.set("implicit", "yes")
        self._attributes(measure, place, laid.grid)
        for staff, voices in enumerate(laid.staves):
            ties = [self.ties.get((staff, at), {}) for at in range(len(voices))]
            signs = notes.accidentals(self.part, self.sharps, voices, ties)
            for at, events in enumerate(voices):
                if at and not events:
                    continue
                if staff or at:
                    self._move(measure, "backup", laid.grid.end - laid.grid.begin)
                self._voice(measure, laid.grid, events, (staff, at), signs)
        return measure

    def _voice(
        self,
        measure: Element,
        of: Grid,
        events: list[Event],
        where: tuple[int, int],
        signs: notes.Signs,
    ) -> None:
        """Write a voice, with a rest for the whole measure if the first one is silent."""
        leading = where == (0, 0)
        now = of.begin
        head = notes.Place(
            self.part,
            where[0] + 1 if len(self.part.staves) > 1 else 0,
            voice_number(*where),
            where[1],
        )
        if not events:
            if leading:
                self._direct(measure, of.begin, of.end)
            measure.append(notes.measure_rest(head, self._length(of.end - of.begin)))
            return
        ties = self.ties.setdefault(where, {})
        for row, (one, beam) in enumerate(zip(events, beams.beams(of, events), strict=True)):
            if one.begin > now:
                self._move(measure, "forward", one.begin - now)
            if leading:
                self._direct(measure, one.begin, one.end)
            ended = {pitch for pitch, end in ties.items() if end == one.begin}
            ties.clear()
            ties.update(dict.fromkeys(one.tied, one.end))
            edges = _edges(events, row)
            length = self._length(one.end - one.begin)
            measure.extend(notes.elements(head, one, length, ended, signs, beam, edges))
            now = one.end
        if now < of.end:
            self._move(measure, "forward", of.end - now)

    def _length(self, ticks: int) -> str:
        return str(ticks * self.divisions // TICKS)

    def _move(self, measure: Element, tag: str, ticks: int) -> None:
        SubElement(SubElement(measure, tag), "duration").text = self._length(ticks)

    def _attributes(self, measure: Element, place: int, of: Grid) -> None:
        attributes = Element("attributes")
        if not of.begin:
            SubElement(attributes, "divisions").text = str(self.divisions)
        keys = [k for tick, k in sorted(self.keys.items()) if self.before < tick <= of.begin]
        self.before = of.begin
        if keys and not self.part.drums:
            tonic, mode = keys[-1]
            self.sharps = fifths(tonic, mode)
            key = SubElement(attributes, "key")
            SubElement(key, "fifths").text = str(self.sharps)
            SubElement(key, "mode").text = "minor" if mode else "major"
        meters = [m for tick, m in self.meters.items() if of.begin <= tick < of.end]
        if meters:
            time = SubElement(attributes, "time")
            SubElement(time, "beats").text = str(meters[0][0])
            SubElement(time, "beat-type").text = str(meters[0][1])
        if not of.begin and len(self.part.staves) > 1:
            SubElement(attributes, "staves").text = str(len(self.part.staves))
        for staff, changes in enumerate(self.clefs):
            self._clef(attributes, staff, changes[place])
        if len(attributes):
            measure.append(attributes)

    def _clef(self, attributes: Element, staff: int, clef: Clef) -> None:
        if self.shown[staff] == clef:
            return
        self.shown[staff] = clef
        element = SubElement(attributes, "clef")
        if len(self.clefs) > 1:
            element.set("number", str(staff + 1))
        SubElement(element, "sign").text = "percussion" if self.part.drums else clef.sign
        if not self.part.drums:
            SubElement(element, "line").text = str(clef.line)
            if clef.octaves:
                SubElement(element, "clef-octave-change").text = str(clef.octaves)

    def _directions(
        self, first: bool, marks: Sequence[tuple[int, str]]
    ) -> Iterator[tuple[int, Element]]:
        """Yield what stands between the notes, by tick."""
        for tick, qpm, printed in _tempos(self.part.score) if first else ():
            yield tick, notes.tempo(qpm, *meter_at(self.part.score, tick), printed)
        for tick, symbol in self.part.score.chords if first else ():
            chord = harmony.element(symbol, self.sharps)
            if chord is not None:
                yield tick, chord
        low = len(self.part.staves) if len(self.part.staves) > 1 else 0
        for tick, name in marks:
            yield tick, notes.dynamic(name)
        for tick, down in self.part.pedal:
            yield tick, notes.pedal(down, low)

    def _direct(self, measure: Element, begin: int, end: int) -> None:
        """Write the directions before `end` where `begin` is the place of the next note."""
        while self.directions and self.directions[0][0] < end:
            tick, element = self.directions.pop(0)
            if tick != begin:
                offset = Element("offset")
                offset.text = str((tick - begin) * self.divisions // TICKS)
                if element.tag == "direction":
                    offset.set("sound", "yes")
                after = sum(element.find(tag) is not None for tag in ("staff", "sound"))
                element.insert(len(element) - after, offset)
            measure.append(element)


def _tempos(whole: Score) -> Iterator[tuple[int, float, bool]]:
    """Yield the tempos, and whether each is printed: it is new, and lasts for some bars.

    The tempo of a performance changes from beat to beat; that is heard, and not printed.
    """
    shown = 0.0
    ends = [*(tick for tick, _ in whole.tempos[1:]), whole.end]
    for (tick, qpm), end in zip(whole.tempos, ends, strict=False):
        numerator, denominator = meter_at(whole, tick)
        lasts = end - tick >= LASTS * 4 * TICKS * numerator // denominator or end == whole.end
        printed = not shown or (lasts and abs(qpm - shown) > CHANGE * shown)
        yield tick, qpm, printed
        shown = qpm if printed else shown


def _clefs(part: Part, laid: list[Laid]) -> list[list[Clef]]:
    """Return the clef of each measure on each staff."""
    out = []
    for staff, voices in enumerate(part.staves):
        if len(part.staves) > 1:
            pitches = [
                [pitch for voice in measure.staves[staff] for one in voice for pitch in one.pitches]
                for measure in laid
            ]
            out.append(clefs.of_measures(pitches, clefs.BASS if staff else clefs.TREBLE))
        else:
            every = [pitch for voice in voices for group in voice for pitch in group.pitches]
            out.append([clefs.of_part(every, part.program)] * len(laid))
    return out


def _edges(events: list[Event], row: int) -> tuple[str, ...]:
    """Return whether a tuplet starts or stops at an event."""
    mine = events[row].tuplet
    if mine is None:
        return ()
    before = events[row - 1].tuplet if row else None
    after = events[row + 1].tuplet if row + 1 < len(events) else None
    return tuple(name for name, other in (("start", before), ("stop", after)) if other != mine)
