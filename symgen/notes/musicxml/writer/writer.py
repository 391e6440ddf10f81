"""The MusicXML writer: a piece whose notes lie on a grid, as a partwise score.

Each instrument and program is a part of one staff. Times are quantised as for ABC: to 48ths of a
quarter note, or to tuplets of 5, 7 and 9. Notes that overlap are chords with ties; overlapping
notes of one pitch are in separate voices. A bar line splits a note into tied notes. A key that
changes inside a bar does so at the next bar line. Chord symbols and tempos are in the first part.
Velocities are the `dynamics` of the notes, of two in unison the louder, and the sustain pedal is
pedal marks. Warnings list moved notes and other losses; other controllers are left out.
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from pathlib import PurePath
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from symgen.notes.abc.writer.time import TICKS, Score, score
from symgen.notes.base import Writer
from symgen.notes.musicxml.writer.measures import (
    Laid,
    MeasureWriter,
    Staff,
    ends_of,
    instrument_id,
    lay,
)
from symgen.notes.pedal import DOWN, SUSTAIN
from symgen.notes.sequence import NoteSequence
from symgen.notes.theory import meter
from symgen.types import Array

HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)
DRUMS = 9  # channel, from 0
CHANNELS = [c for c in range(16) if c != DRUMS]


@dataclasses.dataclass(frozen=True)
class MusicXmlWriter(Writer):
    """Scores as plain MusicXML 4.0. `title` replaces the title of the piece."""

    title: str | None = None
    names: tuple[str, ...] = ()  # of the parts

    def encode(self, sequence: NoteSequence) -> bytes:
        """Return the score in UTF-8; a UserWarning for each loss."""
        parts, losses = _parts(sequence)
        for line in losses:
            where = sequence.source.path or "this piece"
            warnings.warn(f"{where}: {line}", UserWarning, stacklevel=2)
        root = Element("score-partwise", version="4.0")
        title = self.title or sequence.source.title or PurePath(sequence.source.path).stem
        if title:
            SubElement(root, "movement-title").text = title
        _part_list(root, parts, self.names)
        longest = max((part.score for part in parts), key=lambda found: found.end)
        lines = ends_of(longest, longest.end)
        laid = [lay(part, lines) for part in parts]
        divisions = TICKS // math.gcd(TICKS, *_times(parts, laid))
        pickup = longest.pickup > 0
        for number, part in enumerate(parts):
            element = SubElement(root, "part", id=part.id)
            writer = MeasureWriter(part, divisions, first=number == 0)
            for at, measure in enumerate(laid[number]):
                element.append(writer.write(at + 1 - pickup, measure, pickup and not at))
        indent(root)
        return (HEADER + tostring(root, "unicode") + "\n").encode()


def _times(parts: list[Staff], laid: list[list[Laid]]) -> set[int]:
    """Return all ticks that the divisions have to express."""
    ticks = {tick for measures in laid for measure in measures for tick in measure.ticks()}
    for part in parts:
        ticks |= {row[0] for rows in (part.score.chords, part.score.tempos) for row in rows}
        ticks |= {tick for tick, _ in part.pedal}
    return ticks


def _parts(sequence: NoteSequence) -> tuple[list[Staff], list[str]]:
    """Return the parts, at least one, and what is lost."""
    notes = sequence.notes
    sounds = dict.fromkeys(sorted(map(tuple, notes[["instrument", "program", "is_drum"]].tolist())))
    losses: dict[str, None] = {}
    parts: list[Staff] = []
    for instrument, program, drums in sounds or [(0, 0, False)]:
        mine = (notes["instrument"] == instrument) & (notes["program"] == program)
        own = notes[mine & (notes["is_drum"] == drums)].copy()
        own["is_drum"] = False  # the quantiser leaves drums out
        found = score(sequence.replace(notes=own))
        losses.update(dict.fromkeys(found.warnings))
        velocities = _velocities(sequence, own, found)
        pedal = _pedal(sequence, instrument)
        id_ = f"P{len(parts) + 1}"
        parts.append(Staff(id_, found, program, bool(drums), velocities, pedal))
    return parts, list(losses)


def _velocities(sequence: NoteSequence, notes: Array, found: Score) -> dict[tuple[int, int], int]:
    """Return the velocity of each note by its tick and pitch; of two in unison, the louder."""
    begins: dict[int, list[int]] = {}
    for voice in found.voices:
        for group in voice:
            for pitch in group.pitches:
                begins.setdefault(pitch, []).append(group.begin)
    out: dict[tuple[int, int], int] = {}
    quarters = meter.quarters(sequence, notes["start_time"]) * TICKS
    rows = zip(quarters.tolist(), notes["pitch"].tolist(), notes["velocity"].tolist(), strict=True)
    known = {pitch: np.unique(ticks) for pitch, ticks in begins.items()}
    for tick, pitch, velocity in rows:
        ticks = known[pitch]
        at = int(ticks[np.abs(ticks - tick).argmin()])
        out[at, pitch] = max(velocity, out.get((at, pitch), 0))
    return out


def _pedal(sequence: NoteSequence, instrument: int) -> list[tuple[int, bool]]:
    changes = sequence.control_changes
    mine = (changes["control_number"] == SUSTAIN) & (changes["instrument"] == instrument)
    changes = changes[mine]
    ticks = np.rint(meter.quarters(sequence, changes["time"]) * 48).astype(np.int64) * (TICKS // 48)
    out: list[tuple[int, bool]] = []
    down = False
    for tick, value in zip(ticks.tolist(), changes["control_value"].tolist(), strict=True):
        if (value >= DOWN) != down:
            down = not down
            out.append((tick, down))
    return out


def _part_list(root: Element, parts: list[Staff], names: tuple[str, ...]) -> None:
    listed = SubElement(root, "part-list")
    pitched = 0
    for number, part in enumerate(parts):
        one = SubElement(listed, "score-part", id=part.id)
        name = names[number] if number < len(names) else f"Part {number + 1}"
        SubElement(one, "part-name").text = name
        channel = DRUMS if part.drums else CHANNELS[pitched % len(CHANNELS)]
        pitched += not part.drums
        pitches = {p for voice in part.score.voices for group in voice for p in group.pitches}
        keys: list[int | None] = [*sorted(pitches)] if part.drums else [None]
        for key in keys:
            inside = SubElement(one, "score-instrument", id=instrument_id(part.id, key))
            SubElement(inside, "instrument-name").text = name if key is None else f"Drum {key}"
        for key in keys:
            midi = SubElement(one, "midi-instrument", id=instrument_id(part.id, key))
            SubElement(midi, "midi-channel").text = str(channel + 1)
            SubElement(midi, "midi-program").text = str(part.program + 1)
            if key is not None:
                SubElement(midi, "midi-unpitched").text = str(key + 1)
