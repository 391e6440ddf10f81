"""The elements of a measure: notes and rests with all that the standard has for them."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from symgen.notes.musicxml.directions import FORTE
from symgen.notes.musicxml.instruments import STAFF_DRUMS
from symgen.notes.musicxml.writer.parts import Part
from symgen.notes.musicxml.writer.pitch import Speller
from symgen.notes.musicxml.writer.rhythm import TYPES, Event
from symgen.notes.theory import chords, meter

DRUMS = {key: place for place, key in STAFF_DRUMS.items()}
LIKE = {35: 36, 40: 38, 37: 38, 39: 38, 46: 42, 53: 51, 59: 51, 55: 49, 52: 49}
"""Drums that are written in the place of another one."""
CROSSED = frozenset({37, 42, 44, 46, 49, 51, 52, 53, 55, 57, 59})  # cymbals, and the rim
ELSEWHERE = "B4"

Signs = dict[tuple[int, int, int], str]
"""The printed accidentals: by place of the voice, tick and pitch."""


class Place(NamedTuple):
    """Where notes are: the part, the staff from 1 (0 in a part of one staff), and the voice."""

    part: Part
    staff: int
    voice: int
    at: int  # the voice of the staff, from 0


def instrument_id(part: str, key: int | None) -> str:
    """Return the id of the instrument of a part, or of one of its drums."""
    return f"{part}-I1" if key is None else f"{part}-D{key}"


def accidentals(
    part: Part, sharps: int, voices: list[list[Event]], ties: list[dict[int, int]]
) -> Signs:
    """Return the accidentals of a staff in a measure, in the order in which they are read.

    `ties` are those that come over the bar line, by voice.
    """
    signs: Signs = {}
    if part.drums:
        return signs
    speller = Speller(sharps)
    order = sorted(
        (one.begin, pitch, at, row)
        for at, voice in enumerate(voices)
        for row, one in enumerate(voice)
        for pitch in one.pitches
    )
    for tick, pitch, at, row in order:
        before = voices[at][row - 1] if row else None
        tied = pitch in before.tied if before else ties[at].get(pitch) == tick
        letter, alter = part.names.at(tick, pitch)
        signs[at, tick, pitch] = speller.sign(letter, alter, octave(letter, alter, pitch), tied)
    return signs


def octave(letter: str, alter: int, pitch: int) -> int:
    """Return the octave of a pitch by its name; B sharp is in the octave below."""
    return (pitch - alter - chords.LETTERS[letter]) // 12 - 1


def measure_rest(place: Place, length: str) -> Element:
    """Return a rest that fills a measure."""
    note = Element("note")
    SubElement(note, "rest", measure="yes")
    SubElement(note, "duration").text = length
    SubElement(note, "voice").text = str(place.voice)
    if place.staff:
        SubElement(note, "staff").text = str(place.staff)
    return note


def elements(
    place: Place,
    event: Event,
    length: str,
    ended: set[int],
    signs: Signs,
    beams: tuple[str, ...],
    edges: tuple[str, ...],
) -> list[Element]:
    """Return the notes of a chord, one note, or a rest.

    `ended` are the pitches that are tied to a note before, and `edges` says whether a tuplet
    starts or stops here.
    """
    out = []
    pitches: tuple[int | None, ...] = event.pitches or (None,)
    for number, pitch in enumerate(pitches):
        note = Element("note")
        stop, start = pitch in ended, pitch in event.tied
        _head(note, place, event, pitch, number > 0, stop)
        SubElement(note, "duration").text = length
        tied = [name for name, has in (("stop", stop), ("start", start)) if has]
        for name in tied:
            SubElement(note, "tie", type=name)
        if place.part.drums and pitch is not None:
            SubElement(note, "instrument", id=instrument_id(place.part.id, pitch))
        SubElement(note, "voice").text = str(place.voice)
        _type(note, event)
        sign = signs.get((place.at, event.begin, pitch)) if pitch is not None else ""
        if sign:
            SubElement(note, "accidental").text = sign
        _after(note, place, event, pitch)
        for level, name in enumerate(beams if not number else (), 1):
            SubElement(note, "beam", number=str(level)).text = name
        _notations(note, tied, edges if not number else (), bool(beams))
        out.append(note)
    return out


def _head(
    note: Element, place: Place, event: Event, pitch: int | None, chord: bool, stop: bool
) -> None:
    """Write what comes before the duration."""
    if pitch is None:
        SubElement(note, "rest")
        return
    velocity = place.part.velocities.get((event.begin, pitch))
    if velocity is not None and not stop:
        note.set("dynamics", f"{velocity * 100 / FORTE:.2f}")
    if chord:
        SubElement(note, "chord")
    if place.part.drums:
        where = DRUMS.get(LIKE.get(pitch, pitch), ELSEWHERE)
        shown = SubElement(note, "unpitched")
        SubElement(shown, "display-step").text = where[0]
        SubElement(shown, "display-octave").text = where[1]
        return
    letter, alter = place.part.names.at(event.begin, pitch)
    shown = SubElement(note, "pitch")
    SubElement(shown, "step").text = letter
    if alter:
        SubElement(shown, "alter").text = str(alter)
    SubElement(shown, "octave").text = str(octave(letter, alter, pitch))


def _type(note: Element, event: Event) -> None:
    if event.kind >= 0:
        SubElement(note, "type").text = TYPES[event.kind]
        for _ in range(event.dots):
            SubElement(note, "dot")


def _after(note: Element, place: Place, event: Event, pitch: int | None) -> None:
    """Write what comes between the accidental and the beams."""
    if event.tuplet is not None:
        modified = SubElement(note, "time-modification")
        SubElement(modified, "actual-notes").text = str(event.tuplet.actual)
        SubElement(modified, "normal-notes").text = str(event.tuplet.normal)
    if place.part.drums and pitch in CROSSED:
        SubElement(note, "notehead").text = "x"
    if place.staff:
        SubElement(note, "staff").text = str(place.staff)


def _notations(note: Element, tied: list[str], edges: tuple[str, ...], beamed: bool) -> None:
    notations = Element("notations")
    for name in tied:
        SubElement(notations, "tied", type=name)
    for name in edges:
        tuplet = SubElement(notations, "tuplet", type=name, number="1")
        if name == "start":
            tuplet.set("bracket", "no" if beamed else "yes")
    if len(notations):
        note.append(notations)


def tempo(qpm: float, numerator: int, denominator: int, printed: bool) -> Element:
    """Return a tempo: a metronome mark in whole beats of the meter, or what is only heard."""
    if not printed:
        return Element("sound", tempo=f"{qpm:.10g}")
    beat = meter.beat(numerator, denominator)
    rate = qpm / float(4 * beat)
    direction = Element("direction", placement="above")
    mark = SubElement(SubElement(direction, "direction-type"), "metronome")
    undotted = beat * 2 / 3 if beat.numerator == 3 else beat
    unit = {1: "whole", 2: "half", 4: "quarter", 8: "eighth", 16: "16th"}.get(undotted.denominator)
    SubElement(mark, "beat-unit").text = unit or "quarter"
    if beat.numerator == 3:
        SubElement(mark, "beat-unit-dot")
    SubElement(mark, "per-minute").text = f"{rate if unit else qpm:.0f}"
    SubElement(direction, "sound", tempo=f"{qpm:.10g}")
    return direction


def pedal(down: bool, staff: int) -> Element:
    """Return a pedal mark; `staff` counts from 1, and is 0 in a part of one staff."""
    direction = Element("direction", placement="below")
    kind = SubElement(direction, "direction-type")
    SubElement(kind, "pedal", type="start" if down else "stop", line="no", sign="yes")
    if staff:
        SubElement(direction, "staff").text = str(staff)
    return direction


def dynamic(name: str) -> Element:
    """Return a dynamic mark, such as mf."""
    direction = Element("direction", placement="below")
    SubElement(SubElement(SubElement(direction, "direction-type"), "dynamics"), name)
    return direction
