"""Convert to and from the NoteSequence protocol buffer of note_seq; a round trip gives an equal
piece.

Chords are text annotations of the type CHORD_SYMBOL. The protocol buffer has no field for the first
bar line; it is a text annotation without a type, with the text `first_bar_time`. When reading,
fields that we lack (sections, quantized steps) are ignored.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from symgen.errors import DataError, MissingExtra
from symgen.notes.sequence import (
    CHORD,
    CONTROL_CHANGE,
    KEY_SIGNATURE,
    NOTE,
    PITCH_BEND,
    TABLES,
    TEMPO,
    TIME_SIGNATURE,
    NoteSequence,
    Source,
    sorted_table,
)

FIRST_BAR = "first_bar_time"
_SIMPLE = (
    "notes",
    "tempos",
    "time_signatures",
    "key_signatures",
    "control_changes",
    "pitch_bends",
)
_FORMATS = {"musicxml": "MUSIC_XML", "abc": "ABC", "midi": "MIDI"}


def message_class() -> Any:
    """Return the NoteSequence class of note_seq; MissingExtra if it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # from its dependencies
            from note_seq.protobuf import music_pb2
    except ImportError:
        raise MissingExtra(
            "note-seq", "interop", "exchanging NoteSequence protocol buffers"
        ) from None
    return music_pb2.NoteSequence


def to_proto(sequence: NoteSequence) -> Any:
    """Return `sequence` as a `note_seq.NoteSequence`."""
    cls = message_class()
    message = cls(
        ticks_per_quarter=sequence.ticks_per_quarter,
        total_time=sequence.total_time,
        filename=sequence.source.path,
    )
    if sequence.source.format in _FORMATS:
        message.source_info.encoding_type = cls.SourceInfo.EncodingType.Value(
            _FORMATS[sequence.source.format]
        )
    for name in _SIMPLE:
        fields = TABLES[name].names or ()
        add = getattr(message, name).add
        for row in getattr(sequence, name).tolist():
            add(**dict(zip(fields, row, strict=True)))
    for time, symbol in sequence.chords.tolist():
        message.text_annotations.add(
            time=time, text=symbol, annotation_type=cls.TextAnnotation.CHORD_SYMBOL
        )
    if sequence.first_bar_time:
        message.text_annotations.add(time=sequence.first_bar_time, text=FIRST_BAR)
    return message


def from_proto(message: Any) -> NoteSequence:
    """Return the piece in a `note_seq.NoteSequence`.

    DataError names the first invalid note, or a number that the tables cannot hold.
    """
    _check_notes(message)
    try:
        return _piece(message)
    except OverflowError as error:
        raise DataError(f"a number is out of range ({error}); correct it first") from None


def _check_notes(message: Any) -> None:
    for i, n in enumerate(message.notes):
        if not (
            0 <= n.pitch <= 127
            and 0 <= n.velocity <= 127
            and 0 <= n.start_time < math.inf
            and 0 <= n.end_time < math.inf
        ):
            raise DataError(
                f"note {i}: pitch {n.pitch}, velocity {n.velocity}, "
                f"{n.start_time} to {n.end_time} s: pitch and velocity are 0 to 127, "
                "times are finite and not below 0; correct it first"
            )


def _piece(message: Any) -> NoteSequence:
    chord = message.TextAnnotation.CHORD_SYMBOL
    texts = message.text_annotations
    numbers = message.SourceInfo.EncodingType
    formats = {numbers.Value(name): ours for ours, name in _FORMATS.items()}
    return NoteSequence(
        notes=sorted_table(
            [
                (n.pitch, n.velocity, n.start_time, n.end_time, n.instrument, n.program, n.is_drum)
                for n in message.notes
            ],
            NOTE,
            "start_time",
            "pitch",
        ),
        tempos=sorted_table([(t.time, t.qpm) for t in message.tempos], TEMPO, "time"),
        time_signatures=sorted_table(
            [(t.time, t.numerator, t.denominator) for t in message.time_signatures],
            TIME_SIGNATURE,
            "time",
        ),
        key_signatures=sorted_table(
            [(k.time, k.key, int(k.mode == 1)) for k in message.key_signatures],
            KEY_SIGNATURE,
            "time",
        ),
        control_changes=sorted_table(
            [
                (c.time, c.control_number, c.control_value, c.instrument, c.program, c.is_drum)
                for c in message.control_changes
            ],
            CONTROL_CHANGE,
            "time",
        ),
        pitch_bends=sorted_table(
            [(b.time, b.bend, b.instrument, b.program, b.is_drum) for b in message.pitch_bends],
            PITCH_BEND,
            "time",
        ),
        chords=sorted_table(
            [(a.time, a.text) for a in texts if a.annotation_type == chord], CHORD, "time"
        ),
        total_time=message.total_time,
        ticks_per_quarter=message.ticks_per_quarter or 220,
        first_bar_time=next((a.time for a in texts if a.text == FIRST_BAR), 0.0),
        source=Source(message.filename, formats.get(message.source_info.encoding_type, "proto")),
    )
