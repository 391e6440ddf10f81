"""The MusicXML writer: a piece whose notes lie on a grid, as a partwise score.

Each instrument and program is a part. A keyboard whose music needs two hands is written on two
staves, by hands, and each staff has two voices where that saves ties. Times are quantised as for
ABC: to 48ths of a quarter note, or to tuplets of 5, 7 and 9. A bar line, and any place of the
meter that readers want to see, splits a note into tied notes. A key that changes inside a bar does
so at the next bar line. Chord symbols and tempos are in the first part. Velocities are the
`dynamics` of the notes, of two in unison the louder, and the sustain pedal is pedal marks. Bank,
volume and pan are those with which an instrument begins. Warnings list moved notes and other
losses, such as other controllers and bends.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from pathlib import PurePath
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from symgen.notes.abc.writer.time import TICKS
from symgen.notes.base import Writer
from symgen.notes.losses import unwritten
from symgen.notes.musicxml.instruments import BANK, BANK_LOW, PAN, USUAL, VOLUME, degrees, percent
from symgen.notes.musicxml.writer.loudness import marks
from symgen.notes.musicxml.writer.measures import Laid, MeasureWriter, ends_of, lay
from symgen.notes.musicxml.writer.notes import instrument_id
from symgen.notes.musicxml.writer.parts import Part, parts
from symgen.notes.pedal import SUSTAIN
from symgen.notes.sequence import NoteSequence

HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)
DRUMS = 9  # channel, from 0
CHANNELS = [c for c in range(16) if c != DRUMS]


@dataclasses.dataclass(frozen=True)
class MusicXmlWriter(Writer):
    """Scores as plain MusicXML 4.0. `title` replaces the title of the piece.

    Parts without one of `names` are called as in the source, else by their instrument.

    `dynamics` prints marks from pp to ff where the velocities change.
    """

    title: str | None = None
    names: tuple[str, ...] = ()  # of the parts
    dynamics: bool = False

    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the score in UTF-8; a UserWarning for each loss."""
        found, losses = parts(sequence, self.names)
        for line in [*losses, *unwritten(sequence, [SUSTAIN], USUAL)]:
            where = sequence.source.path or "this piece"
            warnings.warn(f"{where}: {line}", UserWarning, stacklevel=2)
        root = Element("score-partwise", version="4.0")
        title = self.title or sequence.source.title or PurePath(sequence.source.path).stem
        if title:
            SubElement(root, "movement-title").text = title
        if composer := sequence.source.composer:
            creator = SubElement(SubElement(root, "identification"), "creator", type="composer")
            creator.text = composer
        _part_list(root, found)
        longest = max((part.score for part in found), key=lambda score: score.end)
        lines = ends_of(longest, longest.end)
        laid = [lay(part, lines) for part in found]
        divisions = TICKS // math.gcd(TICKS, *_times(found, laid))
        pickup = longest.pickup > 0
        for number, part in enumerate(found):
            element = SubElement(root, "part", id=part.id)
            loud = marks(part, lines) if self.dynamics else ()
            writer = MeasureWriter(part, laid[number], divisions, number == 0, loud)
            for at, measure in enumerate(laid[number]):
                implicit = pickup and not at
                element.append(writer.write(at, at + 1 - pickup, measure, implicit))
            final = SubElement(element[-1], "barline", location="right")
            SubElement(final, "bar-style").text = "light-heavy"
        indent(root)
        return (HEADER + tostring(root, "unicode") + "\n").encode()


def _times(found: list[Part], laid: list[list[Laid]]) -> set[int]:
    """Return all ticks that the divisions have to express."""
    ticks = {tick for measures in laid for measure in measures for tick in measure.ticks()}
    for part in found:
        ticks |= {row[0] for rows in (part.score.chords, part.score.tempos) for row in rows}
        ticks |= {tick for tick, _ in part.pedal}
    return ticks


def _part_list(root: Element, found: list[Part]) -> None:
    listed = SubElement(root, "part-list")
    pitched = 0
    for part in found:
        one = SubElement(listed, "score-part", id=part.id)
        name = SubElement(one, "part-name")
        name.text = part.name
        if len(found) == 1:
            name.set("print-object", "no")  # a reader knows what lies on the piano
        channel = DRUMS if part.drums else CHANNELS[pitched % len(CHANNELS)]
        pitched += not part.drums
        pitches = {pitch for _, _, pitch in part.score.notes}
        keys: list[int | None] = [*sorted(pitches)] if part.drums else [None]
        for key in keys:
            inside = SubElement(one, "score-instrument", id=instrument_id(part.id, key))
            SubElement(inside, "instrument-name").text = part.name if key is None else f"Drum {key}"
        for key in keys:
            midi = SubElement(one, "midi-instrument", id=instrument_id(part.id, key))
            SubElement(midi, "midi-channel").text = str(channel + 1)
            mixed = part.mixed
            if bank := 128 * mixed.get(BANK, 0) + mixed.get(BANK_LOW, 0):
                SubElement(midi, "midi-bank").text = str(bank + 1)
            SubElement(midi, "midi-program").text = str(part.program + 1)
            if key is not None:
                SubElement(midi, "midi-unpitched").text = str(key + 1)
            if VOLUME in mixed:
                SubElement(midi, "volume").text = percent(mixed[VOLUME])
            if PAN in mixed:
                SubElement(midi, "pan").text = degrees(mixed[PAN])
