"""Convert to and from pretty_midi, with exact times.

pretty_midi has no chord symbols, and a NoteSequence has no lyrics.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from symgen.notes.midi.writer import MidiWriter
from symgen.notes.sequence import (
    CHORD,
    CONTROL_CHANGE,
    KEY_SIGNATURE,
    NOTE,
    PITCH_BEND,
    TEMPO,
    TIME_SIGNATURE,
    NoteSequence,
    Source,
    sorted_table,
)

if TYPE_CHECKING:
    import pretty_midi


def to_pretty_midi(sequence: NoteSequence) -> pretty_midi.PrettyMIDI:
    """Return the piece as a `pretty_midi.PrettyMIDI`.

    It has one instrument for each (instrument, program, is_drum).
    """
    import pretty_midi

    frame = sequence.replace(
        notes=np.zeros(0, NOTE),
        control_changes=np.zeros(0, CONTROL_CHANGE),
        pitch_bends=np.zeros(0, PITCH_BEND),
        chords=np.zeros(0, CHORD),
    )
    # reading a file is the only way to set its tempo map
    made = pretty_midi.PrettyMIDI(io.BytesIO(MidiWriter().encode(frame)))
    players: dict[tuple[Any, ...], pretty_midi.Instrument] = {}
    for row in sorted(
        {
            tuple(r)
            for t in (sequence.notes, sequence.control_changes, sequence.pitch_bends)
            for r in t[["instrument", "program", "is_drum"]].tolist()
        }
    ):
        players[row] = pretty_midi.Instrument(row[1], row[2])
    for pitch, velocity, start, end, *player in sequence.notes.tolist():
        players[tuple(player)].notes.append(pretty_midi.Note(velocity, pitch, start, end))
    for time, number, value, *player in sequence.control_changes.tolist():
        players[tuple(player)].control_changes.append(
            pretty_midi.ControlChange(number, value, time)
        )
    for time, bend, *player in sequence.pitch_bends.tolist():
        players[tuple(player)].pitch_bends.append(pretty_midi.PitchBend(bend, time))
    made.instruments.extend(players.values())
    return made


def from_pretty_midi(midi: pretty_midi.PrettyMIDI) -> NoteSequence:
    """Return the piece in a `pretty_midi.PrettyMIDI`; instruments keep their order."""
    players = [
        (i, player, (i, player.program, player.is_drum))
        for i, player in enumerate(midi.instruments)
    ]
    times, tempos = midi.get_tempo_changes()
    return NoteSequence(
        notes=sorted_table(
            [(n.pitch, n.velocity, n.start, n.end, *who) for _, p, who in players for n in p.notes],
            NOTE,
            "start_time",
            "pitch",
        ),
        control_changes=sorted_table(
            [(c.time, c.number, c.value, *who) for _, p, who in players for c in p.control_changes],
            CONTROL_CHANGE,
            "time",
        ),
        pitch_bends=sorted_table(
            [(b.time, b.pitch, *who) for _, p, who in players for b in p.pitch_bends],
            PITCH_BEND,
            "time",
        ),
        tempos=sorted_table(list(zip(times.tolist(), tempos.tolist(), strict=True)), TEMPO, "time"),
        time_signatures=sorted_table(
            [(t.time, t.numerator, t.denominator) for t in midi.time_signature_changes],
            TIME_SIGNATURE,
            "time",
        ),
        key_signatures=sorted_table(
            [(k.time, k.key_number % 12, k.key_number // 12) for k in midi.key_signature_changes],
            KEY_SIGNATURE,
            "time",
        ),
        ticks_per_quarter=midi.resolution,
        source=Source(format="pretty_midi"),
    )
