"""The measures of one part: a cursor over their elements gives notes and events.

A note's place is the cursor, which <backup> and <forward> move; a <chord/> note begins with the
note before it. Grace notes are counted and left out, cue notes are silent.
"""

from __future__ import annotations

import dataclasses
from xml.etree.ElementTree import Element

from symgen.errors import shorten
from symgen.notes.musicxml import directions
from symgen.notes.musicxml.attributes import Attributes, number
from symgen.notes.musicxml.document import Measure
from symgen.notes.musicxml.events import BadNumber, Event, Kind, Tally
from symgen.notes.musicxml.harmony import symbol
from symgen.notes.musicxml.instruments import Instrument

TIE_IN, TIE_OUT = 1, 2
ACCENTS = {"accent": 13, "strong-accent": 19}  # more velocity
SHORT = ("staccato", "staccatissimo", "spiccato")
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_TIES = {"stop": TIE_IN, "start": TIE_OUT, "continue": TIE_IN | TIE_OUT}

Row = tuple[int, int, int, int, int, int, int, int, int, int]
"""measure, begin, end, pitch, ties, voice, instrument, velocity (0 unsaid), accent, staff; a row
of `Part.notes`. An unpitched note has the pitch -1 minus its place in `Part.places`."""


@dataclasses.dataclass
class Part:
    """One part as written. Times are units from the beginning of the measure."""

    instruments: list[Instrument]
    notes: list[Row] = dataclasses.field(default_factory=list)
    events: list[Event] = dataclasses.field(default_factory=list)
    lengths: list[int] = dataclasses.field(default_factory=list)  # of the measures
    sounding: list[int] = dataclasses.field(default_factory=list)  # without rests at their ends
    places: list[str] = dataclasses.field(default_factory=list)  # of unpitched notes: "F4"
    passes: dict[int, frozenset[int]] = dataclasses.field(default_factory=dict)
    """Of notes that are not played every time: row to the passes of its repeat."""


class PartReader:
    """Reads the measures of a part; `part` is the result."""

    def __init__(self, sounds: list[Instrument], units: int, tally: Tally) -> None:
        self.part = Part(sounds)
        self.tally = tally
        self.attributes = Attributes(units)
        self.numbers = {one.id: i for i, one in enumerate(sounds)}
        self.voices: dict[str, int] = {}
        self.placed: dict[str, int] = {}
        self.player = 0  # the instrument of notes that name none
        self.at = self.onset = self.extent = self.sounding = self.measure = 0
        self.handlers = {
            "note": self._note,
            "backup": self._backup,
            "forward": self._forward,
            "attributes": self._attributes,
            "direction": self._direction,
            "sound": self._sound,
            "harmony": self._harmony,
            "barline": self._barline,
        }

    def read(self, measures: list[Measure]) -> None:
        """Read all measures; BadNumber tells which holds what cannot be read."""
        handlers = self.handlers
        for index, measure in enumerate(measures):
            self.measure = index
            self.at = self.onset = self.extent = self.sounding = 0
            try:
                for element in measure.inside:
                    handler = handlers.get(element.tag)
                    if handler is not None:
                        handler(element)
            except BadNumber as error:
                raise BadNumber(f"{error} in measure {shorten(measure.number, 20)}") from None
            self.part.lengths.append(self.extent)
            self.part.sounding.append(self.sounding)

    def _event(self, kind: Kind, value: object, at: int | None = None, staff: int = 0) -> None:
        place = self.at if at is None else at
        self.part.events.append(Event(self.measure, place, kind, value, staff))

    def _duration(self, text: str | None) -> int:
        value = number(text, "the duration")
        if value < 0:
            raise BadNumber(f"the duration {value:g} is below 0")
        return round(value * self.attributes.scale)

    def _backup(self, element: Element) -> None:
        self.at = max(0, self.at - self._duration(element.findtext("duration")))

    def _forward(self, element: Element) -> None:
        self.at += self._duration(element.findtext("duration"))
        self.extent = max(self.extent, self.at)

    def _attributes(self, element: Element) -> None:
        for kind, value in self.attributes.update(element):
            self._event(kind, value)

    def _barline(self, element: Element) -> None:
        for at, kind, value in directions.of_barline(element, self.at):
            self._event(kind, value, at)

    def _offset(self, element: Element, sounding: bool = False) -> int:
        """Return where an element is: the cursor and its <offset>."""
        offset = element.find("offset")
        if offset is None or (sounding and offset.get("sound") != "yes"):
            return self.at
        moved = number(offset.text, "the offset") * self.attributes.scale
        return max(0, self.at + round(moved))

    def _direction(self, element: Element) -> None:
        mark, heard = self._offset(element), self._offset(element, sounding=True)
        staff = _staff(element.findtext("staff"), 0)
        for is_sound, kind, value in directions.of_direction(element):
            at = directions.at_measure_edge(kind)
            place = at if at is not None else (heard if is_sound else mark)
            self._event(kind, value, place, staff)
        sound = element.find("sound")
        if sound is not None:
            self._programs(sound, heard)

    def _sound(self, element: Element) -> None:
        at = self._offset(element)
        for _, kind, value in directions.of_sound(element):
            edge = directions.at_measure_edge(kind)
            self._event(kind, value, at if edge is None else edge)
        self._programs(element, at)

    def _programs(self, sound: Element, at: int) -> None:
        for change in sound.iterfind("instrument-change"):
            self.player = self.numbers.get(change.get("id", ""), self.player)
        changes = sound.findall("midi-instrument")
        for midi in changes:
            number = self.numbers.get(midi.get("id", ""), self.player)
            self._event(Kind.PROGRAM, (number, midi), at)
            if len(changes) == 1:
                self.player = number

    def _harmony(self, element: Element) -> None:
        shift, _, _ = self.attributes.transposition((element.findtext("staff") or "1").strip())
        text = symbol(element, shift, self.attributes.sharps)
        if text is None:
            self.tally.add("rootless chord symbol| left out")
        else:
            self._event(Kind.CHORD, text, self._offset(element))

    def _note(self, note: Element) -> None:
        found = {child.tag: child for child in note}
        if "grace" in found:
            if "rest" not in found and "cue" not in found:
                self.tally.add("grace note| left out")
            return
        length = self._length(found)
        if "chord" not in found:
            self.onset = self.at
            self.at += length
            self.extent = max(self.extent, self.at)
        elif self.onset + length > self.extent:
            self.extent = self.onset + length
        if "rest" in found or not length:
            return
        self.sounding = max(self.sounding, self.onset + length)
        if "cue" in found:
            self.tally.add("cue note| left out")
            return
        staff = (found["staff"].text or "").strip() if "staff" in found else "1"
        _, shift, doubling = self.attributes.transposition(staff)
        if "pitch" in found:
            pitch = self._pitch(found["pitch"]) + shift
            if not 0 <= pitch <= 127:
                self.tally.add("out-of-range note| left out")
                return
        elif "unpitched" in found:
            pitch, doubling = self._place(found["unpitched"]), 0
        else:
            return
        self._add(note, found, length, pitch)
        if doubling and 0 <= pitch + doubling <= 127:
            self._add(note, found, length, pitch + doubling)

    def _add(self, note: Element, found: dict[str, Element], length: int, pitch: int) -> None:
        ties = accent = 0
        if "tie" in found:
            ties = self._ties(note.findall("tie"))
        if "notations" in found:
            accent, tied = self._notations(note)
            ties = ties or tied
        voice = found["voice"].text if "voice" in found else ""
        number_ = self.voices.setdefault(voice or "", len(self.voices))
        instrument = self.player
        if "instrument" in found:
            instrument = self.numbers.get(found["instrument"].get("id", ""), instrument)
        velocity = note.get("dynamics")
        level = 0
        if velocity is not None:
            level = max(1, min(127, round(number(velocity, "dynamics") * directions.FORTE / 100)))
        if "time-only" in note.attrib:
            times = frozenset(int(t) for t in note.attrib["time-only"].split(",") if t.isdigit())
            self.part.passes[len(self.part.notes)] = times
        self.part.notes.append(
            (
                self.measure,
                self.onset,
                self.onset + length,
                pitch,
                ties,
                number_,
                instrument,
                level,
                accent,
                _staff(found["staff"].text, 1) if "staff" in found else 1,
            )
        )

    def _length(self, found: dict[str, Element]) -> int:
        if "duration" in found:
            return self._duration(found["duration"].text)
        kind = (found["type"].text or "").strip() if "type" in found else ""
        if kind not in directions.UNITS:
            raise BadNumber("a note without a duration")
        return round(self.attributes.units / float(directions.UNITS[kind]))

    def _pitch(self, pitch: Element) -> int:
        step = (pitch.findtext("step") or "").strip()
        if step not in _STEPS:
            raise BadNumber(f"the step {step[:10]!r} is not C to B")
        alter = pitch.findtext("alter")
        octave = number(pitch.findtext("octave"), "the octave")
        if not 0 <= octave <= 9:
            raise BadNumber(f"the octave {octave:g} is not 0 to 9")
        semitones = number(alter, "the alteration") if alter and alter.strip() else 0
        if semitones != round(semitones):
            self.tally.add("note| between two keys, on the lower one")
        return 12 + 12 * int(octave) + _STEPS[step] + int(semitones // 1)

    def _place(self, unpitched: Element) -> int:
        """Return the number of an unpitched note: below 0, from its place on the staff."""
        step, octave = unpitched.findtext("display-step"), unpitched.findtext("display-octave")
        place = f"{(step or '').strip()}{(octave or '').strip()}"
        if place not in self.placed:
            self.placed[place] = len(self.part.places)
            self.part.places.append(place)
        return -1 - self.placed[place]

    def _ties(self, elements: list[Element]) -> int:
        ties = 0
        for element in elements:
            ties |= _TIES.get(element.get("type", ""), 0)
        return ties

    def _notations(self, note: Element) -> tuple[int, int]:
        """Return the accent and the ties as printed, and take over a dynamic mark."""
        accent = ties = 0
        for notations in note.iterfind("notations"):
            for mark in notations:
                if mark.tag == "tied":
                    ties |= _TIES.get(mark.get("type", ""), 0)
                elif mark.tag == "articulations":
                    for articulation in mark:
                        accent = max(accent, ACCENTS.get(articulation.tag, 0))
                        if articulation.tag in SHORT:
                            self.tally.add("staccato note| as long as written")
                elif mark.tag == "ornaments":
                    self.tally.add("ornament| not written out")
                elif mark.tag == "dynamics":
                    for _, kind, value in directions.dynamics(mark):
                        self._event(kind, value, self.onset)
        return accent, ties


def _staff(text: str | None, otherwise: int) -> int:
    """Return the number of a staff."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else otherwise
