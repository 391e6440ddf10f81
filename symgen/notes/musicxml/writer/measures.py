"""The measures of a part: attributes, directions, notes with their types, ties and tuplets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from symgen.notes.abc.writer import bars
from symgen.notes.abc.writer.bars import DOTTED, RATIOS, SINGLE, TWICE
from symgen.notes.abc.writer.time import TICKS, Score
from symgen.notes.musicxml.directions import FORTE
from symgen.notes.musicxml.writer import harmony
from symgen.notes.musicxml.writer.pitch import Speller, fifths
from symgen.notes.theory import meter

TYPES = ("breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th", "128th", "256th",
         "512th", "1024th")  # fmt: skip
LOW = 55  # a part whose median pitch is below has a bass clef


class Staff(NamedTuple):
    """One part: its notes in ticks, its sound, and its pedal as (tick, whether it is down)."""

    id: str
    score: Score
    program: int
    drums: bool
    velocities: dict[tuple[int, int], int]  # by tick and pitch
    pedal: list[tuple[int, bool]]


class Laid(NamedTuple):
    """A measure; `voices` have their parts in runs, and are empty where they are silent."""

    begin: int
    end: int
    voices: list[list[list[bars.Part]]]

    def ticks(self) -> set[int]:
        """Return the ticks at which something begins or ends."""
        parts = [part for runs in self.voices for run in runs for part in run]
        return {self.begin, self.end, *(tick for part in parts for tick in part[:2])}


def instrument_id(part: str, key: int | None) -> str:
    """Return the id of the instrument of a part, or of one of its drums."""
    return f"{part}-I1" if key is None else f"{part}-D{key}"


def lay(staff: Staff, lines: list[int]) -> list[Laid]:
    """Return the measures between bar lines, the first and the last included."""
    out = []
    edges = [([g.begin for g in voice], [g.end for g in voice]) for voice in staff.score.voices]
    for begin, end in pairwise(lines):
        origin = begin if begin or not staff.score.pickup else staff.score.pickup
        numerator, denominator = _meter(staff.score, begin)
        dotted = denominator >= 8 and meter.compound(numerator, denominator)
        beat = 12 * TICKS // denominator if dotted else TICKS
        bar = bars.Bar(begin, end, origin, beat, (), {}, {}, {})
        voices = []
        for voice, (begins, ends) in zip(staff.score.voices, edges, strict=True):
            inside = voice[bisect_right(ends, begin) : bisect_left(begins, end)]
            voices.append(list(bars.runs(bar, inside)) if inside else [])
        out.append(Laid(begin, end, voices))
    return out


def ends_of(whole: Score, end: int) -> list[int]:
    """Return the bar lines with the beginning and the end, whose last measure is filled up.

    It is not where it makes a full measure together with the pickup.
    """
    lines = [0, *(line for line in whole.bars if line < end)]
    numerator, denominator = _meter(whole, lines[-1])
    full = 4 * TICKS * numerator // denominator
    pickup = whole.pickup if len(lines) > 1 else 0
    if end - lines[-1] + pickup != full:
        end = max(end, lines[-1] + full)
    return [*lines, end]


def _meter(whole: Score, tick: int) -> tuple[int, int]:
    row = bisect_right(whole.meters, tick, key=lambda row: row[0]) - 1
    _, numerator, denominator = whole.meters[max(row, 0)]
    return numerator, denominator


class MeasureWriter:
    """Writes the measures of one part, in order; the first part has chords and tempos."""

    def __init__(self, staff: Staff, divisions: int, first: bool) -> None:
        self.staff, self.divisions = staff, divisions
        self.keys = {tick: (tonic, mode) for tick, tonic, mode in staff.score.keys}
        first_meter = staff.score.meters[0][0]  # it holds for the pickup too
        self.meters = {
            0 if tick == first_meter else tick: (n, d) for tick, n, d in staff.score.meters
        }
        self.before = -1  # where the measure before begins
        tonic, mode = staff.score.keys[0][1:]
        self.speller = Speller(fifths(tonic, mode))
        self.ties: list[dict[int, int]] = [{} for _ in staff.score.voices]  # pitch: end
        self.directions = sorted(self._directions(first), key=lambda row: row[0])

    def write(self, number: int, laid: Laid, implicit: bool) -> Element:
        """Return one measure."""
        measure = Element("measure", number=str(number))
        if implicit:
            measure.set("implicit", "yes")
        self._attributes(measure, laid)
        self.speller.bar()
        for place, runs in enumerate(laid.voices):
            if place and not runs:
                continue
            if place:
                backup = SubElement(measure, "backup")
                SubElement(backup, "duration").text = self._length(laid.end - laid.begin)
            if not runs:
                self._rest(measure, laid)
            for run in runs:
                for at, part in enumerate(run):
                    if not place:
                        self._direct(measure, part.begin, part.end)
                    self._part(measure, place, run, at)
        return measure

    def _length(self, ticks: int) -> str:
        return str(ticks * self.divisions // TICKS)

    def _attributes(self, measure: Element, laid: Laid) -> None:
        attributes = Element("attributes")
        if not laid.begin:
            SubElement(attributes, "divisions").text = str(self.divisions)
        keys = [k for tick, k in sorted(self.keys.items()) if self.before < tick <= laid.begin]
        self.before = laid.begin
        if keys and not self.staff.drums:
            tonic, mode = keys[-1]
            self.speller.bar(fifths(tonic, mode))
            key = SubElement(attributes, "key")
            SubElement(key, "fifths").text = str(self.speller.sharps)
            SubElement(key, "mode").text = "minor" if mode else "major"
        meters = [m for tick, m in self.meters.items() if laid.begin <= tick < laid.end]
        if meters:
            time = SubElement(attributes, "time")
            SubElement(time, "beats").text = str(meters[0][0])
            SubElement(time, "beat-type").text = str(meters[0][1])
        if not laid.begin:
            self._clef(attributes)
        if len(attributes):
            measure.append(attributes)

    def _clef(self, attributes: Element) -> None:
        pitches = [p for voice in self.staff.score.voices for g in voice for p in g.pitches]
        low = bool(pitches) and median(pitches) < LOW
        clef = SubElement(attributes, "clef")
        SubElement(clef, "sign").text = "percussion" if self.staff.drums else "GF"[low]
        if not self.staff.drums:
            SubElement(clef, "line").text = "24"[low]

    def _directions(self, first: bool) -> Iterator[tuple[int, Element]]:
        """Yield what stands between the notes, by tick."""
        for tick, qpm in self.staff.score.tempos if first else ():
            direction = Element("direction", placement="above")
            mark = SubElement(SubElement(direction, "direction-type"), "metronome")
            SubElement(mark, "beat-unit").text = "quarter"
            SubElement(mark, "per-minute").text = f"{qpm:.10g}"
            SubElement(direction, "sound", tempo=f"{qpm:.10g}")
            yield tick, direction
        for tick, symbol in self.staff.score.chords if first else ():
            chord = harmony.element(symbol, self.speller.sharps)
            if chord is not None:
                yield tick, chord
        for tick, down in self.staff.pedal:
            direction = Element("direction", placement="below")
            kind = SubElement(direction, "direction-type")
            SubElement(kind, "pedal", type="start" if down else "stop", line="no", sign="yes")
            yield tick, direction

    def _direct(self, measure: Element, begin: int, end: int) -> None:
        """Write the directions before `end` where `begin` is the place of the next note."""
        while self.directions and self.directions[0][0] < end:
            tick, element = self.directions.pop(0)
            if tick != begin:
                offset = Element("offset")
                offset.text = str((tick - begin) * self.divisions // TICKS)
                if element.tag == "direction":
                    offset.set("sound", "yes")
                sound = element.find("sound")
                element.insert(len(element) - (sound is not None), offset)
            measure.append(element)

    def _rest(self, measure: Element, laid: Laid) -> None:
        self._direct(measure, laid.begin, laid.end)
        note = SubElement(measure, "note")
        SubElement(note, "rest", measure="yes")
        SubElement(note, "duration").text = self._length(laid.end - laid.begin)
        SubElement(note, "voice").text = "1"

    def _part(self, measure: Element, place: int, run: list[bars.Part], at: int) -> None:
        """Write a note, a chord or a rest of a voice."""
        part = run[at]
        ended = {p for p, end in self.ties[place].items() if end == part.begin}
        self.ties[place] = dict.fromkeys(part.tied, part.end)
        pitches: tuple[int | None, ...] = part.pitches or (None,)
        for number, pitch in enumerate(pitches):
            note = SubElement(measure, "note")
            stop, start = pitch in ended, pitch in part.tied
            accidental = self._head(note, pitch, number > 0, stop, part)
            SubElement(note, "duration").text = self._length(part.end - part.begin)
            tied = [name for name, has in (("stop", stop), ("start", start)) if has]
            for name in tied:
                SubElement(note, "tie", type=name)
            if self.staff.drums and pitch is not None:
                SubElement(note, "instrument", id=instrument_id(self.staff.id, pitch))
            SubElement(note, "voice").text = str(place + 1)
            self._type(note, part)
            if accidental:
                SubElement(note, "accidental").text = accidental
            self._modified(note, part)
            self._notations(note, tied, run, at, number)

    def _head(
        self, note: Element, pitch: int | None, chord: bool, stop: bool, part: bars.Part
    ) -> str:
        """Write what comes before the duration; return the accidental, or ""."""
        if pitch is None:
            SubElement(note, "rest")
            return ""
        velocity = self.staff.velocities.get((part.begin, pitch))
        if velocity is not None and not stop:
            note.set("dynamics", f"{velocity * 100 / FORTE:.2f}")
        if chord:
            SubElement(note, "chord")
        if self.staff.drums:
            place = SubElement(note, "unpitched")
            SubElement(place, "display-step").text = "B"
            SubElement(place, "display-octave").text = "4"
            return ""
        letter, alter, octave, accidental = self.speller.note(pitch, stop)
        place = SubElement(note, "pitch")
        SubElement(place, "step").text = letter
        if alter:
            SubElement(place, "alter").text = str(alter)
        SubElement(place, "octave").text = str(octave)
        return accidental

    def _type(self, note: Element, part: bars.Part) -> None:
        notes, time = RATIOS[part.tuplet]
        written = (part.end - part.begin) * notes // time
        for dots, lengths in enumerate((SINGLE, DOTTED, TWICE)):
            if written in lengths:
                SubElement(note, "type").text = TYPES[lengths.index(written)]
                for _ in range(dots):
                    SubElement(note, "dot")
                return

    def _modified(self, note: Element, part: bars.Part) -> None:
        if part.tuplet != 1:
            notes, time = RATIOS[part.tuplet]
            modified = SubElement(note, "time-modification")
            SubElement(modified, "actual-notes").text = str(notes)
            SubElement(modified, "normal-notes").text = str(time)

    def _notations(
        self, note: Element, tied: list[str], run: list[bars.Part], at: int, number: int
    ) -> None:
        notations = Element("notations")
        for name in tied:
            SubElement(notations, "tied", type=name)
        if run[at].tuplet != 1 and not number:
            edges = (("start", at == 0), ("stop", at == len(run) - 1))
            for name in (name for name, here in edges if here):
                SubElement(notations, "tuplet", type=name, number="1")
        if len(notations):
            note.append(notations)
