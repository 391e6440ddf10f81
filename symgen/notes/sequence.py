"""NoteSequence: one piece of music as NumPy arrays.

The concept and the field names are those of the NoteSequence protocol buffer of Magenta and
note_seq, stored in structured arrays, so that a million notes take milliseconds. Times are seconds
(float64) from the beginning of the file. A sequence is immutable: `replace` makes a changed copy,
and the arrays are read-only.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from symgen.errors import counted
from symgen.types import Array as Array

if TYPE_CHECKING:
    import pretty_midi

NOTE = np.dtype(
    [
        ("pitch", np.int16),
        ("velocity", np.int16),
        ("start_time", np.float64),
        ("end_time", np.float64),
        ("instrument", np.int16),
        ("program", np.int16),
        ("is_drum", np.bool_),
    ]
)
TEMPO = np.dtype([("time", np.float64), ("qpm", np.float64)])
TIME_SIGNATURE = np.dtype(
    [("time", np.float64), ("numerator", np.int16), ("denominator", np.int16)]
)
# key: 0..11 from C; mode: 0 major, 1 minor
KEY_SIGNATURE = np.dtype([("time", np.float64), ("key", np.int16), ("mode", np.int16)])
CONTROL_CHANGE = np.dtype(
    [
        ("time", np.float64),
        ("control_number", np.int16),
        ("control_value", np.int16),
        ("instrument", np.int16),
        ("program", np.int16),
        ("is_drum", np.bool_),
    ]
)
# bend: -8192..8191 from the middle; its range is 2 semitones, or what RPN 0 among the controls says
PITCH_BEND = np.dtype(
    [
        ("time", np.float64),
        ("bend", np.int16),
        ("instrument", np.int16),
        ("program", np.int16),
        ("is_drum", np.bool_),
    ]
)
CHORD = np.dtype([("time", np.float64), ("symbol", "U32")])


@dataclasses.dataclass(frozen=True)
class Source:
    """The origin of a sequence: `path`, `format`, and `warnings`, one line for each repair or loss.

    `title` and `composer` are those in the file, or ""; `names` are the names that scores give
    instruments 0, 1, ... `unplayed` has one line for each thing in the file that
    the notes do not hold, such as grace notes, aftertouch and bends; losses are "N things left
    out". `remarks` has lines on what is usual in such files, such as a pedal in a separate track;
    they are for a user who asks for more.
    """

    path: str = ""
    format: str = ""
    warnings: tuple[str, ...] = ()
    title: str = ""
    unplayed: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    composer: str = ""
    names: tuple[str, ...] = ()

    @property
    def left_out(self) -> dict[str, int]:
        """What `unplayed` says is left out, in the plural, and how often; repeats are no loss.

        Bends have a table of their own, and are not among them.
        """
        counts: dict[str, int] = {}
        for line in self.unplayed:
            if found := _LEFT_OUT.fullmatch(line):
                what = found[2] if found[2].endswith("s") else f"{found[2]}s"
                counts[what] = counts.get(what, 0) + int((found[1] or "1").replace(",", ""))
        return counts


_LEFT_OUT = re.compile(r"(?:([\d,]+) )?(.+) left out")


def _empty(dtype: np.dtype[Any]) -> Any:
    return dataclasses.field(default_factory=lambda: np.zeros(0, dtype))


@dataclasses.dataclass(frozen=True, eq=False)
class NoteSequence:
    """One piece. Readers sort `notes` by (start_time, pitch), and the other tables by time."""

    notes: Array = _empty(NOTE)
    tempos: Array = _empty(TEMPO)
    time_signatures: Array = _empty(TIME_SIGNATURE)
    key_signatures: Array = _empty(KEY_SIGNATURE)
    control_changes: Array = _empty(CONTROL_CHANGE)
    pitch_bends: Array = _empty(PITCH_BEND)
    chords: Array = _empty(CHORD)
    total_time: float = 0.0  # seconds; at least the last note's end
    first_bar_time: float = 0.0  # seconds; the end of the pickup bar, if there is one
    ticks_per_quarter: int = 220
    source: Source = Source()

    def __post_init__(self) -> None:
        for name, dtype in TABLES.items():
            table = np.ascontiguousarray(getattr(self, name), dtype=dtype).view()
            table.flags.writeable = False
            object.__setattr__(self, name, table)
        end = float(self.notes["end_time"].max()) if len(self.notes) else 0.0
        object.__setattr__(self, "total_time", max(float(self.total_time), end))

    def replace(self, **changes: Any) -> NoteSequence:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoteSequence):
            return NotImplemented
        same = all(np.array_equal(getattr(self, n), getattr(other, n)) for n in TABLES)
        return same and (self.total_time, self.first_bar_time) == (
            other.total_time,
            other.first_bar_time,
        )

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.notes)

    def __repr__(self) -> str:
        size = f"{counted(len(self.notes), 'note')}, {self.total_time:.1f} s"
        return f"<NoteSequence {self.source.path!r}: {size}>"

    def to_proto(self) -> Any:
        """Return the piece as a `note_seq.NoteSequence` protocol buffer (extra `interop`)."""
        from symgen.notes.interop import note_seq as proto

        return proto.to_proto(self)

    @classmethod
    def from_proto(cls, message: Any) -> NoteSequence:
        """Return the piece in a `note_seq.NoteSequence` protocol buffer."""
        from symgen.notes.interop import note_seq as proto

        return proto.from_proto(message)

    def to_pretty_midi(self) -> pretty_midi.PrettyMIDI:
        """Return the piece as a `pretty_midi.PrettyMIDI`."""
        from symgen.notes.interop import pretty_midi as exchange

        return exchange.to_pretty_midi(self)

    @classmethod
    def from_pretty_midi(cls, midi: pretty_midi.PrettyMIDI) -> NoteSequence:
        """Return the piece in a `pretty_midi.PrettyMIDI`."""
        from symgen.notes.interop import pretty_midi as exchange

        return exchange.from_pretty_midi(midi)


TABLES: dict[str, np.dtype[Any]] = {
    "notes": NOTE,
    "tempos": TEMPO,
    "time_signatures": TIME_SIGNATURE,
    "key_signatures": KEY_SIGNATURE,
    "control_changes": CONTROL_CHANGE,
    "pitch_bends": PITCH_BEND,
    "chords": CHORD,
}


def table(dtype: np.dtype[Any], **columns: Any) -> Array:
    """Build a structured array from columns, which are broadcast; other fields are zero."""
    arrays = {name: np.atleast_1d(np.asarray(values)) for name, values in columns.items()}
    out = np.zeros(next((len(a) for a in arrays.values() if len(a) != 1), int(bool(arrays))), dtype)
    for name, values in arrays.items():
        out[name] = values
    return out


def sorted_table(rows: list[tuple[Any, ...]], dtype: np.dtype[Any], *by: str) -> Array:
    """Build a structured array from rows, sorted by the columns `by` (stable)."""
    made = np.array(rows, dtype)
    return made[np.lexsort([made[name] for name in reversed(by)])]


def notes_of(rows: Iterable[tuple[int, int, float, float]]) -> Array:
    """Build a note table from rows (pitch, velocity, start_time, end_time)."""
    rows = list(rows)
    out = np.zeros(len(rows), NOTE)
    for i, row in enumerate(rows):
        out[i] = (*row, 0, 0, False)
    return out
