"""What a part holds besides its notes: events at a place in a measure."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any, NamedTuple

from symgen.errors import counted

END = -1  # the place of what belongs to the end of its measure, whose length is not known yet


class Kind(enum.Enum):
    """The kinds of events, with their values."""

    METER = "numerator and denominator, or None for music without a meter"
    KEY = "tonic 0..11 from C as it sounds, and mode: 0 major, 1 minor"
    CHORD = "symbol as it sounds"
    TEMPO = "quarters per minute"
    PRINTED_TEMPO = "quarters per minute, by a metronome mark"
    RELATIVE_TEMPO = "the new tempo as a multiple of the old one"
    DYNAMIC = "velocity from here on"
    STROKE = "velocity of the notes that begin here only"
    WEDGE = "type (crescendo, diminuendo, stop) and number"
    CONTROL = "controller and value"
    PROGRAM = "id of an instrument and its MIDI settings"
    FORWARD = "the start of a repeat"
    BACKWARD = "the end of a repeat: times (0 if not said), and whether it counts after a jump"
    ENDING = "the start of an ending: its numbers"
    ENDING_STOP = "the end of an ending"
    SEGNO = "name of the segno here"
    CODA = "name of the coda here"
    TO_CODA = "name of the coda to jump to"
    DA_CAPO = "jump to the beginning"
    DAL_SEGNO = "name of the segno to jump to"
    FINE = "the end, after a jump"


class Event(NamedTuple):
    """An event; `at` is in units from the beginning of the measure, or END.

    `staff` counts from 1; of a mark without a staff, and of what is for all staves, it is 0.
    """

    measure: int
    at: int
    kind: Kind
    value: Any = None
    staff: int = 0


class BadNumber(Exception):
    """A number that cannot be read; the message says what and where."""


@dataclasses.dataclass
class Tally:
    """Counts what is left out or changed, for the lines of a Source."""

    found: dict[str, int] = dataclasses.field(default_factory=dict)

    def add(self, what: str, number: int = 1) -> None:
        """Count `what`, a noun with the rest after a bar: "grace note| left out"."""
        self.found[what] = self.found.get(what, 0) + number

    def lines(self) -> tuple[str, ...]:
        """Return a line for each: "2 grace notes left out"."""
        return tuple(
            counted(number, noun) + rest
            for what, number in self.found.items()
            for noun, _, rest in [what.partition("|")]
        )
