"""The parts of a score: the notes of each instrument in ticks, on one staff or on two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from symgen.notes.abc.writer.time import TICKS, Group, Note, Score, groups, score, separated
from symgen.notes.musicxml.instruments import USUAL
from symgen.notes.musicxml.writer import names
from symgen.notes.musicxml.writer.spelling import Names
from symgen.notes.pedal import DOWN, SUSTAIN
from symgen.notes.sequence import KEY_SIGNATURE, NoteSequence, table
from symgen.notes.theory import keys, meter
from symgen.notes.voices import hands, voices
from symgen.types import Array

KEYBOARDS = frozenset({*range(9), *range(16, 21), 46})
"""Programs that two hands play on two staves: pianos, celesta, organs and harp."""
HANDS = 7  # semitones between the middles of two tracks that are hands


class Part(NamedTuple):
    """One part in ticks: `staves` have voices, which have groups of notes, chords."""

    id: str
    name: str
    score: Score
    program: int
    drums: bool
    staves: list[list[list[Group]]]
    velocities: dict[tuple[int, int], int]  # by tick and pitch
    pedal: list[tuple[int, bool]]  # tick, whether it is down
    mixed: dict[int, int]  # volume, pan and bank by controller
    names: Names


def parts(sequence: NoteSequence, given: Sequence[str]) -> tuple[list[Part], list[str]]:
    """Return the parts, at least one, and what is lost; `given` names come before ours."""
    losses: dict[str, None] = {}
    out: list[Part] = []
    if not len(sequence.key_signatures):  # one key for all parts
        key = keys.key_of(sequence)
        sequence = sequence.replace(
            key_signatures=table(KEY_SIGNATURE, time=0.0, key=key.tonic, mode=key.mode)
        )
    sounds = _sounds(sequence)
    said = sequence.source.names
    called = names.of_parts([(program, drums) for _, program, drums in sounds])
    for number, (instruments, program, drums) in enumerate(sounds):
        own = _notes(sequence, instruments, program, drums)
        found = score(sequence.replace(notes=own))
        losses.update(dict.fromkeys(found.warnings))
        each = [found.notes]
        if len(instruments) > 1:
            alone = [_notes(sequence, [one], program, drums) for one in instruments]
            each = [score(sequence.replace(notes=notes)).notes for notes in alone]
            found = found._replace(notes=sorted(note for notes in each for note in notes))
        out.append(
            Part(
                f"P{number + 1}",
                _name(given, number) or _name(said, instruments[0]) or called[number],
                found,
                program,
                drums,
                _staves(each, program, drums),
                _velocities(sequence, own, found.notes),
                _pedal(sequence, instruments),
                _mixed(sequence, own, instruments, drums),
                Names(found.notes, found.keys),
            )
        )
    return out, list(losses)


def _name(names: Sequence[str], number: int) -> str:
    return names[number] if number < len(names) else ""


def _notes(sequence: NoteSequence, instruments: list[int], program: int, drums: bool) -> Array:
    """Return the notes of instruments as those of one, and drums as pitches."""
    notes = sequence.notes
    mine = np.isin(notes["instrument"], instruments) & (notes["program"] == program)
    own: Array = notes[mine & (notes["is_drum"] == drums)].copy()
    own["is_drum"] = False  # the quantiser leaves drums out
    own["instrument"] = instruments[0]
    return own


def _sounds(sequence: NoteSequence) -> list[tuple[list[int], int, bool]]:
    """Return the instruments of each part, its program, and whether it is drums.

    The two hands of a pianist are often two tracks of a MIDI file; they are one part.
    """
    notes = sequence.notes
    found = sorted(set(map(tuple, notes[["instrument", "program", "is_drum"]].tolist())))
    sounds = [([one], program, bool(drums)) for one, program, drums in found or [(0, 0, False)]]
    pianos = [row for row in sounds if row[1] in KEYBOARDS and not row[2]]
    if sequence.source.format != "midi" or len(pianos) != 2 or pianos[0][1] != pianos[1][1]:
        return sounds
    both = [_notes(sequence, *row) for row in pianos]
    middles = [float(np.median(notes["pitch"])) for notes in both]
    if abs(middles[0] - middles[1]) < HANDS or not all(map(_one_hand, both)):
        return sounds
    order = sorted(zip(middles, pianos, strict=True), key=lambda row: -row[0])
    joined = [one for _, (instruments, _, _) in order for one in instruments]
    at = sounds.index(pianos[0])
    rest = [row for row in sounds if row not in pianos]
    return [*rest[:at], (joined, pianos[0][1], False), *rest[at:]]


def _one_hand(notes: Array) -> bool:
    """Return whether one hand can strike what begins together."""
    _, chord = np.unique(notes["start_time"], return_inverse=True)
    low, high = np.full(chord.max() + 1, 127), np.zeros(chord.max() + 1)
    np.minimum.at(low, chord, notes["pitch"])
    np.maximum.at(high, chord, notes["pitch"])
    return bool(np.mean(high - low > hands.WIDEST) < hands.SHARE)


def _staves(each: list[list[Note]], program: int, drums: bool) -> list[list[list[Group]]]:
    """Return the voices of the staves of a part, at least one of each, from the right hand on.

    `each` has the notes of the hands if they are known, else all notes.
    """
    if drums:
        return [[groups(voice) for voice in separated(each[0])]]
    if len(each) > 1:
        return [_voices(notes) for notes in each]
    notes = each[0]
    if program not in KEYBOARDS or not hands.needed(notes):
        return [_voices(notes)]
    right = hands.upper(notes, TICKS)
    return [
        _voices([note for note, up in zip(notes, right, strict=True) if up]),
        _voices([note for note, up in zip(notes, right, strict=True) if not up]),
    ]


def _voices(notes: list[Note]) -> list[list[Group]]:
    """Return the voices of a staff: two, or more where notes of one pitch overlap."""
    first = voices.upper(notes)
    high = [note for note, up in zip(notes, first, strict=True) if up]
    low = [note for note, up in zip(notes, first, strict=True) if not up]
    found = [*separated(high), *(separated(low) if low else [])]
    return [groups(voice) for voice in found]


def _velocities(
    sequence: NoteSequence, own: Array, notes: list[Note]
) -> dict[tuple[int, int], int]:
    """Return the velocity of each note by its tick and pitch; of two in unison, the louder."""
    begins: dict[int, list[int]] = {}
    for begin, _, pitch in notes:
        begins.setdefault(pitch, []).append(begin)
    out: dict[tuple[int, int], int] = {}
    quarters = meter.quarters(sequence, own["start_time"]) * TICKS
    rows = zip(quarters.tolist(), own["pitch"].tolist(), own["velocity"].tolist(), strict=True)
    known = {pitch: np.unique(ticks) for pitch, ticks in begins.items()}
    for tick, pitch, velocity in rows:
        ticks = known[pitch]
        at = int(ticks[np.abs(ticks - tick).argmin()])
        out[at, pitch] = max(velocity, out.get((at, pitch), 0))
    return out


def _mixed(
    sequence: NoteSequence, own: Array, instruments: list[int], drums: bool
) -> dict[int, int]:
    """Return the controllers of USUAL that are set when the first note begins, and their values."""
    if not len(own):
        return {}
    changes = sequence.control_changes
    mine = np.isin(changes["instrument"], instruments) & (changes["is_drum"] == drums)
    mine &= np.isin(changes["control_number"], list(USUAL))
    mine &= changes["program"] == own["program"][0]
    mine &= changes["time"] <= own["start_time"].min()
    return dict(changes[mine][["control_number", "control_value"]].tolist())


def _pedal(sequence: NoteSequence, instruments: list[int]) -> list[tuple[int, bool]]:
    changes = sequence.control_changes
    mine = np.isin(changes["instrument"], instruments) & (changes["control_number"] == SUSTAIN)
    changes = changes[mine]
    ticks = np.rint(meter.quarters(sequence, changes["time"]) * 48).astype(np.int64) * (TICKS // 48)
    out: list[tuple[int, bool]] = []
    down = False
    for tick, value in zip(ticks.tolist(), changes["control_value"].tolist(), strict=True):
        if (value >= DOWN) != down:
            down = not down
            out.append((tick, down))
    return out
